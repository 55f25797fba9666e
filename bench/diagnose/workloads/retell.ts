import type { Recording, RecordingTruth } from '../recordings.ts';
import { at, type Family, familiesOf, type KubernetesObject, type Loose } from './family.ts';

/** Who an object refers to. */
export interface Reference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
}

/** A Deployment's family as another kind of workload has it. */
export interface Telling {
  /** What stands in the place of the Deployment and of its ReplicaSets. */
  readonly objects: readonly Loose[];
  /** Its pods by their old names; a pod that is left out is gone. */
  readonly pods: ReadonlyMap<string, Loose>;
  /** Who stands in the Deployment's place. */
  readonly top: Reference;
  /** Further subjects that are as true as the one in the Deployment's place. */
  readonly alsoTrue?: readonly { readonly kind: string; readonly name: string }[];
  /** Who stands in the place of a ReplicaSet, by its name. */
  readonly inPlaceOf: (set: string) => Reference | undefined;
  /** An event of the Deployment or of a ReplicaSet as this kind's controller words it; undefined where it has none. */
  readonly event: (reason: string, message: string) => { readonly reason: string; readonly message: string } | undefined;
}

/** How one kind of workload tells what a Deployment told, or why it could not be true of it. */
export interface WorkloadKind {
  readonly name: string;
  tell(family: Family, recording: Recording): Telling | { readonly why: string };
}

/** A recording told of another kind of workload; `why` not, where it would not mean the same. */
export type Retold = { readonly recording: Recording } | { readonly why: string };

/** Tells every Deployment of people as another kind. Those that are at fault must be among them, else the recording is left as it is. */
export function retell(recording: Recording, kind: WorkloadKind): Retold {
  const families = familiesOf(recording);
  const swaps: Swap[] = [];
  let reason = 'no Deployment';
  for (const family of families) {
    const telling = tellOne(kind, family, recording);
    if (!('why' in telling)) swaps.push({ family, telling });
    else if (matters(family, recording.truth)) return { why: telling.why };
    else reason = telling.why;
  }
  return swaps.length === 0 ? { why: reason } : { recording: rewrite(recording, swaps) };
}

function tellOne(kind: WorkloadKind, family: Family, recording: Recording): ReturnType<WorkloadKind['tell']> {
  if (isCountedByKind(recording)) return { why: 'a quota or an admission rule speaks of Deployments' };
  if (at(family.deployment, 'spec', 'paused') === true) return { why: 'only a Deployment is paused' };
  return kind.tell(family, recording);
}

const SPEAKS_OF_KINDS: ReadonlySet<string> = new Set([
  'ResourceQuota',
  'ValidatingAdmissionPolicy',
  'MutatingAdmissionPolicy',
  'ValidatingWebhookConfiguration',
  'MutatingWebhookConfiguration',
]);

function isCountedByKind({ snapshot }: Recording): boolean {
  return snapshot.objects.some(
    (object) => SPEAKS_OF_KINDS.has(object.kind) && /"(count\/)?deployments|replicasets/.test(JSON.stringify(object)),
  );
}

/** A Deployment that the truth names, or whose pods are not all ready. */
function matters({ name, namespace, pods, wanted }: Family, truth: RecordingTruth): boolean {
  const isNamed = truth.rootCauses.some((cause) =>
    [cause, ...cause.accept].some(
      (one) => /^(Deployment|ReplicaSet|Pod)$/.test(one.kind) && one.namespace === namespace && one.name.startsWith(name),
    ),
  );
  return isNamed || pods.length < wanted || pods.some(({ isReady }) => !isReady);
}

interface Swap {
  readonly family: Family;
  readonly telling: Telling;
}

function rewrite(recording: Recording, swaps: readonly Swap[]): Recording {
  const { snapshot, logs, truth } = recording;
  const members = new Set(
    swaps.flatMap(({ family }) => [
      family.deployment,
      ...family.sets.map(({ object }) => object),
      ...family.pods.map(({ object }) => object),
    ]),
  );
  const kept = snapshot.objects.filter((object) => !members.has(object));
  const made = swaps.flatMap(({ telling }) => [...telling.objects, ...telling.pods.values()]);
  const gone = new Set(
    swaps.flatMap(({ family, telling }) =>
      family.pods.flatMap(({ object }) => (telling.pods.has(object.metadata.name) ? [] : [`${family.namespace}/${object.metadata.name}`])),
    ),
  );
  const rename = renamer(swaps);
  const others = kept.flatMap((object) => {
    const event = object.kind === 'Event' ? retellEvent(object, swaps, gone) : object;
    return event === undefined ? [] : [withReferences(withoutGone(event, gone), object.metadata.namespace, swaps)];
  });
  const objects = rename([...made, ...others]) as unknown as KubernetesObject[];
  const kinds = new Set(objects.map(({ kind }) => kind));
  const known = new Set(snapshot.coverage.map(({ kind }) => kind));
  const coverage = [
    ...snapshot.coverage,
    ...[...kinds].filter((kind) => !known.has(kind)).map((kind) => ({ kind, state: 'complete' as const })),
  ];
  return {
    ...recording,
    snapshot: { ...snapshot, objects, coverage },
    logs: new Map(
      [...logs].filter(([key]) => !gone.has(key.split('/').slice(0, 2).join('/'))).map(([key, text]) => [rename(key), rename(text)]),
    ),
    truth: rename(retellTruth(truth, swaps)),
  };
}

