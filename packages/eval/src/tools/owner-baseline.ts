import type { CallContext } from '@tier0/core';
import type { KubernetesObject, SubjectRef } from '../scenario/scenario.ts';
import { causeOfText } from './cause-of-text.ts';
import { listObjects, readLog } from './list-objects.ts';
import { CAUSE_OF_KIND, COMPLAINT, causeByThumb, causeOfLastWords, LISTS, missingObject, schedulerText } from './rule-of-thumb.ts';
import type { AnsweredRootCause, DiagnosisAnswer, ScenarioAccess, ToolUnderTest } from './tool-under-test.ts';

/**
 * The rule of thumb of a good engineer in one file: gather what fails, by the owner of what fails; read the last words of what does not run; of each owner
 * take the deepest object that says something telling, newest word first; map the word to a cause.
 * Its rules were revised twice with the results of these very scenarios in view, so that its score is that of an adjusted baseline.
 */
export function createOwnerBaseline(): ToolUnderTest {
  return {
    describe: () => ({ id: 'by-owner', name: 'conditions and events by owner', version: '2', kind: 'baseline', note: NOTE }),
    availability: async () => ({ status: 'available' }),
    async diagnose(access, context) {
      const world = await readCluster(access, context);
      const failing = failuresIn(world, Date.parse(access.now));
      return answerOf(world, [...failing, ...(await lastWords(failing, access, context))]);
    },
  };
}

const NOTE =
  'Groups failing conditions, container states, warnings and the last words of what does not run by the owner, and maps the newest telling word to a cause.';

