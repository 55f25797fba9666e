import type { EmbeddedCluster } from '../embedded-cluster.ts';
import type { KubernetesObject } from '../kubernetes-object.ts';
import type { ContainerRuntime } from '../runtime/container-runtime.ts';
import type { StoreChange } from '../store.ts';
import { reconcileDeployment } from './deployment-controller.ts';
import { reconcileEndpoints } from './endpoint-controller.ts';
import { createEventRecorder } from './event-recorder.ts';
import { createKubelet } from './kubelet.ts';
import { reconcileReplicaSet } from './replica-set-controller.ts';
import type { Simulation } from './simulation.ts';
import type { Deployment, Pod, ReplicaSet, Service } from './workload-objects.ts';

/** Which cluster is brought to life, and how fast. */
export interface RolloutSimulatorOptions {
  readonly cluster: Pick<EmbeddedCluster, 'store' | 'addLogSource'>;
  /** Runs containers whose image has a program. Without it every container is only simulated. */
  readonly runtime?: ContainerRuntime | undefined;
  /** Milliseconds since the epoch: delays and back-offs are measured on this clock. */
  readonly now: () => number;
  /** Whether a registry would have this image, tag included. */
  readonly imageExists: (image: string) => boolean;
  /** From scheduling to running, on the clock of `now`. Default 500. */
  readonly startDelayMs?: number;
}

/** A SIMULATOR of the Deployment, ReplicaSet and endpoint controllers, the scheduler and the kubelet. */
export interface RolloutSimulator {
  /** Begins to act on what is stored. */
  start(): void;
  /** Stops reacting and stops the containers it started. The objects stay as they are. */
  stop(): Promise<void>;
}

const TICK_MS = 25;
/** Rounds before the loop yields to the event loop, should two controllers never agree. */
const ROUNDS = 50;
/** Kinds whose changes can make a controller act. */
const RELEVANT = new Set(['Deployment', 'ReplicaSet', 'Pod', 'Service', 'Endpoints', 'EndpointSlice', 'Node', 'ConfigMap', 'Secret']);
const COLLECTED = [
  ['apps/v1', 'ReplicaSet'],
  ['v1', 'Pod'],
  ['discovery.k8s.io/v1', 'EndpointSlice'],
  ['batch/v1', 'Job'],
] as const;

/**
 * Makes Deployments in an embedded cluster roll out. It is a SIMULATOR, not Kubernetes. Left out on purpose:
 * probes are not run (a container is ready once it runs), pods are gone at once when deleted (no Terminating),
 * init containers never run, volumes are not mounted, quotas and admission do not exist, StatefulSets, DaemonSets,
 * Jobs and autoscalers do nothing, several old ReplicaSets are not scaled in proportion, deletion always cascades.
 * Pods that were there at the start keep their recorded state, unless a program belongs to one of their images.
 */
export function createRolloutSimulator(options: RolloutSimulatorOptions): RolloutSimulator {
  const { store } = options.cluster;
  let isDirty = false;
  let wakeAt = Number.POSITIVE_INFINITY;
  let session: { readonly end: () => void } | undefined;
  const simulation: Simulation = {
    store,
    now: options.now,
    report: createEventRecorder(store, options.now),
    wakeAt: (instant) => {
      wakeAt = Math.min(wakeAt, instant);
    },
  };

  /** Runs a step for every object of a kind; one that is too malformed to be simulated gets an Event and stops no other. */
  function each(apiVersion: string, kind: string, step: (object: KubernetesObject) => void): void {
    for (const object of store.list({ apiVersion, kind })) {
      try {
        step(object);
      } catch (error) {
        simulation.report(object, { type: 'Warning', reason: 'SimulatorError', message: String(error), component: 'rollout-simulator' });
      }
    }
  }

  function begin(): { readonly end: () => void } {
    const kubelet = createKubelet({
      simulation,
      runtime: options.runtime,
      imageExists: options.imageExists,
      startDelayMs: options.startDelayMs ?? 500,
      onExit: () => {
        isDirty = true;
      },
    });
    each('v1', 'Pod', (pod) => kubelet.adopt(pod as Pod));
    const onChange = (change: StoreChange) => {
      isDirty ||= RELEVANT.has(change.kind.kind);
      if (change.type === 'DELETED') collectDependents(change.object, simulation);
      if (change.type === 'DELETED' && change.kind.shelf === '/pods') kubelet.forget(change.object as Pod);
    };
    const round = () => {
      each('apps/v1', 'Deployment', (deployment) => reconcileDeployment(deployment as Deployment, simulation));
      each('apps/v1', 'ReplicaSet', (replicaSet) => reconcileReplicaSet(replicaSet as ReplicaSet, simulation));
      each('v1', 'Pod', (pod) => kubelet.reconcile(pod as Pod));
      each('v1', 'Service', (service) => reconcileEndpoints(service as Service, simulation));
    };
    const tick = () => {
      for (let rounds = 0; rounds < ROUNDS && (isDirty || options.now() >= wakeAt); rounds += 1) {
        isDirty = false;
        wakeAt = Number.POSITIVE_INFINITY;
        round();
      }
    };
    isDirty = true;
    const unsubscribe = store.subscribe(onChange);
    const timer = setInterval(tick, TICK_MS);
    const removeLogs = options.cluster.addLogSource((namespace, pod, container, previous) =>
      options.runtime?.log({ namespace, pod, container }, previous),
    );
    return {
      end() {
        clearInterval(timer);
        unsubscribe();
        removeLogs();
      },
    };
  }

  return {
    start() {
      session ??= begin();
    },
    async stop() {
      session?.end();
      session = undefined;
      await options.runtime?.close();
    },
  };
}

/** What garbage collection does: dependents of an object that is gone go too. */
function collectDependents(owner: KubernetesObject, { store }: Simulation): void {
  const { uid, namespace } = owner.metadata;
  for (const [apiVersion, kind] of COLLECTED) {
    for (const dependent of store.list({ apiVersion, kind, namespace })) {
      const owners = dependent.metadata.ownerReferences ?? [];
      if (!owners.some((reference) => reference.uid === uid)) continue;
      store.delete({ apiVersion, kind, namespace, name: dependent.metadata.name });
    }
  }
}
