import { parseQuantity } from '@tier0/core';
import type { KubernetesObject } from '../kubernetes-object.ts';
import type { ContainerExit, ContainerRuntime } from '../runtime/container-runtime.ts';
import { resolveEnvironment } from './container-environment.ts';
import { backOffMs, type ContainerMachine, stageAfterExit, type Termination } from './container-machine.ts';
import { podStatus, pullError } from './pod-status.ts';
import { schedulePod } from './scheduler.ts';
import { KUBELET, type Simulation } from './simulation.ts';
import type { Container, ContainerStatus, Pod } from './workload-objects.ts';

export interface KubeletOptions {
  readonly simulation: Simulation;
  readonly runtime: ContainerRuntime | undefined;
  readonly imageExists: (image: string) => boolean;
  readonly startDelayMs: number;
  /** Called when a container has ended by itself. */
  readonly onExit: () => void;
}

/** The simulated kubelet of every node. */
export interface Kubelet {
  /** Takes over a recorded pod that has a program; others stay as they were recorded. */
  adopt(pod: Pod): void;
  /** Brings a pod one step on. */
  reconcile(pod: Pod): void;
  /** A pod is gone: stop what runs for it. */
  forget(pod: Pod): void;
}

interface DrivenPod {
  readonly podIp: string;
  readonly machines: readonly ContainerMachine[];
}

