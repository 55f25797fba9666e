import type { Snapshot } from '@tier0/cmdb';
import type { Random } from '../../scenarios/author/random.ts';
import type { Recording } from './recordings.ts';

type Objects = Snapshot['objects'];
type Loose = { readonly [key: string]: unknown };

/** One way in which a recording holds less, or says the same otherwise, than it did. What is true of the cluster stays as it was. */
export interface Loss {
  readonly name: string;
  apply(recording: Recording, random: Random): Recording;
}

const MINUTE_MS = 60_000;

/** What recordings of others lack, and how they differ. */
export const LOSSES: readonly Loss[] = [
  { name: 'as it is', apply: (recording) => recording },
  { name: 'no events', apply: keeping(({ kind }) => kind !== 'Event') },
  { name: 'no logs', apply: (recording) => ({ ...recording, logs: new Map() }) },
  {
    name: 'no previous logs',
    apply: (recording) => ({ ...recording, logs: new Map([...recording.logs].filter(([key]) => !key.endsWith('.previous'))) }),
  },
  { name: 'kubectl get all,events', apply: keeping(({ kind }) => IN_ALL.has(kind)) },
  { name: 'get pods only', apply: (recording) => ({ ...keeping(({ kind }) => kind === 'Pod')(recording), logs: new Map() }) },
  { name: 'no revision history', apply: withoutHistory },
  { name: 'no managed fields', apply: changing((object) => ({ ...object, metadata: { ...object.metadata, managedFields: undefined } })) },
  { name: 'never applied by kubectl', apply: changing(withoutLastApplied) },
  { name: 'events of events.k8s.io', apply: changing(toNewEvent) },
  { name: 'ten minutes later', apply: (recording) => later(recording, 10 * MINUTE_MS) },
  { name: 'two hours later, old events gone', apply: (recording) => later(keepingYoung(recording), 120 * MINUTE_MS) },
  { name: 'renamed', apply: renamed },
  {
    name: 'shuffled',
    apply: ({ snapshot, ...rest }, random) => ({ ...rest, snapshot: { ...snapshot, objects: random.shuffle(snapshot.objects) } }),
  },
];

const IN_ALL: ReadonlySet<string> = new Set(
  'Pod Service DaemonSet Deployment ReplicaSet StatefulSet HorizontalPodAutoscaler CronJob Job Event ReplicationController'.split(' '),
);

function keeping(isKept: (object: Objects[number]) => boolean): (recording: Recording) => Recording {
  return ({ snapshot, ...rest }) => {
    const objects = snapshot.objects.filter(isKept);
    const kinds = new Set(objects.map(({ kind }) => kind));
    return { ...rest, snapshot: { ...snapshot, objects, coverage: snapshot.coverage.filter(({ kind }) => kinds.has(kind)) } };
  };
}

function changing(change: (object: Objects[number]) => Objects[number]): (recording: Recording) => Recording {
  return ({ snapshot, ...rest }) => ({ ...rest, snapshot: { ...snapshot, objects: snapshot.objects.map(change) } });
}

function withoutLastApplied(object: Objects[number]): Objects[number] {
  const { 'kubectl.kubernetes.io/last-applied-configuration': _, ...annotations } = (object.metadata.annotations ?? {}) as Record<
    string,
    string
  >;
  return { ...object, metadata: { ...object.metadata, annotations } };
}

/** The same event as the newer API writes it. https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/ */
function toNewEvent(object: Objects[number]): Objects[number] {
  if (object.kind !== 'Event') return object;
  const { involvedObject, message, count, firstTimestamp, lastTimestamp, source, ...rest } = object as unknown as Loose;
  return {
    ...rest,
    apiVersion: 'events.k8s.io/v1',
    regarding: involvedObject,
    note: message,
    deprecatedCount: count,
    deprecatedFirstTimestamp: firstTimestamp,
    deprecatedLastTimestamp: lastTimestamp,
    deprecatedSource: source,
  } as unknown as Objects[number];
}

/** Old revisions are gone, as with a history limit of 0. */
function withoutHistory(recording: Recording): Recording {
  const used = new Set(recording.snapshot.objects.flatMap((object) => (object.kind === 'Pod' ? (ownerOf(object) ?? []) : [])));
  const isOld = (object: Objects[number]) =>
    object.kind === 'ControllerRevision' ||
    (object.kind === 'ReplicaSet' &&
      ownerOf(object) !== undefined &&
      (object.spec as Loose | undefined)?.replicas === 0 &&
      !used.has(object.metadata.name));
  return keeping((object) => !isOld(object))(recording);
}

function ownerOf({ metadata }: Objects[number]): string | undefined {
  const [owner] = (metadata.ownerReferences ?? []) as readonly Loose[];
  return owner?.name as string | undefined;
}

function later({ snapshot, ...rest }: Recording, ms: number): Recording {
  return { ...rest, snapshot: { ...snapshot, now: new Date(Date.parse(snapshot.now) + ms).toISOString() } };
}

/** An API server forgets events after an hour: those that are not repeated are gone. */
function keepingYoung(recording: Recording): Recording {
  const isRepeated = (object: Objects[number]) => Number((object as unknown as Loose).count ?? 1) > 3;
  return keeping((object) => object.kind !== 'Event' || isRepeated(object))(recording);
}

/** Names that mean something to Kubernetes itself, or are words of everyday text. */
const KEPT = /^(kube-.*|default|.{1,3}|kubernetes|metrics-server|coredns|main)$/;
const RENAMED: ReadonlySet<string> = new Set(
  'Namespace Deployment StatefulSet DaemonSet Job CronJob Service ConfigMap Secret PersistentVolumeClaim Role RoleBinding ServiceAccount'.split(
    ' ',
  ),
);

/** Other words for namespaces and objects of people, everywhere they occur: in objects, in logs and in the truth. */
function renamed(recording: Recording, random: Random): Recording {
  const { snapshot, logs, truth } = recording;
  const names = new Set(
    snapshot.objects
      .filter(({ kind, metadata }) => RENAMED.has(kind) && metadata.namespace !== 'kube-system')
      .map(({ metadata }) => metadata.name),
  );
  const words = [...names].filter((one) => !KEPT.test(one) && !one.includes(':')).sort((a, b) => b.length - a.length);
  if (words.length === 0) return recording;
  const others = new Map(words.map((word) => [word, `${random.pick(SYLLABLES)}${random.pick(SYLLABLES)}-${random.suffix(3)}`]));
  const pattern = new RegExp(`(?<![A-Za-z0-9-])(${words.map((word) => word.replaceAll('.', '\\.')).join('|')})(?![A-Za-z0-9])`, 'g');
  const rename = (text: string) => text.replace(pattern, (word) => others.get(word) ?? word);
  const inJson = <T>(value: T): T => JSON.parse(rename(JSON.stringify(value)));
  return {
    ...recording,
    snapshot: { ...snapshot, objects: inJson(snapshot.objects), coverage: inJson(snapshot.coverage) },
    logs: new Map([...logs].map(([key, text]) => [rename(key), rename(text)])),
    truth: inJson(truth),
  };
}

const SYLLABLES = ['bra', 'kel', 'mor', 'tin', 'sol', 'ven', 'dap', 'rug', 'hos', 'fil'];
