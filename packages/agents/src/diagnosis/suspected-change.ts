import { type Cause, type CmdbReader, type Finding, makeEvidence, parseKubernetesItemId } from '@tier0/core';
import type { FindingDraft } from '../findings/finding-draft.ts';
import { changesIn, type NearbyChange, readBy, readersOf } from '../kubernetes/change/nearby-change.ts';
import { nameOf } from '../kubernetes/objects/pod-view.ts';
import { instantAt } from '../kubernetes/objects/read-object.ts';
import { hasRevisions } from '../kubernetes/objects/revisions.ts';
import { sayDuration } from '../kubernetes/objects/say.ts';
import { workloadBehind } from '../kubernetes/objects/workload-index.ts';
import { rootFindings } from './root-findings.ts';

/** A change that something vague is put down to, and the finding that it explains. */
export interface Suspicion {
  readonly draft: FindingDraft;
  /** Fingerprints of the findings that it explains. */
  readonly symptoms: readonly string[];
}

/** How long before the first sign a change may have been made, and how far clocks may differ. */
const WINDOW_MS = 600_000;
const CLOCKS_MS = 2_000;
/** What is made this soon after a workload was made with it. */
const TOGETHER_MS = 5_000;

/** Causes that say who suffers, and not of what. */
const VAGUE: ReadonlySet<Cause> = new Set([
  'needs-investigation',
  'application-bug',
  'dependency-down',
  'dependency-slow',
  'probe-dependency',
  'readiness-probe-wrong',
  'liveness-probe-wrong',
]);
/** What a program says, and that it ends or is not ready without saying why. What the kubelet says of volumes and images tells more. */
const SUFFERS = /^T0-(?:LOG-(?!035)\d+|POD-(?:004|030|031|037|038|042|043))$/;

/**
 * For each root cause that only says who suffers: the one thing near it that was changed within ten minutes before the first sign, where
 * nothing of its own was. Near is what its evidence names and what stands behind that; without any of these, its namespace and those of the
 * Services it uses. Where two were changed, neither is named.
 */
export function suspectedChanges(findings: readonly Finding[], reader: CmdbReader): readonly Suspicion[] {
  const roots = rootFindings(findings.filter(({ severity }) => severity === 'fault'));
  const suspected = roots
    .filter(({ cause, code }) => VAGUE.has(cause) && SUFFERS.test(code))
    .flatMap((root) => {
      const change = changeBefore(root, reader);
      return change === undefined ? [] : [{ root, change }];
    });
  return [...Map.groupBy(suspected, ({ change }) => change.item).values()].map((group) => suspicionOf(group, reader));
}

function suspicionOf(group: readonly { readonly root: Finding; readonly change: NearbyChange }[], reader: CmdbReader): Suspicion {
  const [{ root, change }] = group as [(typeof group)[number]];
  const signMs = Date.parse(root.since ?? reader.at);
  const atMs = change.atMs ?? signMs;
  const before = change.atMs === undefined ? '' : ` ${sayDuration(signMs - atMs)} before this began`;
  const told = `${change.kind} ${nameOf(change.item)} ${change.told}${before}, and nothing else near it was: ${root.message}`;
  const text = `${change.atMs === undefined ? '' : `${new Date(atMs).toISOString()} `}${change.item} ${change.told}`;
  const { namespace = '' } = parseKubernetesItemId(root.subject) ?? {};
  const query = `what was changed near ${namespace}/${nameOf(root.subject)}`;
  return {
    draft: {
      code: 'T0-CHANGE-001',
      subject: change.item,
      key: change.told,
      message: told,
      sinceMs: change.atMs,
      evidence: [makeEvidence({ source: 'cmdb', query, fromMs: atMs, toMs: Math.max(signMs, atMs), text })],
      // Who reads what was changed has to read it anew once it is put right.
      seenOn: [...group.map((one) => one.root.subject), ...readersOf(reader, change.item)],
    },
    symptoms: group.map((one) => one.root.fingerprint),
  };
}

function changeBefore(root: Finding, reader: CmdbReader): NearbyChange | undefined {
  const signMs = Date.parse(root.since ?? '');
  const madeMs = instantAt(reader.object(root.subject), 'metadata', 'creationTimestamp');
  if (Number.isNaN(signMs) || madeMs === undefined) return undefined;
  const own = new Set([root.subject, ...readBy(reader, root.subject)]);
  const used = usedBy(root, reader);
  const namespaces = new Set([root.subject, ...used].map((item) => parseKubernetesItemId(item)?.namespace ?? ''));
  namespaces.delete('');
  const inTime = [...namespaces]
    .flatMap((namespace) => changesIn(reader, namespace))
    .filter(({ atMs }) => atMs === undefined || (atMs <= signMs + CLOCKS_MS && atMs >= signMs - WINDOW_MS))
    .filter(({ atMs, isNew }) => !isNew || (atMs ?? 0) > madeMs + TOGETHER_MS);
  if (inTime.some(({ item }) => own.has(item))) return undefined;
  const others = withoutFollowers(inTime, reader);
  const near = others.filter(({ item }) => used.has(item) || speaksOf(root.message, nameOf(item)));
  // What was made after a change and never worked may be wrong by itself.
  const before = others.filter(({ atMs }) => atMs !== undefined && atMs >= madeMs);
  return onlyOne(near.length > 0 ? near : before);
}

/** A shorter name stands in too many sentences. */
const NAME_LENGTH = 4;

/** What a program says holds the name of an object. */
function speaksOf(message: string, name: string): boolean {
  const said = message.slice(message.indexOf('"') + 1);
  return name.length >= NAME_LENGTH && new RegExp(`(?<![\\w-])${name.replaceAll('.', '\\.')}(?![\\w-])`).test(said);
}

/** The one change whose time is known, or else the one whose time is not. */
function onlyOne(changes: readonly NearbyChange[]): NearbyChange | undefined {
  const timed = changes.filter(({ atMs }) => atMs !== undefined);
  const [change, ...more] = timed.length > 0 ? timed : changes;
  return more.length > 0 ? undefined : change;
}

/** Services that a finding's evidence names or its workload uses, who stands behind them, and what these read. */
function usedBy({ subject, suspects = [] }: Finding, reader: CmdbReader): ReadonlySet<string> {
  const services = [...suspects, ...reader.relations(subject, 'out', 'dependsOn').map(({ to }) => to)];
  const behind = services.flatMap((service) => workloadBehind(reader, service) ?? []).filter((workload) => workload !== subject);
  return new Set([...services, ...behind, ...behind.flatMap((workload) => readBy(reader, workload))]);
}

/**
 * Of a workload and what it reads one speaks: what it reads where it was only started anew, which is when that was felt; else the workload.
 */
function withoutFollowers(changes: readonly NearbyChange[], reader: CmdbReader): readonly NearbyChange[] {
  const byItem = new Map(changes.map((change) => [change.item, change]));
  for (const { item, kind, atMs, isRestart } of changes) {
    if (!hasRevisions(kind)) continue;
    const sources = readBy(reader, item).flatMap((source) => byItem.get(source) ?? []);
    if (sources.length === 0) continue;
    if (!isRestart) for (const source of sources) byItem.delete(source.item);
    else byItem.delete(item);
    if (isRestart)
      for (const source of sources)
        byItem.set(source.item, { ...source, atMs: source.atMs ?? atMs, told: `${source.told}, and ${nameOf(item)} was started anew` });
  }
  return [...byItem.values()];
}