export function createKubelet(options: KubeletOptions): Kubelet {
  const { simulation, runtime } = options;
  const { store, now, report, wakeAt } = simulation;
  const driven = new Map<string, DrivenPod>();
  const untouched = new Set<string>();
  let addresses = 0;

  function nextAddress(): string {
    addresses += 1;
    return `10.245.${Math.floor(addresses / 250) % 256}.${(addresses % 250) + 2}`;
  }

  function drive(pod: Pod): DrivenPod {
    const known = driven.get(pod.metadata.uid!);
    if (known !== undefined) return known;
    const fresh = {
      podIp: pod.status?.podIP ?? nextAddress(),
      machines: pod.spec.containers.map((container) => newMachine(container.name, now() + options.startDelayMs)),
    };
    driven.set(pod.metadata.uid!, fresh);
    return fresh;
  }

  function reconcilePod(pod: Pod): void {
    if (untouched.has(pod.metadata.uid!) || pod.metadata.deletionTimestamp !== undefined) return;
    const scheduled = schedulePod(pod, simulation);
    if (scheduled === undefined) return;
    const { machines, podIp } = drive(scheduled);
    for (const machine of machines) advance(scheduled, machine);
    const status = podStatus({ pod: scheduled, machines, podIp, now: now() });
    store.updateStatus({ ...withoutVersion(scheduled), status }, KUBELET);
  }

  function advance(pod: Pod, machine: ContainerMachine): void {
    const { stage } = machine;
    if (!('due' in stage)) return;
    if (stage.due <= now()) tryStart(pod, machine);
    if ('due' in machine.stage) wakeAt(machine.stage.due);
  }

  function tryStart(pod: Pod, machine: ContainerMachine): void {
    const container = containerOf(pod, machine.name);
    if (machine.restarts === 0 && !machine.hasRun && !allImagesExist(pod, container)) {
      failPull(pod, machine, container);
      return;
    }
    const environment = resolveEnvironment(pod, container, store);
    if ('missing' in environment) {
      misconfigure(pod, machine, environment.missing);
      return;
    }
    if (machine.hasRun) machine.restarts += 1;
    const about = { component: 'kubelet', container: container.name };
    report(pod, { ...about, reason: 'Pulled', message: `Container image "${container.image}" already present on machine` });
    report(pod, { ...about, reason: 'Created', message: `Created container: ${container.name}` });
    report(pod, { ...about, reason: 'Started', message: `Started container ${container.name}` });
    run(pod, machine, { container, env: environment.env });
  }

  /** Init containers are not run: only their images must exist, for the first container to start. */
  function allImagesExist(pod: Pod, container: Container): boolean {
    const images = [...(pod.spec.initContainers ?? []).map(({ image }) => image), container.image];
    return images.every((image) => options.imageExists(image));
  }

  function run(
    pod: Pod,
    machine: ContainerMachine,
    { container, env }: { readonly container: Container; readonly env: Readonly<Record<string, string>> },
  ): void {
    const since = now();
    machine.stage = { at: 'running', since };
    machine.hasRun = true;
    if (!runtime?.runs(container.image)) return;
    const { namespace, name } = pod.metadata;
    const memoryLimitBytes = parseQuantity(container.resources?.limits?.memory);
    const start = {
      namespace: namespace!,
      pod: name,
      container: container.name,
      image: container.image,
      env,
      args: container.args,
      memoryLimitBytes,
    };
    runtime.start(start, (exit) => ended(pod, machine, { exit, since }));
  }

  function ended(pod: Pod, machine: ContainerMachine, { exit, since }: { readonly exit: ContainerExit; readonly since: number }): void {
    if (!driven.has(pod.metadata.uid!)) return;
    const termination: Termination = { ...exit, startedAt: since, finishedAt: now() };
    machine.last = termination;
    machine.stage = stageAfterExit(machine, termination, pod.spec.restartPolicy ?? 'Always');
    if (machine.stage.at === 'crashed' && machine.stage.delayMs > 0) {
      const { name, namespace, uid } = pod.metadata;
      const message = `Back-off restarting failed container ${machine.name} in pod ${name}_${namespace}(${uid})`;
      report(pod, { type: 'Warning', reason: 'BackOff', message, component: 'kubelet', container: machine.name });
    }
    options.onExit();
  }

  function failPull(pod: Pod, machine: ContainerMachine, { image, name }: Container): void {
    const attempts = machine.stage.at === 'pulling' ? machine.stage.attempts + 1 : 1;
    const about = { component: 'kubelet', container: name };
    const warning = { ...about, type: 'Warning' as const, reason: 'Failed' };
    if (attempts === 1) {
      report(pod, { ...about, reason: 'Pulling', message: `Pulling image "${image}"` });
      report(pod, { ...warning, message: `Failed to pull image "${image}": ${pullError(image)}` });
      report(pod, { ...warning, message: 'Error: ErrImagePull' });
    } else {
      report(pod, { ...about, reason: 'BackOff', message: `Back-off pulling image "${image}"` });
      report(pod, { ...warning, message: 'Error: ImagePullBackOff' });
    }
    machine.stage = { at: 'pulling', attempts, due: now() + (attempts === 1 ? options.startDelayMs : backOffMs(attempts - 1)) };
  }

  function misconfigure(pod: Pod, machine: ContainerMachine, missing: string): void {
    const message = `Error: ${missing}`;
    report(pod, { type: 'Warning', reason: 'Failed', message, component: 'kubelet', container: machine.name });
    machine.stage = { at: 'misconfigured', message: missing, due: now() + 10_000 };
  }

  /** A recorded pod whose image has a program: that container is started, the rest keeps its recorded state. */
  function adoptPod(pod: Pod): void {
    const hasProgram = pod.spec?.containers?.some((container) => runtime?.runs(container.image));
    if (!hasProgram || !pod.spec.nodeName || ['Succeeded', 'Failed'].includes(pod.status?.phase ?? '')) {
      untouched.add(pod.metadata.uid!);
      return;
    }
    const machines = pod.spec.containers.map((container) => adoptedMachine(pod, container, { runtime, now: now() }));
    driven.set(pod.metadata.uid!, { podIp: pod.status?.podIP ?? nextAddress(), machines });
  }

  return {
    adopt(pod) {
      if (!driven.has(pod.metadata.uid!)) adoptPod(pod);
    },
    reconcile: reconcilePod,
    forget(pod) {
      untouched.delete(pod.metadata.uid!);
      if (!driven.delete(pod.metadata.uid!)) return;
      const { namespace, name } = pod.metadata;
      for (const container of pod.spec.containers) {
        report(pod, {
          reason: 'Killing',
          message: `Stopping container ${container.name}`,
          component: 'kubelet',
          container: container.name,
        });
        void runtime?.stop({ namespace: namespace!, pod: name, container: container.name });
      }
    },
  };
}

function newMachine(name: string, due: number): ContainerMachine {
  return { name, stage: { at: 'creating', due }, restarts: 0, failures: 0, last: undefined, hasRun: false };
}

function adoptedMachine(
  pod: Pod,
  container: Container,
  { runtime, now }: { readonly runtime: ContainerRuntime | undefined; readonly now: number },
): ContainerMachine {
  const recorded = pod.status?.containerStatuses?.find(({ name }) => name === container.name);
  const restarts = recorded?.restartCount ?? 0;
  if (runtime?.runs(container.image)) return { ...newMachine(container.name, now), restarts };
  return { ...newMachine(container.name, now), restarts, hasRun: true, stage: { at: 'running', since: startedAt(recorded) ?? now } };
}

function startedAt(recorded: ContainerStatus | undefined): number | undefined {
  const at = Date.parse(String(recorded?.state?.running?.startedAt));
  return Number.isNaN(at) ? undefined : at;
}

function containerOf(pod: Pod, name: string): Container {
  return pod.spec.containers.find((container) => container.name === name)!;
}

/** Status is written over whatever stands there: the kubelet is its only writer. */
function withoutVersion<T extends KubernetesObject>(object: T): T {
  const { resourceVersion: _any, ...metadata } = object.metadata;
  return { ...object, metadata };
}
