import { itemOfAlert } from '@tier0/agents';
import {
  type Alert,
  askDetectors,
  type CallContext,
  type CmdbReader,
  distinctGaps,
  type Gap,
  groupByItem,
  mostUrgentFirst,
  pause,
  redactValue,
  toTier0Error,
} from '@tier0/core';
import type { Bell } from './bell.ts';
import type { Carriers, SharedDuty } from './carriers.ts';
import type { ClusterDesk } from './cluster-desk.ts';
import type { DutyConfig } from './config/schema.ts';
import { type Quiet, updateQuiet, whyOver } from './ended-alerts.ts';
import type { EventBus } from './events.ts';
import { type DutyIncident, type Incidents, toKnown } from './incidents.ts';
import { judgeIntake, type Sighting, updateSightings, type Verdict } from './intake.ts';
import { createLocalAlertStore } from './local-alert-store.ts';

/** What a look at a cluster showed. */
export interface DutyLook {
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly tookMs: number;
  readonly verdicts: readonly Verdict[];
  /** What could not be looked at. */
  readonly unknowns: readonly Gap[];
}

/** What a cluster is looked at with. */
export interface LookoutOptions {
  readonly desk: ClusterDesk;
  readonly config: DutyConfig;
  readonly bus: EventBus;
  readonly incidents: Incidents;
  readonly carriers: Carriers;
  /** Absent: this replica is the only one. */
  readonly shared?: SharedDuty | undefined;
  /** Woken by it, the lookout looks at once. */
  readonly news: Bell;
  /** Told what was read, before it is judged. */
  readonly onReading: (reader: CmdbReader) => void;
  /** Whether an incident may be opened now. */
  readonly mayOpen: () => boolean;
}

/** Who looks at one cluster, and decides what becomes an incident. */
export interface Lookout {
  /** Undefined before the first look. */
  readonly look: DutyLook | undefined;
  /** How often was looked since the start. */
  readonly looks: number;
  /** Alerts that other systems raised and that have not ended. */
  readonly alerts: readonly Alert[];
  /** Takes alerts in, firing and ended ones; resolved once they are kept. */
  takeIn(alerts: readonly Alert[], now: () => number): Promise<void>;
  /** Why an incident is over by itself; undefined: it is not. */
  whyOver(incident: string, nowMs: number): string | undefined;
  /** What the newest reading of the cluster could not read. */
  hearReading(failures: readonly Gap[]): void;
  /** Looks until the signal aborts. */
  run(context: CallContext): Promise<void>;
}

/** Real milliseconds after which is looked although nothing is new: time itself brings findings. */
const LOOK_ANYWAY_MS = 15_000;
/** Real milliseconds between two looks at least. */
const REST_MS = 500;

/** Whoever sends alerts waits for an answer this long, milliseconds. */
const KEEP_ALERTS_MS = 10_000;

/** Items that a failure is followed to at most, nearest first. */
const MAX_REACH = 10_000;

