import { createFindingsDetector, createMemoryDetector, MATTERS, type Matter } from '@tier0/agents';
import { type CallContext, type Detector, type EvidenceSource, Tier0Error, type WatchRound, watchForAlerts } from '@tier0/core';
import type { World } from './open-world.ts';

/** How far ahead a limit is worth waking up for: half a day by the context's clock. */
const HORIZON_MS = 12 * 60 * 60 * 1000;
/** Changes and metrics further back are not looked at. */
export const WINDOW_MS = 6 * 60 * 60 * 1000;
/** Milliseconds between two looks at a cluster by default. */
const EVERY_MS = 15_000;

/** Who looks for what. */
export interface DetectorOptions {
  /** What can be found. Default: what tier0 knows. */
  readonly matters?: readonly Matter[] | undefined;
  /** Where metrics are read. */
  readonly evidence?: readonly EvidenceSource[] | undefined;
  /** Whether limits that will be reached are looked for. Default true; without metrics a forecast only ever says that it cannot be made. */
  readonly forecasts?: boolean | undefined;
}

/** The detectors of tier0: what rules find, and limits that will be reached. `tier0 run`, `tier0 serve` and the play all look with these. */
export function detectorsOf({ matters = MATTERS, evidence = [], forecasts = true }: DetectorOptions): readonly Detector[] {
  const memory = createMemoryDetector({ evidence, horizonMs: HORIZON_MS, windowMs: WINDOW_MS });
  return [...(forecasts ? [memory] : []), createFindingsDetector({ matters })];
}

/** How a watch looks, and how often. */
export interface WatchWorldOptions extends DetectorOptions {
  /** Who looks. Default: those of `detectorsOf`. */
  readonly detectors?: readonly Detector[] | undefined;
  /** Real milliseconds between two looks. Default 15,000. */
  readonly everyMs?: number | undefined;
  /** Looks at most. Default: until the signal aborts. */
  readonly rounds?: number | undefined;
}

/**
 * Looks at a live cluster again and again, and yields what is wrong or about to be, grouped by item, worst first. A look that fails is an
 * unknown, not an end. Throws UNSUPPORTED for a recording, which never changes.
 */
export async function* watchWorld(
  { cmdb }: Pick<World, 'cmdb'>,
  options: WatchWorldOptions,
  context: CallContext,
): AsyncGenerator<WatchRound> {
  if (cmdb === undefined) throw neverChanges();
  const { everyMs = EVERY_MS, rounds, detectors = detectorsOf(options) } = options;
  yield* watchForAlerts({ cmdb, detectors, everyMs, rounds }, context);
}

function neverChanges(): Tier0Error {
  return new Tier0Error({
    code: 'UNSUPPORTED',
    message: 'A recording cannot be watched: it never changes.',
    hint: 'Diagnose it, or name a live cluster.',
  });
}
