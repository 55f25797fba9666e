import { uidOf } from '../deterministic-id.ts';
import { toTimestamp } from '../kubernetes-object.ts';
import type { ContainerMachine, Termination } from './container-machine.ts';
import { type Container, type ContainerStatus, type Pod, withTransitionTimes } from './workload-objects.ts';

export interface PodSituation {
  readonly pod: Pod;
  readonly machines: readonly ContainerMachine[];
  readonly podIp: string;
  readonly now: number;
}

/** The status a kubelet would write for containers in these stages. */
export function podStatus({ pod, machines, podIp, now }: PodSituation): NonNullable<Pod['status']> {
  const time = toTimestamp(now);
  const statuses = machines.map((machine) => containerStatus(pod, machine));
  const phase = phaseOf(pod, machines);
  const isReady = statuses.every((status) => status.ready);
  const unready = statuses.filter((status) => !status.ready).map((status) => status.name);
  const notReady = isReady ? {} : { reason: 'ContainersNotReady', message: `containers with unready status: [${unready.join(' ')}]` };
  const conditions = [
    { type: 'PodReadyToStartContainers', status: 'True' },
    { type: 'Initialized', status: 'True' },
    { type: 'Ready', status: isReady ? 'True' : 'False', ...notReady },
    { type: 'ContainersReady', status: isReady ? 'True' : 'False', ...notReady },
    { type: 'PodScheduled', status: 'True' },
  ];
  const hasRun = machines.some((machine) => machine.hasRun);
  return {
    ...pod.status,
    phase,
    conditions: withTransitionTimes(conditions, pod.status?.conditions, time),
    startTime: pod.status?.startTime ?? time,
    hostIP: pod.status?.hostIP ?? '192.0.2.10',
    ...(hasRun || pod.status?.podIP ? { podIP: podIp, podIPs: [{ ip: podIp }] } : {}),
    qosClass: pod.status?.qosClass ?? qosClassOf(pod),
    containerStatuses: statuses,
  };
}

function phaseOf(pod: Pod, machines: readonly ContainerMachine[]): string {
  if (machines.every((machine) => machine.stage.at === 'ended')) {
    return machines.every((machine) => machine.last?.exitCode === 0) ? 'Succeeded' : 'Failed';
  }
  return machines.every((machine) => machine.hasRun) || pod.status?.phase === 'Running' ? 'Running' : 'Pending';
}

function qosClassOf({ spec }: Pod): string {
  const resources = spec.containers.map((container) => container.resources ?? {});
  if (resources.every(({ limits, requests }) => !limits && !requests)) return 'BestEffort';
  const isGuaranteed = ({ limits, requests }: NonNullable<Container['resources']>) =>
    ['cpu', 'memory'].every((name) => limits?.[name] !== undefined && (requests?.[name] ?? limits[name]) === limits[name]);
  return resources.every(isGuaranteed) ? 'Guaranteed' : 'Burstable';
}

function containerStatus(pod: Pod, machine: ContainerMachine): ContainerStatus {
  const container = pod.spec.containers.find(({ name }) => name === machine.name)!;
  const isRunning = machine.stage.at === 'running';
  const isLast = machine.stage.at !== 'ended' && machine.last !== undefined;
  const recorded = pod.status?.containerStatuses?.find(({ name }) => name === machine.name);
  return {
    name: machine.name,
    image: container.image,
    imageID: machine.hasRun
      ? String(recorded?.imageID || `${container.image.replace(/[:@][^/]*$/, '')}@sha256:${digestOf(container.image)}`)
      : '',
    ...(machine.hasRun ? { containerID: `containerd://${digestOf(pod.metadata.uid, machine.name, machine.restarts)}` } : {}),
    ready: isRunning,
    started: isRunning,
    restartCount: machine.restarts,
    state: stateOf(pod, machine),
    lastState: isLast ? { terminated: terminated(machine.last!) } : (recorded?.lastState ?? {}),
  };
}

function digestOf(...parts: readonly unknown[]): string {
  return `${uidOf(...parts)}${uidOf(...parts, 'second half')}`.replaceAll('-', '');
}

function stateOf(pod: Pod, { name, stage }: ContainerMachine): NonNullable<ContainerStatus['state']> {
  const image = pod.spec.containers.find((container) => container.name === name)!.image;
  switch (stage.at) {
    case 'creating':
      return { waiting: { reason: 'ContainerCreating' } };
    case 'pulling':
      return stage.attempts <= 1
        ? { waiting: { reason: 'ErrImagePull', message: pullError(image) } }
        : { waiting: { reason: 'ImagePullBackOff', message: `Back-off pulling image "${image}": ErrImagePull: ${pullError(image)}` } };
    case 'misconfigured':
      return { waiting: { reason: 'CreateContainerConfigError', message: stage.message } };
    case 'running':
      return { running: { startedAt: toTimestamp(stage.since) } };
    case 'crashed':
      if (stage.delayMs === 0) return { terminated: terminated(stage.ended) };
      return { waiting: { reason: 'CrashLoopBackOff', message: `${backOffText(stage.delayMs)} ${restartText(pod, name)}` } };
    case 'ended':
      return { terminated: terminated(stage.ended) };
  }
}

function backOffText(delayMs: number): string {
  return delayMs < 60_000 ? `back-off ${delayMs / 1000}s` : `back-off ${Math.floor(delayMs / 60_000)}m${(delayMs % 60_000) / 1000}s`;
}

/** `restarting failed container=web pod=web-1_shop(uid)`, the end of several kubelet messages. */
export function restartText(pod: Pod, container: string): string {
  return `restarting failed container=${container} pod=${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`;
}

function terminated({ exitCode, reason, startedAt, finishedAt }: Termination) {
  return { exitCode, reason, startedAt: toTimestamp(startedAt), finishedAt: toTimestamp(finishedAt) };
}

/** What containerd says about an image that a registry does not have. */
export function pullError(image: string): string {
  return `rpc error: code = NotFound desc = failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${image}: not found`;
}
