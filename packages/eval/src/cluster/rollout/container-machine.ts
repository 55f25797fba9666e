import type { ContainerExit } from '../runtime/container-runtime.ts';

/** Where a container stands in its life. Instants are milliseconds of the simulated clock. */
export type ContainerStage =
  | { readonly at: 'creating'; readonly due: number }
  | { readonly at: 'pulling'; readonly attempts: number; readonly due: number }
  | { readonly at: 'misconfigured'; readonly message: string; readonly due: number }
  | { readonly at: 'running'; readonly since: number }
  | { readonly at: 'crashed'; readonly due: number; readonly delayMs: number; readonly ended: Termination }
  | { readonly at: 'ended'; readonly ended: Termination };

export interface Termination extends ContainerExit {
  readonly startedAt: number;
  readonly finishedAt: number;
}

/** One container of one pod, as the simulated kubelet remembers it. */
export interface ContainerMachine {
  readonly name: string;
  stage: ContainerStage;
  restarts: number;
  /** Failures in a row; forgotten after ten minutes of running. */
  failures: number;
  last: Termination | undefined;
  /** Whether it ever ran. */
  hasRun: boolean;
}

const LONGEST_DELAY_MS = 300_000;
const STABLE_AFTER_MS = 600_000;

/** Kubernetes back-off: 10 s, doubled each time, at most five minutes. */
export function backOffMs(attempts: number): number {
  return Math.min(10_000 * 2 ** Math.max(0, attempts - 1), LONGEST_DELAY_MS);
}

/** How a container goes on after an exit: the first restart is immediate, later ones back off. */
export function stageAfterExit(machine: ContainerMachine, ended: Termination, restartPolicy: string): ContainerStage {
  const isFinal = restartPolicy === 'Never' || (restartPolicy === 'OnFailure' && ended.exitCode === 0);
  if (isFinal) return { at: 'ended', ended };
  if (ended.finishedAt - ended.startedAt > STABLE_AFTER_MS) machine.failures = 0;
  const delayMs = machine.failures === 0 ? 0 : backOffMs(machine.failures);
  machine.failures += 1;
  return { at: 'crashed', due: ended.finishedAt + delayMs, delayMs, ended };
}
