import { type CmdbReader, type Evidence, makeEvidence, parseKubernetesItemId, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { warningOfAbsent } from '../objects/events.ts';
import { existence, siblingId } from '../objects/existence.ts';
import { fullQuotas } from '../objects/full-quotas.ts';
import { indexed } from '../objects/indexed.ts';
import { makersBehind } from '../objects/makers.ts';
import { isUp, livePodsByWorkload, nameOf, type PodView, troubledPods } from '../objects/pod-view.ts';
import { listAt, numberAt } from '../objects/read-object.ts';
import { type Reference, type ReferenceKind, referencesOf, subPathReferences } from '../objects/reference.ts';
import { tellingWords } from '../objects/telling-words.ts';
import { podSpecPath, workloadOf, workloadsOf } from '../objects/workload.ts';

/** References from pod specifications to objects, or keys of them, that do not exist. The missing object is the subject. */
export const configurationRule: Rule = {
  name: 'configuration',
  check: (reader) => [...templates(reader).flatMap((holder) => missingOf(reader, holder)), ...podsWithOwnSpec(reader)],
};

/** What holds a pod specification, and how badly it needs what it names now. */
interface Holder {
  readonly id: string;
  readonly path: readonly string[];
  readonly severity: 'fault' | 'degraded';
}

function templates(reader: CmdbReader): readonly Holder[] {
  const scheduled = ['CronJob', 'Job'].flatMap((kind) => reader.items({ kind }).items).filter(({ id }) => workloadOf(reader, id) === id);
  return [...workloadsOf(reader), ...scheduled].map(({ id, kind }) => {
    return { id, path: podSpecPath(kind) as readonly string[], severity: needOf(reader, id, kind) };
  });
}

/** Pods that wait: their own specification may be of another revision than the template, or the template may not have been read. */
function podsWithOwnSpec(reader: CmdbReader): readonly FindingDraft[] {
  const waiting = troubledPods(reader).filter(({ object }) => readField(object, ['status', 'phase']) === 'Pending');
  return waiting.flatMap((pod) => missingOf(reader, { id: pod.id, path: ['spec'], severity: 'fault' }));
}

/** What runs already holds a copy; only what is to start now lacks what is not there. */
function needOf(reader: CmdbReader, id: string, kind: string): Holder['severity'] {
  const object = reader.object(id);
  if (kind === 'CronJob') return readField(object, ['spec', 'suspend']) === true ? 'degraded' : 'fault';
  if (kind === 'Job') return isJobOver(object) ? 'degraded' : 'fault';
  const pods = livePodsByWorkload(reader).get(id) ?? [];
  if (pods.some((pod) => !isUp(pod.object))) return 'fault';
  const wanted = kind === 'DaemonSet' ? numberAt(object, 'status', 'desiredNumberScheduled') : (numberAt(object, 'spec', 'replicas') ?? 1);
  const ready = numberAt(object, 'status', kind === 'DaemonSet' ? 'numberReady' : 'readyReplicas') ?? pods.length;
  return ready < (wanted ?? 0) ? 'fault' : 'degraded';
}

function isJobOver(job: unknown): boolean {
  const over = listAt(job, 'status', 'conditions').some((entry) => ['Complete', 'Failed'].includes(String(readField(entry, ['type']))));
  return over || readField(job, ['spec', 'suspend']) === true;
}

const MISSING: Readonly<Record<ReferenceKind, string>> = {
  ConfigMap: 'T0-POD-006',
  Secret: 'T0-POD-008',
  ServiceAccount: 'T0-POD-060',
  PersistentVolumeClaim: 'T0-POD-061',
};

function missingOf(reader: CmdbReader, holder: Holder): readonly FindingDraft[] {
  const spec = readField(reader.object(holder.id), holder.path);
  if (spec === undefined) return [];
  const references = referencesOf(spec);
  const missing = references.flatMap((reference) => missingObject(reader, holder, reference));
  const keys = [...references, ...subPathReferences(spec)].flatMap((reference) => missingKey(reader, holder, reference));
  return [...missing, ...keys];
}

function missingObject(reader: CmdbReader, holder: Holder, { kind, name, via, path }: Reference): readonly FindingDraft[] {
  const target = siblingId(holder.id, kind, name);
  if (!isAbsent(reader, target)) return [];
  return [
    {
      code: MISSING[kind],
      subject: target,
      message: `${kind} ${name} does not exist, and ${nameOf(holder.id)} needs it (${via})${nearName(reader, target)}${saidOfAbsent(reader, target)}`,
      evidence: [quote(reader, holder.id, [...holder.path, ...path])],
      severity: holder.severity,
      suspects: [...makersBehind(reader, target), ...(nearNameOf(reader, target) === undefined ? fullQuotas(reader, target) : [])],
    },
  ];
}

function isAbsent(reader: CmdbReader, target: string): boolean {
  const identity = parseKubernetesItemId(target);
  return identity !== undefined && existence(reader, identity) === 'absent';
}

const namesByKind = indexed((reader) => {
  const known = new Map<string, readonly string[]>();
  return (kind: string, namespace: string | undefined): readonly string[] => {
    const key = `${kind}/${namespace}`;
    const names =
      known.get(key) ??
      reader
        .items({ kind })
        .items.filter(({ id }) => parseKubernetesItemId(id)?.namespace === namespace)
        .map(({ name }) => name);
    known.set(key, names);
    return names;
  };
});

function nearName(reader: CmdbReader, target: string): string {
  const near = nearNameOf(reader, target);
  return near === undefined ? '' : `; ${near} exists`;
}

/** What was last said of an object that is not there. */
export function saidOfAbsent(reader: CmdbReader, target: string): string {
  const warning = warningOfAbsent(reader, target);
  return warning === undefined ? '' : `; of it was said ${warning.reason}: ${tellingWords(warning.message)}`;
}

/** The one name that exists and differs little from one that does not: most missing names are misspelt. */
export function nearNameOf(reader: CmdbReader, target: string): string | undefined {
  const { kind = '', namespace, name = '' } = parseKubernetesItemId(target) ?? {};
  const near = namesByKind(reader)(kind, namespace).filter((candidate) => isNear(candidate, name));
  return near.length === 1 ? near[0] : undefined;
}

/** A name of kustomize and Helm ends with a hash of what the object holds: eight to ten small letters and digits, both among them. */
const HASHED = /^(.+-)(?=[a-z]*\d)(?=\d*[a-z])[a-z0-9]{8,10}$/;

/** One is the beginning of the other, they differ in at most two places next to each other, or in the hash at their end. */
function isNear(a: string, b: string): boolean {
  const stem = HASHED.exec(a)?.[1];
  if (stem !== undefined && stem === HASHED.exec(b)?.[1]) return true;
  const shorter = Math.min(a.length, b.length);
  if (shorter >= 4 && (a.startsWith(b) || b.startsWith(a))) return true;
  let head = 0;
  while (head < shorter && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < shorter - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  return shorter >= 4 && Math.max(a.length, b.length) - head - tail <= 2;
}

const MISSING_KEY: Readonly<Partial<Record<ReferenceKind, string>>> = { ConfigMap: 'T0-POD-007', Secret: 'T0-POD-009' };

function missingKey(reader: CmdbReader, holder: Holder, { kind, name, key, via, path }: Reference): readonly FindingDraft[] {
  const code = MISSING_KEY[kind];
  const target = siblingId(holder.id, kind, name);
  const object = key === undefined || code === undefined ? undefined : reader.object(target);
  if (object === undefined || code === undefined || key === undefined || !isKnownWithout(object, kind, key)) return [];
  return [
    {
      code,
      subject: target,
      key,
      facts: { kind, name, key, needer: nameOf(holder.id), via },
      evidence: [quote(reader, holder.id, [...holder.path, ...path]), keysOf(reader, target, object)],
      severity: holder.severity,
    },
  ];
}

/** A Secret whose data was left out of the snapshot may hold any key. */
function isKnownWithout(object: unknown, kind: ReferenceKind, key: string): boolean {
  const fields = kind === 'Secret' ? ['data', 'stringData'] : ['data', 'binaryData'];
  const maps = fields.map((field) => readField(object, [field])).filter((map) => typeof map === 'object' && map !== null);
  if (kind === 'Secret' && maps.every((map) => Object.keys(map as object).length === 0)) return false;
  return maps.every((map) => !Object.hasOwn(map as object, key));
}

/** Names only: values are nobody's business here. */
function keysOf(reader: CmdbReader, target: string, object: unknown): Evidence {
  const keys = ['data', 'binaryData'].flatMap((field) => Object.keys((readField(object, [field]) as object | null | undefined) ?? {}));
  const at = Date.parse(reader.at);
  return makeEvidence({ source: 'cmdb', query: `${target} keys`, fromMs: at, toMs: at, text: `keys: ${keys.sort().join(', ') || 'none'}` });
}

/** Item ids of what the specification of a pod needs and what is known not to exist. */
export function missingReferences(pod: PodView): readonly string[] {
  const spec = readField(pod.object, ['spec']);
  const targets = referencesOf(spec).map(({ kind, name }) => siblingId(pod.id, kind, name));
  return [...new Set(targets)].filter((target) => isAbsent(pod.reader, target)).sort();
}