/** Sets up who looks at a cluster. Nothing is looked at before `run`. */
export function createLookout(options: LookoutOptions): Lookout {
  const { desk, config, bus, incidents, carriers, shared, news, onReading, mayOpen } = options;
  const cluster = desk.config.name;
  const notice = (message: string) => bus.tell({ type: 'notice', cluster, message });
  const alertStore = shared?.store.alerts ?? createLocalAlertStore(desk.alertFile);
  let outside: readonly Alert[] = [];
  let sightings: ReadonlyMap<string, Sighting> = new Map();
  let quiet: Quiet = new Map();
  let look: DutyLook | undefined;
  let looks = 0;
  let failures: readonly Gap[] = [];

  const hearOutside = async (inner: CallContext) => {
    outside = (await alertStore.read(cluster, inner)).map(({ alert }) => alert);
  };
  const firing = () => outside.filter(({ endsAt }) => endsAt === undefined);

  const currentAlerts = async (reader: CmdbReader, inner: CallContext) => {
    const { alerts: own, unknowns: gaps, isComplete: areAllAsked } = await askDetectors(desk.detectors, reader, inner);
    const [alerts, unknowns] = [[...own], [...gaps]];
    let isComplete = areAllAsked;
    try {
      await hearOutside(inner);
    } catch (error) {
      if (inner.signal.aborted) throw error;
      isComplete = false;
      const message = `alerts of other systems could not be read: ${toTier0Error(error).message}`;
      unknowns.push({ source: 'alerts', code: 'failed', message });
    }
    for (const alert of firing()) {
      const item = itemOfAlert(alert, reader, cluster);
      alerts.push(item === undefined ? alert : { ...alert, item });
    }
    return { alerts, unknowns, isComplete };
  };

  /** An alert from outside ends when its sender says so, and a replica that was not told does not know. */
  const isJudgedHere = ({ state }: DutyIncident) =>
    (state.results.open?.alerts ?? []).every(
      ({ source, fingerprint }) =>
        desk.detectors.some(({ name }) => name === source) ||
        outside.some((alert) => alert.fingerprint === fingerprint && alert.endsAt !== undefined),
    );

  const lookOnce = async (inner: CallContext) => {
    const startMs = performance.now();
    const reader = desk.cmdb.reader();
    onReading(reader);
    const seen = await currentAlerts(reader, inner);
    const urgent = seen.alerts.filter(({ severity }) => severity !== 'hygiene');
    const groups = groupByItem(mostUrgentFirst(urgent));
    const nowMs = inner.now();
    const { confirm: confirmMs, clear: clearMs, respect: respectMs } = config.times;
    const unseen = seen.isComplete ? [] : [...sightings].flatMap(([known, { missedMs }]) => (missedMs === undefined ? [known] : []));
    sightings = updateSightings(sightings, [...urgent.map(({ fingerprint }) => fingerprint), ...unseen], { nowMs, clearMs });
    const reach = new Map<string, ReadonlyMap<string, number>>();
    const distance = (from: string, to: string) => {
      const known = reach.get(from) ?? new Map(reader.impact(from, { limit: MAX_REACH }).items.map((one) => [one.item, one.distance]));
      reach.set(from, known);
      return known.get(to);
    };
    const intake = mayOpen() ? await carriers.hold('intake', inner).catch(() => undefined) : undefined;
    let verdicts: readonly Verdict[] = [];
    try {
      if (shared) await incidents.catchUp(await shared.store.record.heads(inner), inner);
      const known = [...carriers.openings, ...incidents.all().map(toKnown)];
      const patience = { confirmMs, clearMs, respectMs };
      if (seen.isComplete) quiet = updateQuiet(quiet, incidents.open().filter(isJudgedHere).map(toKnown), { groups, nowMs });
      verdicts = judgeIntake({ groups, known, sightings, patience, room: config.limits.incidentsAtOnce, distance, nowMs });
      if (intake !== undefined)
        for (const verdict of verdicts) if (verdict.kind === 'opens') await carriers.open(verdict.alerts, intake, inner);
    } finally {
      // A right that is kept after a failure would be renewed for ever, and nobody could open anything any more.
      if (intake !== undefined && intake !== 'alone') await intake.release();
    }
    if (shared) carriers.carryOpen();
    const tookMs = performance.now() - startMs;
    look = { atMs: nowMs, tookMs, verdicts, unknowns: distinctGaps([...failures, ...seen.unknowns]) };
    looks++;
    bus.tell({ type: 'looked', cluster, alerts: urgent.length, tookMs: Math.round(tookMs) });
    return tookMs;
  };

  const keepLooking = async (inner: CallContext) => {
    while (!inner.signal.aborted) {
      let tookMs = 0;
      try {
        tookMs = await lookOnce(inner);
      } catch (error) {
        if (inner.signal.aborted) return;
        const { message, code } = toTier0Error(error);
        // Before the first reading there is nothing to look at, and nothing to complain about.
        if (code !== 'CONFLICT') notice(`could not look: ${message}`);
      }
      // Rests as long as it worked, so that a big cluster never takes a whole core.
      await pause(Math.max(REST_MS, tookMs), inner.signal).catch(() => undefined);
      await news.rest(untilNext(look, inner.now()), inner.signal).catch(() => undefined);
    }
  };

  return {
    get look() {
      return look;
    },
    get looks() {
      return looks;
    },
    get alerts() {
      return firing();
    },
    async takeIn(alerts, now) {
      const inner = { signal: AbortSignal.timeout(KEEP_ALERTS_MS), now };
      await alertStore.take(cluster, redactValue(alerts as never).value as unknown as readonly Alert[], inner);
      await hearOutside(inner);
      news.ring();
    },
    whyOver: (incident, nowMs) => whyOver(quiet.get(incident), { nowMs, clearMs: config.times.clear }),
    hearReading(said) {
      failures = said;
      news.ring();
    },
    run: keepLooking,
  };
}

/** The next look is due when something that must last has lasted, at the latest after a while. */
function untilNext(look: DutyLook | undefined, nowMs: number): number {
  const due = (look?.verdicts ?? []).flatMap((verdict) =>
    verdict.kind === 'waits' && verdict.untilMs > nowMs ? [verdict.untilMs - nowMs] : [],
  );
  return Math.min(LOOK_ANYWAY_MS, ...due);
}
