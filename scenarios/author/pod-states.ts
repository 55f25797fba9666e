import { record } from './events.ts';
import type { Item, Loose } from './item.ts';
import { containerId, qosOf, setPodCondition } from './pods.ts';
import type { World } from './world.ts';

/** Status of a container, main or init, by name. */
export function statusOf(pod: Item, container: string): Loose {
  const all = [...(pod.status.containerStatuses ?? []), ...(pod.status.initContainerStatuses ?? [])];
  const found = all.find((status) => status.name === container);
  if (!found) throw new Error(`Pod ${pod.metadata.name} has no container ${container}.`);
  return found;
}

export function fieldPath(container: string): string {
  return `spec.containers{${container}}`;
}

/** `name_namespace(uid)`, as the kubelet names a pod in its messages. */
export function kubeletName({ metadata }: Item): string {
  return `${metadata.name}_${metadata.namespace}(${metadata.uid})`;
}

export function markUnready(world: World, pod: Item, containers: readonly string[], ago: number): void {
  const message = `containers with unready status: [${containers.join(' ')}]`;
  for (const type of ['Ready', 'ContainersReady'])
    setPodCondition(world, pod, { type, status: 'False', reason: 'ContainersNotReady', message, ago });
}

/** The scheduler finds no node for it. */
export function leaveUnschedulable(world: World, pod: Item, message: string, ago: number): void {
  delete pod.spec.nodeName;
  pod.status = { conditions: [], phase: 'Pending', qosClass: qosOf(pod.spec) };
  setPodCondition(world, pod, { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message, ago });
  record(world, pod, {
    type: 'Warning',
    reason: 'FailedScheduling',
    message,
    by: 'default-scheduler',
    first: ago,
    last: Math.min(ago, 2.2),
    count: 1 + Math.floor(ago / 5),
  });
}

export interface Waiting {
  readonly container: string;
  readonly reason: string;
  readonly message?: string;
  readonly ago: number;
}

/** A container that never ran waits; the pod is Pending. */
export function keepWaiting(world: World, pod: Item, { container, reason, message, ago }: Waiting): void {
  const status = statusOf(pod, container);
  delete status.containerID;
  Object.assign(status, {
    imageID: '',
    ready: false,
    started: false,
    state: { waiting: { ...(message === undefined ? {} : { message }), reason } },
  });
  pod.status.phase = 'Pending';
  markUnready(world, pod, unreadyNames(pod), ago);
}

export function unreadyNames(pod: Item): string[] {
  return pod.status.containerStatuses.filter((status: Loose) => !status.ready).map((status: Loose) => status.name);
}

/** The node pulled, made or mounted nothing yet: no sandbox, no address. */
export function keepCreating(world: World, pod: Item, ago: number): void {
  for (const { name } of pod.spec.containers) keepWaiting(world, pod, { container: name, reason: 'ContainerCreating', ago });
  delete pod.status.podIP;
  delete pod.status.podIPs;
  setPodCondition(world, pod, { type: 'PodReadyToStartContainers', status: 'False', ago });
}

export function recordScheduled(world: World, pod: Item, ago: number): void {
  const { namespace, name } = pod.metadata;
  record(world, pod, {
    reason: 'Scheduled',
    message: `Successfully assigned ${namespace}/${name} to ${pod.spec.nodeName}`,
    by: 'default-scheduler',
    first: ago,
  });
}

/** A message of the kubelet about a pod, repeated from `first` until `last` minutes ago. */
export function kubeletSays(
  world: World,
  pod: Item,
  text: { type?: 'Normal' | 'Warning'; reason: string; message: string; first: number; last?: number; count?: number; container?: string },
): void {
  const { container, ...rest } = text;
  record(world, pod, { by: 'kubelet', host: pod.spec.nodeName, ...(container ? { fieldPath: fieldPath(container) } : {}), ...rest });
}

export interface PullFailure {
  readonly container: string;
  /** What the runtime answered, without the kubelet's words. */
  readonly error: string;
  readonly ago: number;
  readonly init?: boolean;
}

