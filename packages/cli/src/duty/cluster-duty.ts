import { itemOfAlert } from '@tier0/agents';
import type { PostgresDutyStore } from '@tier0/cmdb/stores/postgres';
import {
  type Alert,
  askDetectors,
  type CallContext,
  type CmdbReader,
  distinctGaps,
  type Gap,
  groupByItem,
  handleIncident,
  incidentIdOf,
  isProposed,
  kubernetesItemId,
  type Lease,
  type LoopPorts,
  mostUrgentFirst,
  pause,
  readField,
  redactValue,
  toTier0Error,
  toTimestamp,
} from '@tier0/core';
import { takeBackLoans } from '../operations/take-back-loans.ts';
import { createBell } from './bell.ts';
import { carryIncident } from './carrier.ts';
import type { ClusterDesk } from './cluster-desk.ts';
import type { DutyConfig } from './config/schema.ts';
import { type Quiet, updateQuiet, whyOver } from './ended-alerts.ts';
import type { EventBus } from './events.ts';
import { remember, type SeenBefore, seenBefore, tellSeenBefore } from './experience.ts';
import { type HeldLease, holdLease } from './hold-lease.ts';
import { type DutyIncident, type Incidents, loadIncidents, toKnown } from './incidents.ts';
import { judgeIntake, type KnownIncident, openingOf, type Sighting, updateSightings, type Verdict } from './intake.ts';
import { createLocalAlertStore } from './local-alert-store.ts';
import { createPatientWriter } from './patient-writer.ts';
import type { PauseState } from './pause-switch.ts';
import { shadowDecision, shadowOutcome } from './shadow.ts';

/** What a look at a cluster showed. */
export interface DutyLook {
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly tookMs: number;
  readonly verdicts: readonly Verdict[];
  /** What could not be looked at. */
  readonly unknowns: readonly Gap[];
}

/** The watch over one cluster. */
export interface ClusterDuty {
  readonly desk: ClusterDesk;
  readonly incidents: Incidents;
  /** Of incidents that were recognised since the start: what is remembered of their kind, by id. */
  readonly experience: ReadonlyMap<string, SeenBefore>;
  /** Undefined before the first look. */
  readonly look: DutyLook | undefined;
  /** How often was looked since the start. */
  readonly looks: number;
  /** Alerts that other systems raised and that have not ended. */
  readonly alerts: readonly Alert[];
  /** The annotation of the cluster that stops everything; undefined: it is not set. */
  readonly pausedByCluster: PauseState | undefined;
  /** Takes alerts in, firing and ended ones; resolved once they are kept. Throws UNAVAILABLE when they cannot be. */
  takeIn(alerts: readonly Alert[]): Promise<void>;
  /** The graph as it was read last. Throws CONFLICT before the first reading. */
  reader(): CmdbReader;
  /** The team the catalog names for an item; undefined: it names none, or nothing was read yet. */
  ownerOf(item: string | undefined): string | undefined;
  /** Watches, opens incidents and carries them until the signal aborts. */
  run(context: CallContext): Promise<void>;
  /** No incident is opened any more. */
  drain(): void;
  /** Ends what is being carried; nothing is begun while paused. */
  setPaused(isPaused: boolean): void;
  /** Incidents that are being carried now. */
  readonly carried: readonly string[];
}

/** Real milliseconds after which is looked although nothing is new: time itself brings findings. */
const LOOK_ANYWAY_MS = 15_000;
/** Real milliseconds between two looks at least. */
const REST_MS = 500;
/** How often in the time of a lease is asked whether somebody let an incident go. */
const ASKS_IN_A_LEASE = 4;
/** Real milliseconds between two looks for loans whose time is over. */
const LOANS_EVERY_MS = 10 * 60_000;

/** Whoever sends alerts waits for an answer this long, milliseconds. */
const KEEP_ALERTS_MS = 10_000;

/** Items that a failure is followed to at most, nearest first. */
const MAX_REACH = 10_000;

/** Annotation of the namespace kube-system that stops everything. */
export const PAUSE_ANNOTATION = 'tier0.dev/pause';

/** What a watch over a cluster works with. */
export interface ClusterDutyOptions {
  readonly desk: ClusterDesk;
  readonly config: DutyConfig;
  readonly bus: EventBus;
  /** What this replica shares with others, and its name among them. Absent: it is the only one. */
  readonly shared?: { readonly store: PostgresDutyStore; readonly replica: string; readonly leaseMs: number } | undefined;
}

