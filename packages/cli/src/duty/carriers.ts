import type { PostgresDutyStore } from '@tier0/cmdb/stores/postgres';
import {
  type Alert,
  type CallContext,
  handleIncident,
  incidentIdOf,
  isProposed,
  type Lease,
  type LoopPorts,
  pause,
  toTier0Error,
  toTimestamp,
} from '@tier0/core';
import { takeBackLoans } from '../operations/take-back-loans.ts';
import type { Bell } from './bell.ts';
import { carryIncident } from './carrier.ts';
import type { ClusterDesk } from './cluster-desk.ts';
import type { EventBus } from './events.ts';
import { remember, type SeenBefore, seenBefore, tellSeenBefore } from './experience.ts';
import { type HeldLease, holdLease } from './hold-lease.ts';
import type { Incidents } from './incidents.ts';
import { type KnownIncident, openingOf } from './intake.ts';
import { createPatientWriter } from './patient-writer.ts';
import { shadowDecision, shadowOutcome } from './shadow.ts';

/** What a replica shares with others, and its name among them. */
export interface SharedDuty {
  readonly store: PostgresDutyStore;
  readonly replica: string;
  /** Milliseconds that a right lasts where nobody renews it. */
  readonly leaseMs: number;
}

/** What incidents of one cluster are carried with. */
export interface CarriersOptions {
  readonly desk: ClusterDesk;
  readonly bus: EventBus;
  readonly incidents: Incidents;
  /** Absent: this replica is the only one. */
  readonly shared?: SharedDuty | undefined;
  /** Rung when something ended that makes room for another look. */
  readonly news: Bell;
  /** The team the catalog names for an item. */
  readonly ownerOf: (item: string | undefined) => string | undefined;
  /** Why an incident is over by itself; undefined: it is not. */
  readonly endedByItself: (incident: string, nowMs: number) => string | undefined;
  /** Nothing is begun. */
  readonly standsStill: () => boolean;
}

/** The right to do something; whoever is alone needs none. */
export type Right = HeldLease | 'alone';

/** Who carries the incidents of one cluster. */
export interface Carriers {
  /** Of incidents that were recognised since the start: what is remembered of their kind, by id. */
  readonly experience: ReadonlyMap<string, SeenBefore>;
  /** Incidents that are being carried now. */
  readonly carried: readonly string[];
  /** Incidents that were decided on and whose first entry is not written yet: to the next look they are as open as any. */
  readonly openings: readonly KnownIncident[];
  /** Takes the right to do something for this cluster, kept while it is done; undefined when another replica has it. */
  hold(name: string, context: CallContext): Promise<Right | undefined>;
  /** Opens an incident. Among replicas the opening is written under the right to open, so that one alert never opens two. */
  open(alerts: readonly Alert[], intake: Right, context: CallContext): Promise<void>;
  /** Takes up every open incident that nobody here carries. */
  carryOpen(): void;
  /** Lets go of all that is carried. */
  stop(): void;
  /** Carries until the signal aborts: takes over what other replicas let go, and takes back loans. */
  run(context: CallContext): Promise<void>;
  /** Resolves when nothing is carried any more. */
  settled(): Promise<void>;
}

/** How often in the time of a lease is asked whether somebody let an incident go. */
const ASKS_IN_A_LEASE = 4;
/** Real milliseconds between two looks for loans whose time is over. */
const LOANS_EVERY_MS = 10 * 60_000;

/** Sets up who carries the incidents of a cluster. Nothing is carried before `run`. */
export function createCarriers(options: CarriersOptions): Carriers {
  const { desk, bus, incidents, shared, news, ownerOf, endedByItself, standsStill } = options;
  const cluster = desk.config.name;
  const notice = (message: string) => bus.tell({ type: 'notice', cluster, message });
  const carriers = new Map<string, { readonly stop: AbortController; readonly done: Promise<void> }>();
  const openings = new Map<string, KnownIncident>();
  const experience = new Map<string, SeenBefore>();
  let running: CallContext | undefined;
  const nowMs = () => (running?.now ?? Date.now)();

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
    endedByItself: (incident: string) => endedByItself(incident, nowMs()),
    onStuck: (incident: string, message: string) => notice(`${incident} needs a person: ${message}`),
  });

  /** The right to do something, kept while it is done; undefined when another replica has it. Whoever is alone needs none. */
  const hold = async (name: string, inner: CallContext): Promise<Right | undefined> => {
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

  const openIncident = async (alerts: readonly Alert[], intake: Right, inner: CallContext) => {
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
    experience,
    get carried() {
      return [...carriers.keys()];
    },
    get openings() {
      return [...openings.values()];
    },
    hold,
    open: openIncident,
    carryOpen,
    stop() {
      for (const { stop } of carriers.values()) stop.abort();
    },
    async run(context) {
      running = context;
      carryOpen();
      await Promise.all([keepTakingOver(context), keepLoans(context)]);
    },
    async settled() {
      await Promise.all([...carriers.values()].map(({ done }) => done));
      running = undefined;
    },
  };
}

function waitFor(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Each opening is an incident of its own: the same alert may have opened one before. */
function newIncidentId(alerts: readonly Alert[], nowMs: number): string {
  const [first] = alerts as readonly [Alert, ...Alert[]];
  return incidentIdOf({ ...first, startsAt: toTimestamp(nowMs) });
}
