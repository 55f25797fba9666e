import { toTier0Error } from '../errors/tier0-error.ts';
import type { Alert } from '../model/alert.ts';
import { distinctGaps, type Gap } from '../model/gap.ts';
import type { CallContext } from '../ports/adapter.ts';
import type { Cmdb, CmdbReader } from '../ports/cmdb-reader.ts';
import type { Detector } from '../ports/detector.ts';
import { pause } from '../time/pause.ts';

/** Who looks at what, and how often. */
export interface WatchOptions {
  readonly cmdb: Cmdb;
  readonly detectors: readonly Detector[];
  /** Real milliseconds between two looks. */
  readonly everyMs: number;
  /** Looks at most. Absent: until aborted. */
  readonly rounds?: number | undefined;
}

/** One look at the world. */
export interface WatchRound {
  readonly round: number;
  /** Alerts grouped by the item they are about, worst group first. */
  readonly groups: readonly (readonly Alert[])[];
  /** What could not be looked at. */
  readonly unknowns: readonly Gap[];
}

/** What all detectors say of one moment. */
export interface Detected {
  readonly alerts: readonly Alert[];
  /** What could not be looked at. */
  readonly unknowns: readonly Gap[];
  /** Every detector could look. Where one could not, an alert that is missing has not ended. */
  readonly isComplete: boolean;
}

/** Looks again and again: refreshes the CMDB, asks every detector, and yields what they say. A look that fails is an unknown, not an end. */
export async function* watchForAlerts(options: WatchOptions, context: CallContext): AsyncGenerator<WatchRound> {
  for (let round = 1; round <= (options.rounds ?? Number.POSITIVE_INFINITY); round++) {
    context.signal.throwIfAborted();
    yield await look(round, options, context);
    if (round !== options.rounds) await pause(options.everyMs, context.signal);
  }
}

async function look(round: number, { cmdb, detectors }: WatchOptions, context: CallContext): Promise<WatchRound> {
  const { failures } = await cmdb.refresh(context);
  const { alerts, unknowns } = await askDetectors(detectors, cmdb.reader(), context);
  return { round, groups: groupByItem(mostUrgentFirst(alerts)), unknowns: distinctGaps([...failures, ...unknowns]) };
}

/** Asks every detector about one moment. One that fails is an unknown; only an abort ends the asking, and throws. */
export async function askDetectors(detectors: readonly Detector[], reader: CmdbReader, context: CallContext): Promise<Detected> {
  const alerts: Alert[] = [];
  const unknowns: Gap[] = [];
  let isComplete = true;
  for (const detector of detectors) {
    try {
      const seen = await detector.detect(reader, context);
      alerts.push(...seen.alerts);
      unknowns.push(...seen.unknowns);
    } catch (error) {
      if (context.signal.aborted) throw error;
      isComplete = false;
      unknowns.push({ source: detector.name, code: 'failed', message: `${detector.name} could not look: ${toTier0Error(error).message}` });
    }
  }
  return { alerts, unknowns, isComplete };
}

const URGENCY = { fault: 0, degraded: 1, hygiene: 2 } as const;

/** A fault that is there comes before one that is foreseen; what is as urgent stays in the order given. */
export function mostUrgentFirst(alerts: readonly Alert[]): readonly Alert[] {
  return [...alerts].sort((a, b) => URGENCY[a.severity] - URGENCY[b.severity]);
}

/** Alerts about the same item belong together, in the order given; an alert without an item stands alone. */
export function groupByItem(alerts: readonly Alert[]): readonly (readonly Alert[])[] {
  const groups = new Map<string, Alert[]>();
  for (const alert of alerts) {
    const key = alert.item ?? `alert:${alert.fingerprint}`;
    groups.set(key, [...(groups.get(key) ?? []), alert]);
  }
  return [...groups.values()];
}