/** Pulling the image fails again and again. */
export function failPull(world: World, pod: Item, { container, error, ago }: PullFailure): void {
  const { image } = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].find((each: Loose) => each.name === container);
  const backOff = `Back-off pulling image "${image}"`;
  keepWaiting(world, pod, {
    container,
    reason: 'ImagePullBackOff',
    message: world.minor >= 32 ? `${backOff}: ErrImagePull: ${error}` : backOff,
    ago,
  });
  recordScheduled(world, pod, ago);
  const tries = Math.min(1 + Math.floor(ago / 5) + 3, 12);
  const last = Math.max(1, ago - 4);
  const say = (type: 'Normal' | 'Warning', reason: string, message: string, count: number, until: number) =>
    kubeletSays(world, pod, { type, reason, message, first: ago - 0.02, last: until, count, container });
  say('Normal', 'Pulling', `Pulling image "${image}"`, tries, last);
  say('Warning', 'Failed', `Failed to pull image "${image}": ${error}`, tries, last);
  say('Warning', 'Failed', 'Error: ErrImagePull', tries, last);
  say('Normal', 'BackOff', world.minor >= 32 ? `${backOff}: ErrImagePull: ${error}`.slice(0, 400) : backOff, Math.ceil(ago * 4.2), 0.4);
  say('Warning', 'Failed', 'Error: ImagePullBackOff', Math.ceil(ago * 4.2), 0.4);
}

/** The container's configuration cannot be made: a ConfigMap, Secret or key is missing. */
export function failConfiguration(world: World, pod: Item, container: string, error: string, ago: number): void {
  keepWaiting(world, pod, { container, reason: 'CreateContainerConfigError', message: error, ago });
  recordScheduled(world, pod, ago);
  const { image } = pod.spec.containers.find((each: Loose) => each.name === container);
  kubeletSays(world, pod, {
    reason: 'Pulled',
    message: pulledText(world, image),
    first: ago - 0.05,
    last: 0.7,
    count: Math.ceil(ago * 4.6),
    container,
  });
  kubeletSays(world, pod, {
    type: 'Warning',
    reason: 'Failed',
    message: `Error: ${error}`,
    first: ago - 0.05,
    last: 0.7,
    count: Math.ceil(ago * 4.6),
    container,
  });
}

export function pulledText(world: World, image: string): string {
  return `Container image "${image}" already present on machine${world.minor >= 34 ? ' and can be accessed by the pod' : ''}`;
}

/** A volume cannot be mounted. */
export function failMount(world: World, pod: Item, message: string, ago: number, reason = 'FailedMount'): void {
  recordScheduled(world, pod, ago);
  keepCreating(world, pod, ago);
  kubeletSays(world, pod, { type: 'Warning', reason, message, first: ago - 0.02, last: 1.4, count: Math.ceil(ago / 2) + 4 });
}

export interface Crash {
  readonly container: string;
  readonly exitCode: number;
  readonly reason?: 'Error' | 'OOMKilled' | 'Completed' | 'StartError' | 'ContainerCannotRun';
  readonly message?: string;
  readonly restarts: number;
  /** Minutes since it began to crash. */
  readonly ago: number;
  /** Seconds that each attempt lived. */
  readonly lived?: number;
  /** Minutes since the last attempt ended. */
  readonly ended?: number;
  /** What the crashed attempt printed. */
  readonly log?: readonly string[];
  readonly signal?: number;
}

const BACK_OFFS = ['10s', '20s', '40s', '1m20s', '2m40s'];

export function backOffText(pod: Item, container: string, restarts: number): string {
  return `back-off ${BACK_OFFS[restarts - 1] ?? '5m0s'} restarting failed container=${container} pod=${kubeletName(pod)}`;
}

export function terminated(world: World, pod: Item, crash: Crash): Loose {
  const { container, exitCode, reason = 'Error', message, restarts, lived = 2, ended = 1.3 } = crash;
  const started = reason === 'StartError' ? '1970-01-01T00:00:00Z' : world.at(ended + lived / 60);
  return {
    containerID: containerId(world, pod, container, restarts),
    exitCode,
    finishedAt: world.at(ended),
    ...(message === undefined ? {} : { message }),
    reason,
    startedAt: started,
  };
}

