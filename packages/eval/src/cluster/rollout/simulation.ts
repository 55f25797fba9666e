import type { KubernetesObject } from '../kubernetes-object.ts';
import type { ClusterStore } from '../store.ts';

/** What every simulated controller works with. */
export interface Simulation {
  readonly store: ClusterStore;
  readonly now: () => number;
  /** Reports an Event about an object; equal ones are counted up. */
  readonly report: (about: KubernetesObject, event: EventReport) => void;
  /** Asks to be called again at this instant of the simulated clock. */
  readonly wakeAt: (instant: number) => void;
}

export interface EventReport {
  readonly type?: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** Who reports: `kubelet`, `deployment-controller` ... */
  readonly component: string;
  /** Container the Event is about. */
  readonly container?: string;
}

/** Writers as they appear in `managedFields`. */
export const CONTROLLER_MANAGER = { manager: 'kube-controller-manager' };
export const KUBELET = { manager: 'kubelet' };
export const SCHEDULER = { manager: 'kube-scheduler' };