/** Sets up the watch over a cluster; reads the records of its incidents. */
export async function createClusterDuty({ desk, config, bus, shared }: ClusterDutyOptions, context: CallContext): Promise<ClusterDuty> {
  const cluster = desk.config.name;
  const notice = (message: string) => bus.tell({ type: 'notice', cluster, message });
  const incidents = await loadIncidents(
    shared?.store.record ?? desk.ports.record,
    (id, message) => notice(`the record of ${id} is damaged: ${message}`),
    context,
  );
  const news = createBell();
  const alertStore = shared?.store.alerts ?? createLocalAlertStore(desk.alertFile);
  let outside: readonly Alert[] = [];
  const carriers = new Map<string, { readonly stop: AbortController; readonly done: Promise<void> }>();
  /** Incidents that were decided on and whose first entry is not written yet: to the next look they are as open as any. */
  const openings = new Map<string, KnownIncident>();
  const experience = new Map<string, SeenBefore>();
  let sightings: ReadonlyMap<string, Sighting> = new Map();
  let quiet: Quiet = new Map();
  let look: DutyLook | undefined;
  let looks = 0;
  let isPaused = true;
  let isDraining = false;
  let pausedByCluster: PauseState | undefined;
  let running: CallContext | undefined;
  let failures: readonly Gap[] = [];

  const ownerOf = (item: string | undefined) => (item === undefined || looks === 0 ? undefined : desk.cmdb.reader().owner(item)?.team);
  const standsStill = () => isPaused || pausedByCluster !== undefined;
  const stopCarrying = () => {
    for (const { stop } of carriers.values()) stop.abort();
  };
  const say = (incident: string, message: string) => bus.tell({ type: 'progress', cluster, incident, step: 'propose', message });
  const portsFor = (incident: string, lease?: Lease): LoopPorts => ({
    ...desk.ports,
    ...(shared && lease ? { ...shared.store.under(lease), tracker: shared.store.tracker } : {}),
    writer: createPatientWriter(desk.ports.writer, (reason) => {
      incidents.say(incident, 'propose', `waits: ${reason}`);
      say(incident, `waits: ${reason}`);
    }),
  });

  /** Experience is a help, never a condition: that it cannot be read or written is said, and the incident goes on. */
  const drawOn = async (step: 'diagnose' | 'gate' | 'close', id: string, state: Parameters<Incidents['apply']>[1]) => {
    const inner = { signal: AbortSignal.timeout(30_000), now: running?.now ?? Date.now };
    try {
      const seen = step === 'diagnose' ? await seenBefore(desk.ports.patterns, state, inner) : undefined;
      if (seen) {
        experience.set(id, seen);
        bus.tell({ type: 'progress', cluster, incident: id, step: 'diagnose', message: tellSeenBefore(seen) });
      }
      const learned = step === 'close' ? await remember(desk.ports.patterns, state, inner) : undefined;
      if (learned) bus.tell({ type: 'progress', cluster, incident: id, step: 'learn', message: `remembered as ${learned}` });
      if (step === 'gate') await shadowDecision(desk.folder.shadow, { state, similarity: experience.get(id)?.similarity ?? 0 }, inner);
      if (step === 'close') await shadowOutcome(desk.folder.shadow, state, inner);
    } catch (error) {
      notice(`experience of ${id}: ${toTier0Error(error).message}`);
    }
  };

  const told = (id: string) => ({
    settings: desk.settings,
    onEntry: (entry: Parameters<Incidents['apply']>[0], state: Parameters<Incidents['apply']>[1]) => {
      incidents.apply(entry, state);
      openings.delete(id);
      bus.tell({ type: 'entry', cluster, incident: id, entry });
      const { phase, step } = entry;
      if (phase === 'done' && (step === 'diagnose' || step === 'gate' || step === 'close')) void drawOn(step, id, state);
      if (state.status !== undefined) news.ring();
    },
    onProgress: (incident: string, step: Parameters<Incidents['say']>[1], message: string) => {
      incidents.say(incident, step, message);
      bus.tell({ type: 'progress', cluster, incident, step, message });
    },
    ownerOf,
    endedByItself: (incident: string) => whyOver(quiet.get(incident), { nowMs: (running?.now ?? Date.now)(), clearMs: config.times.clear }),
    onStuck: (incident: string, message: string) => notice(`${incident} needs a person: ${message}`),
  });

  /** The right to do something, kept while it is done; undefined when another replica has it. Whoever is alone needs none. */
  const hold = async (name: string, inner: CallContext): Promise<HeldLease | 'alone' | undefined> => {
    if (shared === undefined) return 'alone';
    const { store, replica, leaseMs } = shared;
    const lease = await store.leases.acquire({ name: `${cluster}/${name}`, holder: replica, ttlMs: leaseMs }, inner);
    return lease && holdLease(store.leases, lease, leaseMs, inner);
  };

  /** False: another replica carries it. */
  const carryUnderLease = async (id: string, alerts: readonly Alert[], inner: CallContext): Promise<boolean> => {
    const held = await hold(`incident/${id}`, inner).catch(() => undefined);
    if (held === undefined) return false;
    if (held === 'alone') {
      await carryIncident(id, alerts, { ...told(id), ports: portsFor(id) }, inner);
      return true;
    }
    const signal = AbortSignal.any([inner.signal, held.signal]);
    await carryIncident(id, alerts, { ...told(id), ports: portsFor(id, held.lease) }, { ...inner, signal });
    await held.release();
    return true;
  };

  const carry = (id: string, alerts: readonly Alert[]) => {
    if (running === undefined || standsStill() || carriers.has(id) || running.signal.aborted) return;
    const stop = new AbortController();
    const inner = { ...running, signal: AbortSignal.any([running.signal, stop.signal]) };
    const done = carryUnderLease(id, alerts, inner).then((isCarried) => {
      carriers.delete(id);
      openings.delete(id);
      // Paused and at once resumed: what was being let go of is taken up again.
      if (stop.signal.aborted && incidents.get(id)?.state.status === undefined) carry(id, alerts);
      if (isCarried) news.ring();
    });
    carriers.set(id, { stop, done });
  };

  /** Opens an incident. Among replicas the opening is written under the right to open, so that one alert never opens two. */
  const openIncident = async (alerts: readonly Alert[], intake: HeldLease | 'alone', inner: CallContext) => {
    const id = newIncidentId(alerts, inner.now());
    openings.set(id, openingOf(id, alerts, inner.now()));
    if (intake === 'alone') return carry(id, alerts);
    const signal = AbortSignal.any([inner.signal, intake.signal]);
    const { settings, onEntry } = told(id);
    try {
      const state = await handleIncident(
        { incident: id, alerts, ports: portsFor(id, intake.lease), settings, until: 'open', onEntry },
        { ...inner, signal },
      );
      if (state.results.open) carry(id, alerts);
    } finally {
      openings.delete(id);
    }
  };

  const carryOpen = () => {
    for (const { state } of incidents.open()) carry(state.incident, state.results.open?.alerts ?? []);
  };

  const heedAnnotation = (state: PauseState | undefined) => {
    const before = pausedByCluster;
    pausedByCluster = state;
    if (state !== undefined && before === undefined) {
      stopCarrying();
      notice(`everything stands still: ${state.by} says "${state.reason}"`);
    }
    if (state === undefined && before !== undefined) {
      notice('the annotation is gone: tier0 goes on');
      carryOpen();
    }
  };

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
    heedAnnotation(pauseAnnotation(reader, cluster));
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
    const mayOpen = !isDraining && !standsStill();
    const intake = mayOpen ? await hold('intake', inner).catch(() => undefined) : undefined;
    let verdicts: readonly Verdict[] = [];
    try {
      if (shared) await incidents.catchUp(await shared.store.record.heads(inner), inner);
      const known = [...openings.values(), ...incidents.all().map(toKnown)];
      const patience = { confirmMs, clearMs, respectMs };
      if (seen.isComplete) quiet = updateQuiet(quiet, incidents.open().filter(isJudgedHere).map(toKnown), { groups, nowMs });
      verdicts = judgeIntake({ groups, known, sightings, patience, room: config.limits.incidentsAtOnce, distance, nowMs });
      if (intake !== undefined)
        for (const verdict of verdicts) if (verdict.kind === 'opens') await openIncident(verdict.alerts, intake, inner);
    } finally {
      // A right that is kept after a failure would be renewed for ever, and nobody could open anything any more.
      if (intake !== undefined && intake !== 'alone') await intake.release();
    }
    if (shared) carryOpen();
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

  /** A quiet cluster gives no reason to look, and a replica may fall silent all the same: what it carried is asked for within its lease. */
  const keepTakingOver = async (inner: CallContext) => {
    if (shared === undefined) return waitFor(inner.signal);
    while (!inner.signal.aborted) {
      await pause(shared.leaseMs / ASKS_IN_A_LEASE, inner.signal).catch(() => undefined);
      if (standsStill()) continue;
      // A database that does not answer is asked again; looking says that it is away.
      const heads = await shared.store.record.heads(inner).catch(() => undefined);
      if (heads) await incidents.catchUp(heads, inner).catch(() => undefined);
      if (heads) carryOpen();
    }
  };

  const keepLoans = async (inner: CallContext) => {
    while (!inner.signal.aborted) {
      if (!standsStill()) {
        const { record, tracker, audit, writer } = desk.ports;
        const keeper = { record, tracker, audit, author: desk.settings.author, at: () => ({ writer, forge: desk.forge }) };
        const results = await takeBackLoans(keeper, inner).catch((error: unknown) => {
          if (!inner.signal.aborted) notice(`loans could not be looked through: ${toTier0Error(error).message}`);
          return [];
        });
        for (const { incident, result } of results) {
          if (isProposed(result) && result.status === 'created')
            notice(`the loan of ${incident} is over: pull request #${result.pullRequest.number} takes it back`);
        }
      }
      await pause(LOANS_EVERY_MS, inner.signal).catch(() => undefined);
    }
  };

  return {
    desk,
    incidents,
    experience,
    get look() {
      return look;
    },
    get looks() {
      return looks;
    },
    get alerts() {
      return firing();
    },
    get pausedByCluster() {
      return pausedByCluster;
    },
    get carried() {
      return [...carriers.keys()];
    },
    async takeIn(alerts) {
      const inner = { signal: AbortSignal.timeout(KEEP_ALERTS_MS), now: running?.now ?? Date.now };
      await alertStore.take(cluster, redactValue(alerts as never).value as unknown as readonly Alert[], inner);
      await hearOutside(inner);
      news.ring();
    },
    reader: () => desk.cmdb.reader(),
    ownerOf,
    async run(outer) {
      const ended = new AbortController();
      running = { ...outer, signal: AbortSignal.any([outer.signal, ended.signal]) };
      const inner = running;
      carryOpen();
      const onNews = (said: readonly Gap[]) => {
        failures = said;
        news.ring();
      };
      try {
        await Promise.all(
          [desk.follow(onNews, inner), keepLooking(inner), keepTakingOver(inner), keepLoans(inner)].map((task) =>
            task.finally(() => ended.abort()),
          ),
        );
      } finally {
        ended.abort();
        await Promise.all([...carriers.values()].map(({ done }) => done));
        running = undefined;
      }
    },
    drain() {
      isDraining = true;
    },
    setPaused(next) {
      isPaused = next;
      if (next) stopCarrying();
      else carryOpen();
      news.ring();
    },
  };
}

