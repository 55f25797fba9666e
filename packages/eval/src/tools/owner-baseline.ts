import type { CallContext } from '@tier0/core';
import type { KubernetesObject, SubjectRef } from '../scenario/scenario.ts';
import { causeOfText } from './cause-of-text.ts';
import { listObjects } from './list-objects.ts';
import { causeByThumb, LISTS, missingObject } from './rule-of-thumb.ts';
import type { AnsweredRootCause, DiagnosisAnswer, ScenarioAccess, ToolUnderTest } from './tool-under-test.ts';

/**
 * The rule of thumb of a good engineer in one file: gather what fails, by the owner of what fails; of each owner take the deepest object that says
 * something telling, newest word first; map the word to a cause.
 * Its rules were revised once with the results of these very scenarios in view, so that its score is that of an adjusted baseline.
 */
export function createOwnerBaseline(): ToolUnderTest {
  return {
    describe: () => ({ id: 'by-owner', name: 'conditions and events by owner', version: '1', kind: 'baseline', note: NOTE }),
    availability: async () => ({ status: 'available' }),
    diagnose: async (access, context) => answerOf(await readCluster(access, context), Date.parse(access.now)),
  };
}

const NOTE =
  'Groups failing conditions, container states and warnings by the owner of what fails, and maps the newest telling word to a cause.';

type Thing = KubernetesObject & { readonly status?: Record<string, unknown>; readonly spec?: Record<string, unknown> };
type World = ReadonlyMap<string, readonly Thing[]>;
interface Word {
  readonly of: Thing;
  readonly text: string;
  /** Milliseconds since the epoch; conditions speak of now. */
  readonly at: number;
}

async function readCluster(access: ScenarioAccess, context: CallContext): Promise<World> {
  const lists = LISTS.map(async ([kind, path]) => {
    const items = await listObjects(access, { path, kind }, context).catch((error) =>
      context.signal.aborted ? Promise.reject(error) : [],
    );
    return [kind, items as readonly Thing[]] as const;
  });
  return new Map(await Promise.all(lists));
}

function answerOf(world: World, now: number): DiagnosisAnswer {
  const failing = [...world].flatMap(([kind, things]) => (kind === 'Event' ? [] : things.flatMap((thing) => failures(thing, world, now))));
  const failingKeys = new Set(failing.map(({ of }) => keyOf(of)));
  // An event speaks for what still fails; what has recovered has only old events left.
  const words = [...failing, ...eventsOf(world).filter(({ of }) => failingKeys.has(keyOf(of)))];
  const byOwner = Map.groupBy(words, ({ of }) => keyOf(ownerOf(of, world)));
  const named = [...byOwner.values()].map((group) => verdictOf(group, world));
  // Who is only ill because something else is has no word of its own but that it is not ready.
  const told = named.filter(({ cause }) => cause !== undefined && cause !== WEAK_SIGN);
  const rootCauses = told.length > 0 ? told : named.filter(({ cause, text }) => cause !== undefined || /[A-Z][a-z]+[A-Z]/.test(text));
  return { rootCauses: distinct(rootCauses), findings: words.length, raw: words.map(({ of, text }) => `${keyOf(of)}: ${text}`).join('\n') };
}

function failures(thing: Thing, world: World, now: number): readonly Word[] {
  const { status = {}, spec = {}, kind } = thing;
  const say = (text: string): Word => ({ of: thing, text, at: now });
  if (kind === 'Pod') return status.phase === 'Succeeded' || isRetried(thing, world) ? [] : podWords(status).map(say);
  if (kind === 'PersistentVolumeClaim') return status.phase === 'Bound' ? [] : [say(`claim is ${status.phase}`)];
  if (kind === 'Service') return hasNoPods(thing, world) ? [say('Service has no endpoints: its selector matches nothing')] : [];
  // Cordoned for work is no fault; it is one when something finds no place.
  if (kind === 'Node' && spec.unschedulable === true) return isCrowded(world) ? [say('node is cordoned')] : [];
  const wantsTrue = (type: string) => ['Available', 'Progressing', 'Ready', 'ScalingActive', 'AbleToScale'].includes(type);
  return conditionsOf(status)
    .filter(({ type, status: value }) => (wantsTrue(type) ? value !== 'True' : value === 'True' && /Fail|Pressure|Unavailable/.test(type)))
    .map(({ type, reason = '', message = '' }) =>
      say(`${type} ${kind === 'Node' && type === 'Ready' ? 'NodeNotReady' : ''} ${reason} ${message}`),
    );
}

interface State {
  readonly name?: string;
  readonly ready?: boolean;
  readonly state?: Record<string, { readonly reason?: string; readonly message?: string; readonly exitCode?: number }>;
  readonly lastState?: State['state'];
}

function podWords(status: Record<string, unknown>): readonly string[] {
  const inits = ((status.initContainerStatuses ?? []) as readonly State[]).filter(
    ({ state }) => !state?.running && state?.terminated?.exitCode !== 0,
  );
  const mains = ((status.containerStatuses ?? []) as readonly State[]).filter(({ ready }) => ready === false);
  const told = [...inits.map((one) => `init container ${tell(one)}`), ...mains.map((one) => `container ${tell(one)}`)];
  const unmet = conditionsOf(status).filter(({ type, status: value }) => type === 'PodScheduled' && value === 'False');
  return [...told, ...unmet.map(({ message = '' }) => message)];
}

