import type { Item } from './item.ts';
import { failReadiness } from './pod-states.ts';
import type { World } from './world.ts';

export interface Suffering {
  /** What the application prints when it cannot do without. */
  readonly error: string;
  readonly ago: number;
  /** Answer of its readiness endpoint. Default 503. */
  readonly status?: number;
  /** False: it keeps answering probes and only its log tells. */
  readonly unready?: boolean;
}

/** A healthy workload that needs something which is gone: its log tells, and its readiness endpoint says so. */
export function suffer(world: World, workload: Item, { error, ago, status = 503, unready = true }: Suffering): void {
  const [container] = workload.spec.template.spec.containers;
  for (const pod of world.podsOf(workload)) {
    if (unready)
      failReadiness(world, pod, { container: container.name, saw: `HTTP probe failed with statuscode: ${status}`, ago: ago - 0.5 });
    world.log(pod, container.name, errorLines(world, error, ago));
  }
}

/** The same complaint every now and then from `ago` minutes on, after a line from better times. */
export function errorLines(world: World, error: string, ago: number): readonly string[] {
  const moments = [ago, ago - 0.4, ago * 0.6, ago * 0.3, 0.6, 0.2];
  return [`${world.at(ago + 55)} INFO started, listening on :8080`, ...moments.map((moment) => `${world.at(moment)} ERROR ${error}`)];
}