/** The container ends right after each start; the kubelet waits longer and longer in between. */
export function crashLoop(world: World, pod: Item, crash: Crash): void {
  const { container, restarts, ago, log } = crash;
  const status = statusOf(pod, container);
  Object.assign(status, {
    containerID: containerId(world, pod, container, restarts),
    lastState: { terminated: terminated(world, pod, crash) },
    ready: false,
    restartCount: restarts,
    started: false,
    state: { waiting: { message: backOffText(pod, container, restarts), reason: 'CrashLoopBackOff' } },
  });
  markUnready(world, pod, unreadyNames(pod), ago);
  recordCrashes(world, pod, crash);
  if (log) keepLog(world, pod, container, log);
}

function keepLog(world: World, pod: Item, container: string, log: readonly string[]): void {
  world.log(pod, container, log);
  world.log(pod, `${container}.previous`, log);
}

function recordCrashes(world: World, pod: Item, { container, restarts, ago, reason, message, ended = 1.3 }: Crash): void {
  const { image } = pod.spec.containers.find((each: Loose) => each.name === container);
  const created = world.minor >= 32 ? 'Created container: ' : 'Created container ';
  const often = { first: ago - 0.02, last: ended, count: restarts + 1, container };
  if (pod.metadata.creationTimestamp && world.minutesSince(pod.metadata.creationTimestamp) - ago < 1) recordScheduled(world, pod, ago);
  kubeletSays(world, pod, { reason: 'Pulled', message: pulledText(world, image), ...often });
  kubeletSays(world, pod, { reason: 'Created', message: `${created}${container}`, ...often });
  if (reason === 'StartError') kubeletSays(world, pod, { type: 'Warning', reason: 'Failed', message: `Error: ${message}`, ...often });
  else kubeletSays(world, pod, { reason: 'Started', message: `Started container ${container}`, ...often });
  const backOff = `Back-off restarting failed container ${container} in pod ${kubeletName(pod)}`;
  kubeletSays(world, pod, {
    type: 'Warning',
    reason: 'BackOff',
    message: backOff,
    first: ago - 0.4,
    last: 0.3,
    count: Math.ceil(ago * 4.4),
    container,
  });
}

/** A start that the runtime refuses: the program of the image is not there or not runnable. */
export function failStart(world: World, pod: Item, container: string, detail: string, ago: number, restarts: number): void {
  const prefix =
    'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process';
  crashLoop(world, pod, { container, exitCode: 128, reason: 'StartError', message: `${prefix}: ${detail}: unknown`, restarts, ago });
}

export interface ProbeFailure {
  readonly container: string;
  readonly probe: 'Readiness' | 'Liveness' | 'Startup';
  /** What the prober saw, e.g. `HTTP probe failed with statuscode: 404`. */
  readonly saw: string;
  readonly ago: number;
  readonly count?: number;
}

/** Runs, but its readiness probe fails. */
export function failReadiness(world: World, pod: Item, { container, saw, ago, count }: Omit<ProbeFailure, 'probe'>): void {
  statusOf(pod, container).ready = false;
  markUnready(world, pod, unreadyNames(pod), ago);
  kubeletSays(world, pod, {
    type: 'Warning',
    reason: 'Unhealthy',
    message: `Readiness probe failed: ${saw}`,
    first: ago,
    last: 0.1,
    count: count ?? Math.ceil(ago * 6),
    container,
  });
}

