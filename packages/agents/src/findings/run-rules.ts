import { type CmdbReader, distinctGaps, type Finding, type Gap, parseKubernetesItemId, toTier0Error } from '@tier0/core';
import { type GuardedReader, guardReader } from './guarded-reader.ts';
import { codesOf, type Matter } from './matter.ts';
import type { Rule } from './rule.ts';
import { toFinding } from './to-finding.ts';
import { together } from './together.ts';

/** What the rules found, and what they could not look at. */
export interface RuleRun {
  /** Sorted by subject and code; one finding for each fingerprint. */
  readonly findings: readonly Finding[];
  readonly unknowns: readonly Gap[];
}

/** Kinds without which little can be said; when no source was asked for one, that is said. */
const EXPECTED_KINDS = [
  'Deployment',
  'ReplicaSet',
  'StatefulSet',
  'DaemonSet',
  'Pod',
  'Service',
  'EndpointSlice',
  'ConfigMap',
  'PersistentVolumeClaim',
  'Node',
  'Event',
];

/** How rules are run. */
export interface RunRulesOptions {
  /** Milliseconds of processor time that one rule may take; what it had found until then is dropped, and that is said. Default 10,000. */
  readonly budgetMs?: number | undefined;
}

/** Objects that are left out for one rule before the rule itself is given up. */
const MAX_LEFT_OUT = 20;
const BUDGET_MS = 10_000;

/**
 * Runs the rules of every matter over one snapshot. An object at which a rule fails is left out for that rule and said; a rule that fails
 * without one, or takes too long, is an unknown. Nothing is ever the end of the run.
 */
export function runRules(matters: readonly Matter[], reader: CmdbReader, { budgetMs = BUDGET_MS }: RunRulesOptions = {}): RuleRun {
  const unknowns: Gap[] = [...coverageGaps(reader)];
  const codes = codesOf(matters);
  const rules = matters.flatMap((matter) => matter.rules);
  // One reader for all of them: what rules index they index once.
  const shared = guardReader(reader);
  const findings = rules.flatMap((rule) => {
    const { found, unknown } = runRule(rule, { reader, shared, budgetMs, codes });
    unknowns.push(...unknown);
    return found;
  });
  const distinct = new Map<string, Finding>();
  for (const finding of findings) {
    const known = distinct.get(finding.fingerprint);
    distinct.set(finding.fingerprint, known === undefined ? finding : together(known, finding));
  }
  return { findings: [...distinct.values()].sort(compareFindings), unknowns: distinctGaps(unknowns) };
}

interface Running {
  readonly reader: CmdbReader;
  readonly shared: GuardedReader;
  readonly budgetMs: number;
  readonly codes: ReturnType<typeof codesOf>;
}

function runRule(
  rule: Rule,
  { reader, shared, budgetMs, codes }: Running,
): { readonly found: readonly Finding[]; readonly unknown: readonly Gap[] } {
  const hidden = new Map<string, string>();
  let guard = shared;
  for (;;) {
    guard.begin(budgetMs);
    try {
      const found = rule.check(guard.reader).map((draft) => toFinding(draft, codes));
      return { found, unknown: [...hidden].map(([item, message]) => notJudged(rule, item, message)) };
    } catch (error) {
      const { code, message } = toTier0Error(error);
      const at = guard.lastRead();
      if (code === 'BUDGET_EXCEEDED' || at === undefined || hidden.has(at) || hidden.size >= MAX_LEFT_OUT)
        return { found: [], unknown: [{ source: rule.name, code: 'not-judged', message: `could not run rule ${rule.name}: ${message}` }] };
      hidden.set(at, message);
      guard = guardReader(reader, new Set(hidden.keys()));
    }
  }
}

/** Whether a rule could not run at all, rather than leave out what it could not judge. */
export function isBrokenRule({ code, kind }: Gap): boolean {
  return code === 'not-judged' && kind === undefined;
}

function notJudged(rule: Rule, item: string, why: string): Gap {
  const { kind, namespace } = parseKubernetesItemId(item) ?? {};
  return { source: rule.name, kind, namespace, code: 'not-judged', message: `could not judge ${item} by rule ${rule.name}: ${why}` };
}

/** One for each kind that was refused or failed, one for all that nobody was asked for. A kind that is not installed is no gap. */
function coverageGaps(reader: CmdbReader): readonly Gap[] {
  const rows = reader.slices().flatMap(({ slice, coverage }) => coverage.map((row) => ({ ...row, source: slice.source })));
  const gaps = rows.flatMap(({ source, kind, namespace, state, reason = state }): readonly Gap[] => {
    if (state !== 'forbidden' && state !== 'failed') return [];
    const where = namespace === undefined ? '' : ` in ${namespace}`;
    return [{ source, kind, namespace, code: state, message: `could not check ${kind === '*' ? 'everything' : kind}${where}: ${reason}` }];
  });
  const known = new Set(rows.map((row) => row.kind));
  const unasked = EXPECTED_KINDS.filter((kind) => !known.has(kind));
  const message = `not part of what was read: ${unasked.join(', ')}`;
  return unasked.length > 0 ? [...gaps, { source: 'rules', code: 'not-asked', message }] : gaps;
}

function compareFindings(a: Finding, b: Finding): number {
  const left = `${a.subject}\n${a.code}\n${a.fingerprint}`;
  const right = `${b.subject}\n${b.code}\n${b.fingerprint}`;
  return left < right ? -1 : left > right ? 1 : 0;
}
