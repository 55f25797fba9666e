import { record } from './events.ts';
import { type Item, type Loose, ownedBy } from './item.ts';
import { addPod, containerId, defaultedPodSpec, setPodCondition } from './pods.ts';
import { numberOf } from './random.ts';
import { nextWorker } from './workloads.ts';
import type { World } from './world.ts';

export interface JobPlan {
  readonly namespace: string;
  readonly name: string;
  readonly image: string;
  readonly container?: Loose;
  readonly pod?: Loose;
  readonly spec?: Loose;
  readonly ago: number;
  readonly owner?: Item;
}

/** A Job without pods yet. */
export function addJob(world: World, { namespace, name, image, container, pod, spec, ago, owner }: JobPlan): Item {
  const job: Item = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace, ...(owner ? { ownerReferences: [ownedBy(owner)] } : {}), generation: 1 },
    spec: {
      backoffLimit: 6,
      completionMode: 'NonIndexed',
      completions: 1,
      manualSelector: false,
      parallelism: 1,
      podReplacementPolicy: 'TerminatingOrFailed',
      ...spec,
      template: jobTemplate({ name, image, container, pod }),
    },
    status: { startTime: world.at(ago), terminating: 0, uncountedTerminatedPods: {} },
  };
  world.add(job, ago, owner ? 'kube-controller-manager' : 'kubectl-create');
  const labels = {
    'batch.kubernetes.io/controller-uid': job.metadata.uid as string,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': job.metadata.uid as string,
    'job-name': name,
  };
  job.spec.template.metadata.labels = labels;
  job.spec.selector = { matchLabels: { 'batch.kubernetes.io/controller-uid': job.metadata.uid } };
  return job;
}

interface Template {
  readonly name: string;
  readonly image: string;
  readonly container?: Loose;
  readonly pod?: Loose;
}

export function jobTemplate({ name, image, container, pod }: Template): Loose {
  const own = {
    image,
    name: containerName(name),
    resources: { limits: { memory: '256Mi' }, requests: { cpu: '100m', memory: '128Mi' } },
    ...container,
  };
  return {
    metadata: { labels: {} as Record<string, string> },
    spec: defaultedPodSpec({ restartPolicy: 'Never', containers: [own], ...pod }),
  };
}

/** Jobs of a CronJob carry the minute in their name; their container does not. */
function containerName(job: string): string {
  return job.replace(/-\d{6,}$/, '');
}

export function addJobPod(world: World, job: Item, ago: number): Item {
  const { name, namespace } = job.metadata;
  const pod = addPod(world, {
    owner: job,
    namespace: namespace as string,
    name: `${name}-${world.random.suffix()}`,
    template: job.spec.template,
    ago,
    node: nextWorker(world, job.spec.template.spec),
  });
  record(world, job, { reason: 'SuccessfulCreate', message: `Created pod: ${pod.metadata.name}`, by: 'job-controller', first: ago });
  return pod;
}

/** The pod's only container ended `ended` minutes ago. */
export function finishPod(
  world: World,
  pod: Item,
  { exitCode, ended, reason, log }: { exitCode: number; ended: number; reason?: string; log?: readonly string[] },
): void {
  const [status] = pod.status.containerStatuses;
  const why = reason ?? (exitCode === 0 ? 'Completed' : 'Error');
  const started = status.state.running?.startedAt ?? pod.status.startTime;
  Object.assign(status, {
    ready: false,
    started: false,
    state: {
      terminated: {
        containerID: containerId(world, pod, status.name, 0),
        exitCode,
        finishedAt: world.at(ended),
        reason: why,
        startedAt: started,
      },
    },
  });
  pod.status.phase = exitCode === 0 ? 'Succeeded' : 'Failed';
  const condition = exitCode === 0 ? 'PodCompleted' : 'PodFailed';
  if (exitCode === 0) setPodCondition(world, pod, { type: 'Initialized', status: 'True', reason: condition, ago: ended });
  for (const type of ['Ready', 'ContainersReady']) setPodCondition(world, pod, { type, status: 'False', reason: condition, ago: ended });
  if (log) world.log(pod, status.name, log);
}