function tell({ name, state, lastState }: State): string {
  const { waiting, terminated = lastState?.terminated } = { ...state };
  const ended = terminated ? `; ended with ${terminated.reason} exit ${terminated.exitCode} ${terminated.message ?? ''}` : '';
  return `${name} is not ready: ${waiting?.reason ?? ''} ${waiting?.message ?? ''}${ended}`;
}

/** A job tries again; its failed pods are a fault when the job has given up. */
function isRetried(pod: Thing, world: World): boolean {
  const job = ownerOf(pod, world);
  return (
    pod.status?.phase === 'Failed' && job.kind.endsWith('Job') && !conditionsOf(job.status ?? {}).some(({ type }) => type === 'Failed')
  );
}

function isCrowded(world: World): boolean {
  const unplaced = ({ type, status }: { type: string; status: string }) => type === 'PodScheduled' && status === 'False';
  return (world.get('Pod') ?? []).some(({ status = {} }) => conditionsOf(status).some(unplaced));
}

function hasNoPods({ spec = {}, metadata }: Thing, world: World): boolean {
  const selector = Object.entries((spec.selector ?? {}) as Record<string, string>);
  const labels = (pod: Thing) => (pod.metadata.labels ?? {}) as Record<string, string>;
  const selects = (pod: Thing) =>
    pod.metadata.namespace === metadata.namespace && selector.every(([key, value]) => labels(pod)[key] === value);
  const isScaledDown = [...(world.get('Deployment') ?? []), ...(world.get('StatefulSet') ?? [])].some(
    ({ spec: own = {}, metadata: place }) => {
      const template = own.template as { readonly metadata?: Thing['metadata'] } | undefined;
      return own.replicas === 0 && selects({ metadata: { ...template?.metadata, namespace: place.namespace } } as Thing);
    },
  );
  return selector.length > 0 && !isScaledDown && !(world.get('Pod') ?? []).some(selects);
}

function conditionsOf(status: Record<string, unknown>) {
  return (status.conditions ?? []) as readonly { type: string; status: string; reason?: string; message?: string }[];
}

function eventsOf(world: World): readonly Word[] {
  return (world.get('Event') ?? []).flatMap((event) => {
    const { type, reason, message, involvedObject, lastTimestamp, eventTime } = event as unknown as Record<string, string> & {
      involvedObject?: SubjectRef;
    };
    const of = (world.get(involvedObject?.kind ?? '') ?? []).find(
      (one) => keyOf(one) === keyOf({ ...involvedObject, metadata: involvedObject } as unknown as Thing),
    );
    return type === 'Warning' && of ? [{ of, text: `${reason}: ${message}`, at: Date.parse(lastTimestamp ?? eventTime ?? '') || 0 }] : [];
  });
}

function ownerOf(thing: Thing, world: World): Thing {
  const owners = (thing.metadata.ownerReferences ?? []) as readonly { kind: string; name: string; controller?: boolean }[];
  const owner = owners.find(({ controller }) => controller);
  const found =
    owner &&
    (world.get(owner.kind) ?? []).find(({ metadata }) => metadata.name === owner.name && metadata.namespace === thing.metadata.namespace);
  return found ? ownerOf(found, world) : thing;
}

/** What a rollout says of every fault, and what a probe says of everything that waits for something else. */
const WEAK_WORD = 'rollout-deadline-exceeded';
const WEAK_SIGN = 'readiness-probe-wrong';

/** The deepest object with a telling word, the newest such word first. */
function verdictOf(group: readonly Word[], world: World): AnsweredRootCause {
  const depth = ({ of }: Word) => LISTS.findIndex(([kind]) => kind === of.kind);
  const sorted = [...group].sort((a, b) => b.at - a.at || depth(b) - depth(a));
  const causeOf = ({ text }: Word) => causeOfText(text) ?? causeByThumb(text);
  const strong = sorted.filter((word) => ![undefined, WEAK_WORD, WEAK_SIGN].includes(causeOf(word)));
  const telling = strong.find(({ text }) => causeOfText(text)) ?? strong[0] ?? sorted.find((word) => causeOf(word)) ?? sorted[0]!;
  const cause = causeOf(telling);
  const owner = ownerOf(telling.of, world);
  return { cause, subject: missingObject(telling.text, telling.of.metadata.namespace) ?? refOf(owner), text: telling.text };
}

function refOf({ kind, metadata }: Thing): SubjectRef {
  return { kind, namespace: metadata.namespace, name: metadata.name };
}

function keyOf({ kind, metadata }: Thing): string {
  return `${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
}

function distinct(named: readonly AnsweredRootCause[]): readonly AnsweredRootCause[] {
  return [...new Map(named.map((one) => [JSON.stringify([one.cause, one.subject]), one])).values()];
}