/** The kubelet kills the container because a probe failed, again and again. */
export function restartByProbe(
  world: World,
  pod: Item,
  failure: ProbeFailure & { restarts: number; exitCode: number; backOff?: boolean; lived: number },
): void {
  const { container, probe, saw, ago, restarts, exitCode, lived, backOff = true } = failure;
  const status = statusOf(pod, container);
  const ended = backOff ? 1.6 : 0.7;
  Object.assign(status, {
    lastState: { terminated: terminated(world, pod, { container, exitCode, restarts, ago, lived, ended }) },
    restartCount: restarts,
    ready: false,
    started: probe !== 'Startup' && !backOff,
    state: backOff
      ? { waiting: { message: backOffText(pod, container, restarts), reason: 'CrashLoopBackOff' } }
      : { running: { startedAt: world.at(ended - 0.05) } },
  });
  markUnready(world, pod, unreadyNames(pod), ended);
  const often = { first: ago - 0.5, last: ended + 0.1, container };
  kubeletSays(world, pod, {
    type: 'Warning',
    reason: 'Unhealthy',
    message: `${probe} probe failed: ${saw}`,
    ...often,
    count: restarts * 3,
  });
  kubeletSays(world, pod, {
    reason: 'Killing',
    message: `Container ${container} failed ${probe.toLowerCase()} probe, will be restarted`,
    ...often,
    count: restarts,
  });
  if (backOff)
    kubeletSays(world, pod, {
      type: 'Warning',
      reason: 'BackOff',
      message: `Back-off restarting failed container ${container} in pod ${kubeletName(pod)}`,
      first: Math.max(0.4, ago - 6),
      last: 0.2,
      count: Math.ceil(ago * 3),
    });
}

/** An init container is at it, or fails: the main containers wait for it. */
export function holdInInit(world: World, pod: Item, init: string, ago: number): Loose {
  for (const { name } of pod.spec.containers) keepWaiting(world, pod, { container: name, reason: 'PodInitializing', ago });
  const message = `containers with incomplete status: [${init}]`;
  setPodCondition(world, pod, { type: 'Initialized', status: 'False', reason: 'ContainersNotInitialized', message, ago });
  const status = statusOf(pod, init);
  Object.assign(status, { ready: false, started: true, state: { running: { startedAt: world.at(ago - 0.1) } } });
  return status;
}

export function crashInit(world: World, pod: Item, crash: Crash): void {
  const { container, restarts, ago, log } = crash;
  const status = holdInInit(world, pod, container, ago);
  Object.assign(status, {
    lastState: { terminated: terminated(world, pod, crash) },
    restartCount: restarts,
    started: false,
    state: { waiting: { message: backOffText(pod, container, restarts), reason: 'CrashLoopBackOff' } },
  });
  recordScheduled(world, pod, ago);
  const message = `Back-off restarting failed container ${container} in pod ${kubeletName(pod)}`;
  record(world, pod, {
    type: 'Warning',
    reason: 'BackOff',
    message,
    by: 'kubelet',
    host: pod.spec.nodeName,
    first: ago - 0.4,
    last: 0.3,
    count: Math.ceil(ago * 4.4),
    fieldPath: `spec.initContainers{${container}}`,
  });
  if (log) keepLog(world, pod, container, log);
}

/** The kubelet evicted it: the pod stays as a record, its containers are gone. */
export function evict(world: World, pod: Item, message: string, ago: number): void {
  const { startTime, qosClass, conditions, hostIP, hostIPs } = pod.status;
  pod.status = { conditions, hostIP, hostIPs, message, phase: 'Failed', qosClass, reason: 'Evicted', startTime };
  setPodCondition(world, pod, { type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet', message, ago });
  for (const type of ['Ready', 'ContainersReady']) setPodCondition(world, pod, { type, status: 'False', reason: 'PodFailed', ago });
  kubeletSays(world, pod, { type: 'Warning', reason: 'Evicted', message, first: ago });
}

/** Ends on request: deletion was asked for `ago` minutes ago with the pod's grace period. */
export function terminate(world: World, pod: Item, ago: number): void {
  const grace = pod.spec.terminationGracePeriodSeconds;
  pod.metadata.deletionTimestamp = world.at(ago - grace / 60);
  pod.metadata.deletionGracePeriodSeconds = grace;
  for (const { name } of pod.spec.containers)
    kubeletSays(world, pod, { reason: 'Killing', message: `Stopping container ${name}`, first: ago, container: name });
}