export function completeJob(world: World, job: Item, ended: number, failed = 0): void {
  const condition = {
    lastProbeTime: world.at(ended),
    lastTransitionTime: world.at(ended),
    message: 'Reached expected number of succeeded pods',
    reason: 'CompletionsReached',
    status: 'True',
  };
  job.status = {
    ...job.status,
    completionTime: world.at(ended),
    conditions: [...(world.minor >= 31 ? [{ ...condition, type: 'SuccessCriteriaMet' }] : []), { ...condition, type: 'Complete' }],
    ...(failed > 0 ? { failed } : {}),
    ready: 0,
    succeeded: 1,
  };
  record(world, job, { reason: 'Completed', message: 'Job completed', by: 'job-controller', first: ended });
}

export function failJob(
  world: World,
  job: Item,
  { reason, message, ended, failed }: { reason: string; message: string; ended: number; failed: number },
): void {
  const condition = { lastProbeTime: world.at(ended), lastTransitionTime: world.at(ended), message, reason, status: 'True' };
  job.status = {
    ...job.status,
    conditions: [...(world.minor >= 31 ? [{ ...condition, type: 'FailureTarget' }] : []), { ...condition, type: 'Failed' }],
    ...(failed > 0 ? { failed } : {}),
    ready: 0,
  };
  record(world, job, { type: 'Warning', reason, message, by: 'job-controller', first: ended });
}

export interface CronJobPlan {
  readonly namespace: string;
  readonly name: string;
  readonly schedule: string;
  readonly image: string;
  readonly container?: Loose;
  readonly pod?: Loose;
  readonly jobSpec?: Loose;
  readonly spec?: Loose;
  readonly days?: number;
  /** Minutes since the last run began. */
  readonly lastRun?: number;
  readonly manager?: string;
}

export function addCronJob(
  world: World,
  {
    namespace,
    name,
    schedule,
    image,
    container,
    pod,
    jobSpec,
    spec,
    days = 90,
    lastRun,
    manager = 'kubectl-client-side-apply',
  }: CronJobPlan,
): Item {
  return world.add(
    {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name, namespace, generation: 1 },
      spec: {
        concurrencyPolicy: 'Forbid',
        failedJobsHistoryLimit: 1,
        jobTemplate: { metadata: {}, spec: { ...jobSpec, template: jobTemplate({ name, image, container, pod }) } },
        schedule,
        successfulJobsHistoryLimit: 3,
        suspend: false,
        ...spec,
      },
      status: lastRun === undefined ? {} : { lastScheduleTime: world.at(lastRun) },
    },
    days * 1440,
    manager,
  );
}

/** A run of a CronJob that ended well, `ago` minutes after it was due. */
export function addGoodRun(world: World, cron: Item, ago: number): Item {
  const { name, namespace } = cron.metadata;
  const [container] = cron.spec.jobTemplate.spec.template.spec.containers;
  const { name: _name, ...rest } = container;
  const job = addJob(world, {
    namespace: namespace as string,
    name: `${name}-${runNumber(world, ago)}`,
    image: container.image,
    container: rest,
    ago,
    owner: cron,
  });
  const pod = addJobPod(world, job, ago);
  finishPod(world, pod, { exitCode: 0, ended: ago - 0.8 - numberOf(2, name) });
  completeJob(world, job, ago - 0.8 - numberOf(2, name));
  cron.status.lastSuccessfulTime = world.at(ago - 0.8);
  return job;
}

/** Minutes since the epoch, which the CronJob controller appends to the names of its Jobs. */
export function runNumber(world: World, ago: number): number {
  return Math.floor(world.now / 60_000 - ago);
}