type Thing = KubernetesObject & { readonly status?: Record<string, unknown>; readonly spec?: Record<string, unknown> };
type World = ReadonlyMap<string, readonly Thing[]>;
interface Word {
  readonly of: Thing;
  readonly text: string;
  /** Milliseconds since the epoch; conditions speak of now. */
  readonly at: number;
  /** Said by the program itself. */
  readonly isLog?: boolean;
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

function failuresIn(world: World, now: number): readonly Word[] {
  return [...world].flatMap(([kind, things]) => (kind === 'Event' ? [] : things.flatMap((thing) => failures(thing, world, now))));
}

const LOGS_READ = 8;
const LINES_READ = 40;

/** The last complaint of the containers that are not ready: of one that ended, what it said before. */
async function lastWords(failing: readonly Word[], access: ScenarioAccess, context: CallContext): Promise<readonly Word[]> {
  const pods = [...new Map(failing.filter(({ of }) => of.kind === 'Pod').map(({ of, at }) => [keyOf(of), { of, at }])).values()];
  const told = pods.slice(0, LOGS_READ).map(async ({ of, at }): Promise<readonly Word[]> => {
    const { initContainerStatuses = [], containerStatuses = [] } = (of.status ?? {}) as Record<string, readonly State[]>;
    const ill = [...initContainerStatuses, ...containerStatuses].find(({ ready }) => ready === false);
    const path = `/api/v1/namespaces/${of.metadata.namespace}/pods/${of.metadata.name}/log?container=${ill?.name ?? ''}`;
    const lines = (previous: boolean) => readLog(access, { path, previous, lines: LINES_READ }, context);
    const text = ill === undefined ? '' : `${await lines(ill.lastState?.terminated !== undefined)}` || (await lines(false));
    const complaints = text.split('\n').filter((line) => COMPLAINT.test(line) && !/\b(INFO|DEBUG)\b/.test(line));
    const last = complaints.findLast((line) => causeOfLastWords(line)) ?? complaints.at(-1);
    return last === undefined ? [] : [{ of, at, text: last, isLog: true }];
  });
  return (await Promise.all(told)).flat();
}

function answerOf(world: World, failing: readonly Word[]): DiagnosisAnswer {
  const failingKeys = new Set(failing.map(({ of }) => keyOf(of)));
  // An event speaks for what still fails; what has recovered has only old events left.
  const words = [...failing, ...eventsOf(world).filter(({ of }) => failingKeys.has(keyOf(of)))];
  const byOwner = Map.groupBy(words, ({ of }) => keyOf(ownerOf(of, world)));
  const named = [...byOwner.values()].map((group) => verdictOf(group, world));
  const told = withoutSymptoms(named);
  const rootCauses = told.length > 0 ? told : named.filter(({ cause, text }) => cause !== undefined || /[A-Z][a-z]+[A-Z]/.test(text));
  return { rootCauses: distinct(rootCauses), findings: words.length, raw: words.map(({ of, text }) => `${keyOf(of)}: ${text}`).join('\n') };
}

/** Who is only ill because something else is: it waits for a server, finds no node because one is ill, or cannot measure. */
function withoutSymptoms(named: readonly AnsweredRootCause[]): readonly AnsweredRootCause[] {
  const causes = named.map(({ cause }) => cause);
  const waits: readonly (string | undefined)[] = [undefined, WEAK_SIGN, 'dependency-down', 'dns-name-wrong'];
  const isSymptom = ({ cause, text }: AnsweredRootCause) =>
    (waits.includes(cause) && causes.some((other) => !waits.includes(other))) ||
    (/nodes are available/.test(text) && causes.some((other) => other === 'node-cordoned' || other === 'node-pressure')) ||
    (cause === 'autoscaler-metric-unavailable' && causes.includes('api-service-unavailable'));
  return named.filter((one) => one.cause !== undefined && one.cause !== WEAK_SIGN && !isSymptom(one));
}

function failures(thing: Thing, world: World, now: number): readonly Word[] {
  const { status = {}, spec = {}, kind } = thing;
  const say = (text: string): Word => ({ of: thing, text, at: now });
  if (kind === 'Pod') return status.phase === 'Succeeded' || isRetried(thing, world) ? [] : podWords(status).map(say);
  if (kind === 'PersistentVolumeClaim') return status.phase === 'Bound' ? [] : [say(`claim is ${status.phase}`)];
  if (kind === 'Ingress') return ingressFlaws(thing, world).map(say);
  if (kind === 'Service') return hasNoPods(thing, world) ? [say('Service has no endpoints: its selector matches nothing')] : [];
  // Cordoned for work is no fault; it is one when something finds no place.
  if (kind === 'Node' && spec.unschedulable === true) return isCrowded(world) ? [say('node is cordoned')] : [];
  const wantsTrue = (type: string) => ['Available', 'Progressing', 'Ready', 'ScalingActive', 'AbleToScale'].includes(type);
  return conditionsOf(status)
    .filter(({ reason }) => reason !== 'ScalingDisabled')
    .filter(({ type, status: value }) =>
      wantsTrue(type) ? value !== 'True' : (value ?? 'True') === 'True' && /Fail|Pressure|Unavailable|Error/.test(type),
    )
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
  const waiting = ((status.initContainerStatuses ?? []) as readonly State[]).filter(({ state }) => state?.running);
  const told = [
    ...waiting.map(({ name }) => `init container ${name} is still running`),
    ...inits.map((one) => `init container ${tell(one)}`),
    ...mains.map((one) => `container ${tell(one)}`),
  ];
  const unmet = conditionsOf(status).filter(({ type, status: value }) => type === 'PodScheduled' && value === 'False');
  return [...told, ...unmet.map(({ message = '' }) => schedulerText(message))];
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
  // Where a workload would match, its pods are missing for another reason.
  const hasWorkload = ['Deployment', 'StatefulSet', 'DaemonSet']
    .flatMap((kind) => world.get(kind) ?? [])
    .some(({ spec: own = {}, metadata: place }) => {
      const template = own.template as { readonly metadata?: Thing['metadata'] } | undefined;
      return selects({ metadata: { ...template?.metadata, namespace: place.namespace } } as Thing);
    });
  return selector.length > 0 && !hasWorkload && !(world.get('Pod') ?? []).some(selects);
}

/** A class that nobody has, a Service that is not there. */
function ingressFlaws({ spec = {}, metadata }: Thing, world: World): readonly string[] {
  const named = (kind: string, name: unknown, namespace?: string) =>
    (world.get(kind) ?? []).some((one) => one.metadata.name === name && one.metadata.namespace === namespace);
  const services = [...JSON.stringify(spec).matchAll(/"service":\{[^}]*?"name":"([^"]+)"/g)].map(([, name]) => name);
  const lost = services.filter((name) => !named('Service', name, metadata.namespace));
  const knowsClasses = (world.get('IngressClass') ?? []).length > 0;
  const isUnclassed = knowsClasses && spec.ingressClassName !== undefined && !named('IngressClass', spec.ingressClassName);
  return [
    ...(isUnclassed ? [`ingress class ${spec.ingressClassName} not found`] : []),
    ...lost.map((name) => `backend service ${name} not found`),
  ];
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
    return type === 'Warning' && of
      ? [
          {
            of,
            text: `${reason}: ${reason === 'FailedScheduling' ? schedulerText(message ?? '') : message}`,
            at: Date.parse(lastTimestamp ?? eventTime ?? '') || 0,
          },
        ]
      : [];
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

/** What a probe says of everything that waits for something else. */
const WEAK_SIGN = 'readiness-probe-wrong';
/** What is said beside every reason: that a rollout ran late, a program ended, a server cannot be reached. */
const WEAK: readonly (string | undefined)[] = [undefined, 'rollout-deadline-exceeded', WEAK_SIGN, 'application-bug', 'dependency-down'];
const BACK_OFF = /back-off pulling image \S+$|ImagePullBackOff\s*$/i;

/** The deepest object with a telling word, the newest such word first. */
function verdictOf(group: readonly Word[], world: World): AnsweredRootCause {
  const depth = ({ of }: Word) => LISTS.findIndex(([kind]) => kind === of.kind);
  const sorted = [...group].sort((a, b) => b.at - a.at || depth(b) - depth(a));
  const causeOf = ({ text, of, isLog }: Word) =>
    isLog
      ? (causeOfLastWords(text) ?? 'application-bug')
      : (CAUSE_OF_KIND[of.kind] ?? causeByIngress(text) ?? causeOfText(text) ?? causeByThumb(text));
  const strong = sorted.filter((word) => !WEAK.includes(causeOf(word)));
  const clear = strong.filter(({ text }) => !BACK_OFF.test(text));
  const said = sorted.find(({ isLog }) => isLog);
  const telling =
    clear.find(({ text }) => causeOfText(text)) ?? clear[0] ?? strong[0] ?? said ?? sorted.find((word) => causeOf(word)) ?? sorted[0]!;
  const cause = causeOf(telling);
  const asleep = sleeperIn(telling, cause, world);
  if (asleep !== undefined) return { cause: 'scaled-to-zero', subject: refOf(asleep), text: telling.text };
  const subject =
    missingObject(telling.text, telling.of.metadata.namespace) ?? culprit(telling, cause, world) ?? refOf(ownerOf(telling.of, world));
  return { cause, subject, text: telling.text };
}

/** The workload without replicas that bears the name of the server which was asked in vain. */
function sleeperIn({ text, isLog }: Word, cause: string | undefined, world: World): Thing | undefined {
  if (!isLog || !['dependency-down', 'dns-name-wrong'].includes(cause ?? '')) return undefined;
  const hosts = [...text.matchAll(/([a-z0-9-]+)\.([a-z0-9-]+)(?:\.svc)?\b/g)].map(([, name, namespace]) => `${namespace}/${name}`);
  const workloads = [...(world.get('Deployment') ?? []), ...(world.get('StatefulSet') ?? [])];
  return workloads.find(({ spec = {}, metadata }) => spec.replicas === 0 && hosts.includes(`${metadata.namespace}/${metadata.name}`));
}

function causeByIngress(text: string) {
  if (/^ingress class /.test(text)) return 'ingress-class-missing';
  return /^backend service /.test(text) ? 'ingress-backend-missing' : undefined;
}

/** Whose content it is: the one ConfigMap or Secret that the pod reads, the webhook of that name. */
function culprit({ text, of }: Word, cause: string | undefined, world: World): SubjectRef | undefined {
  const kind = { 'configmap-content-wrong': 'ConfigMap', 'credentials-wrong': 'Secret' }[cause ?? ''];
  const pattern =
    kind === 'Secret'
      ? /"secret(?:Ref|KeyRef)?":\{[^}]*?"(?:secretName|name)":"([^"]+)"/g
      : /"configMap(?:Ref|KeyRef)?":\{[^}]*?"name":"([^"]+)"/g;
  const names = [...new Set([...JSON.stringify(of.spec ?? {}).matchAll(pattern)].map(([, name]) => name!))].filter(
    (name) => name !== 'kube-root-ca.crt',
  );
  if (kind !== undefined && names.length === 1) return { kind, namespace: of.metadata.namespace, name: names[0]! };
  const webhook = cause === 'admission-webhook-down' ? /webhook "([^"]+)"/.exec(text)?.[1] : undefined;
  const holds = ({ webhooks }: Thing) =>
    (webhooks as readonly { name: string }[] | undefined)?.some(({ name }) => name === webhook) === true;
  const found = ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'].flatMap((one) =>
    (world.get(one) ?? []).filter(holds),
  )[0];
  return found && refOf(found);
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