function waitFor(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** The next look is due when something that must last has lasted, at the latest after a while. */
function untilNext(look: DutyLook | undefined, nowMs: number): number {
  const due = (look?.verdicts ?? []).flatMap((verdict) =>
    verdict.kind === 'waits' && verdict.untilMs > nowMs ? [verdict.untilMs - nowMs] : [],
  );
  return Math.min(LOOK_ANYWAY_MS, ...due);
}

/** Each opening is an incident of its own: the same alert may have opened one before. */
function newIncidentId(alerts: readonly Alert[], nowMs: number): string {
  const [first] = alerts as readonly [Alert, ...Alert[]];
  return incidentIdOf({ ...first, startsAt: toTimestamp(nowMs) });
}

function pauseAnnotation(reader: CmdbReader, cluster: string): PauseState | undefined {
  const namespace = reader.object(kubernetesItemId({ cluster, kind: 'Namespace', name: 'kube-system' }));
  const value = readField(namespace, ['metadata', 'annotations', PAUSE_ANNOTATION]);
  if (typeof value !== 'string' || value === '' || value === 'false') return undefined;
  return { by: `the annotation ${PAUSE_ANNOTATION} of kube-system`, reason: value.slice(0, 200) };
}

/** Of an incident on duty: who is asked to decide now. */
export function decisionAsked(
  incident: DutyIncident,
): { readonly number: number; readonly url: string; readonly isRevert: boolean } | undefined {
  const { results, status } = incident.state;
  if (status !== undefined) return undefined;
  const isRevert = results.revert !== undefined;
  const proposed = isRevert ? results.revert?.result : results.propose?.result;
  const isDecided = isRevert ? results['decide-revert'] !== undefined : results.decide !== undefined;
  if (isDecided || proposed === undefined || !isProposed(proposed)) return undefined;
  return { number: proposed.pullRequest.number, url: proposed.pullRequest.url, isRevert };
}