/** Old names of pods are unique words: they change wherever they stand, in events, endpoints and logs too. */
function renamer(swaps: readonly Swap[]): <T>(value: T) => T {
  const names = new Map(
    swaps.flatMap(({ telling, family }) => [
      ...[...telling.pods].map(([old, pod]) => [old, String(at(pod, 'metadata', 'name'))] as const),
      ...family.sets.flatMap(({ name }) => {
        const other = telling.inPlaceOf(name)?.name;
        return other === undefined || other === family.name ? [] : [[name, other] as const];
      }),
    ]),
  );
  const words = [...names.keys()].sort((a, b) => b.length - a.length).map((word) => word.replaceAll('.', '\\.'));
  if (words.length === 0) return (value) => value;
  const pattern = new RegExp(`(?<![A-Za-z0-9-])(${words.join('|')})(?![A-Za-z0-9-])`, 'g');
  const replace = (text: string) => text.replace(pattern, (word) => names.get(word) ?? word);
  return <T>(value: T): T => (typeof value === 'string' ? (replace(value) as T) : JSON.parse(replace(JSON.stringify(value))));
}

function retellEvent(event: KubernetesObject, swaps: readonly Swap[], gone: ReadonlySet<string>): KubernetesObject | undefined {
  const field = 'regarding' in event ? 'regarding' : 'involvedObject';
  const told = at(event, field) as Loose | undefined;
  if (told?.kind === 'Pod' && gone.has(`${told.namespace}/${told.name}`)) return undefined;
  const swap = swaps.find(({ family }) => told?.namespace === family.namespace && isOfFamily(told, family));
  if (swap === undefined || told === undefined) return event;
  const who = told.kind === 'Deployment' ? swap.telling.top : swap.telling.inPlaceOf(String(told.name));
  const text = 'note' in event ? 'note' : 'message';
  const said = swap.telling.event(String(at(event, 'reason')), String(at(event, text)));
  if (who === undefined || said === undefined) return undefined;
  const isTop = who.kind === swap.telling.top.kind && who.name === swap.telling.top.name;
  const uid = isTop ? swap.family.deployment.metadata.uid : told.uid;
  return { ...event, reason: said.reason, [text]: said.message, [field]: { ...told, ...who, uid } } as unknown as KubernetesObject;
}

function isOfFamily(told: Loose, { name, sets }: Family): boolean {
  return (told.kind === 'Deployment' && told.name === name) || (told.kind === 'ReplicaSet' && sets.some((set) => set.name === told.name));
}

/** Endpoints of pods that are gone are gone. */
function withoutGone(object: KubernetesObject, gone: ReadonlySet<string>): KubernetesObject {
  if (gone.size === 0 || !/^Endpoint/.test(object.kind)) return object;
  const isGone = (target: unknown) => gone.has(`${at(target, 'namespace')}/${at(target, 'name')}`);
  const keep = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.filter((one) => !isGone(at(one, 'targetRef'))).map(keep);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, keep(one)]));
  };
  return keep(object) as KubernetesObject;
}

/** Whatever refers to a Deployment by kind and name (an autoscaler, a status of what applied it) refers to what took its place. */
function withReferences(object: KubernetesObject, namespace: string | undefined, swaps: readonly Swap[]): KubernetesObject {
  const tops = swaps.filter(
    ({ family }) => family.namespace === namespace || !['HorizontalPodAutoscaler', 'ScaledObject'].includes(object.kind),
  );
  const visit = (value: unknown, key = ''): unknown => {
    if (Array.isArray(value)) return value.map((one) => visit(one));
    if (typeof value !== 'object' || value === null) return value;
    const { kind, name, namespace: place } = value as Loose;
    const isTarget = kind === 'Deployment' || (key === 'scaleTargetRef' && kind === undefined);
    const swap = isTarget ? tops.find(({ family }) => family.name === name && (place ?? family.namespace) === family.namespace) : undefined;
    const other = swap === undefined ? {} : pick(swap.telling.top, value as Loose);
    return { ...Object.fromEntries(Object.entries(value).map(([field, one]) => [field, visit(one, field)])), ...other };
  };
  return visit(object) as KubernetesObject;
}

function pick(top: Reference, reference: Loose): Loose {
  const [group, version] = top.apiVersion.includes('/') ? top.apiVersion.split('/') : ['', top.apiVersion];
  return {
    kind: top.kind,
    // A version that is wrong stays wrong.
    ...(/^apps\/v1$/.test(String(reference.apiVersion)) ? { apiVersion: top.apiVersion } : {}),
    ...('group' in reference ? { group } : {}),
    ...('version' in reference ? { version } : {}),
  };
}

function retellTruth(truth: RecordingTruth, swaps: readonly Swap[]): RecordingTruth {
  type Subject = RecordingTruth['rootCauses'][number]['accept'][number];
  const others = (subject: Subject): readonly Subject[] => {
    const swap = swaps.find(({ family }) => subject.namespace === family.namespace && isOfFamily(subject, family));
    if (swap === undefined) return [subject];
    const { top, alsoTrue = [] } = swap.telling;
    return [top, ...alsoTrue].map(({ kind, name }) => ({ kind, namespace: subject.namespace, name }));
  };
  return {
    rootCauses: truth.rootCauses.map(({ accept, keywords, ...subject }) => {
      const [first, ...more] = others(subject);
      return { ...(first ?? subject), accept: [...more, ...accept.flatMap(others)], keywords };
    }),
  };
}
