import { digestOf } from '@tier0/core';
import type { Scenario } from '../scenario/scenario.ts';

const known = new WeakMap<Scenario, string>();

/** SHA-256 over what tools can see of a scenario: a recorded answer belongs to exactly this. */
export function recordingDigest(scenario: Scenario): string {
  const digest = known.get(scenario) ?? digestOf({ now: scenario.meta.now, objects: scenario.objects, logs: [...scenario.logs].sort() });
  known.set(scenario, digest);
  return digest;
}

/** SHA-256 over everything, the expected answer included: two runs with the same digest judged the same. */
export function scenarioDigest({ meta, objects, logs, metrics, expected }: Scenario): string {
  return digestOf({ meta, objects, logs: [...logs].sort(), metrics, expected });
}
