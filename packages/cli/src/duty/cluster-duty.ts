import { type Alert, type CallContext, type CmdbReader, kubernetesItemId, readField } from '@tier0/core';
import { createBell } from './bell.ts';
import { createCarriers, type SharedDuty } from './carriers.ts';
import type { ClusterDesk } from './cluster-desk.ts';
import type { DutyConfig } from './config/schema.ts';
import type { EventBus } from './events.ts';
import type { SeenBefore } from './experience.ts';
import { type Incidents, loadIncidents } from './incidents.ts';
import { createLookout, type DutyLook, type Lookout } from './lookout.ts';
import type { PauseState } from './pause-switch.ts';

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

/** Annotation of the namespace kube-system that stops everything. */
export const PAUSE_ANNOTATION = 'tier0.dev/pause';

/** What a watch over a cluster works with. */
export interface ClusterDutyOptions {
  readonly desk: ClusterDesk;
  readonly config: DutyConfig;
  readonly bus: EventBus;
  /** What this replica shares with others, and its name among them. Absent: it is the only one. */
  readonly shared?: SharedDuty | undefined;
}

/**
 * Sets up the watch over a cluster; reads the records of its incidents. It looks (`lookout.ts`) and carries (`carriers.ts`) at the same time;
 * what both must heed, the pause and the end, is held here.
 */
export async function createClusterDuty({ desk, config, bus, shared }: ClusterDutyOptions, context: CallContext): Promise<ClusterDuty> {
  const cluster = desk.config.name;
  const notice = (message: string) => bus.tell({ type: 'notice', cluster, message });
  const incidents = await loadIncidents(
    shared?.store.record ?? desk.ports.record,
    (id, message) => notice(`the record of ${id} is damaged: ${message}`),
    context,
  );
  const news = createBell();
  let isPaused = true;
  let isDraining = false;
  let pausedByCluster: PauseState | undefined;
  let running: CallContext | undefined;

  const standsStill = () => isPaused || pausedByCluster !== undefined;
  const ownerOf = (item: string | undefined) =>
    item === undefined || lookout.looks === 0 ? undefined : desk.cmdb.reader().owner(item)?.team;
  const endedByItself = (incident: string, nowMs: number) => lookout.whyOver(incident, nowMs);
  const carriers = createCarriers({ desk, bus, incidents, shared, news, ownerOf, endedByItself, standsStill });
  const heedAnnotation = (state: PauseState | undefined) => {
    const before = pausedByCluster;
    pausedByCluster = state;
    if (state !== undefined && before === undefined) {
      carriers.stop();
      notice(`everything stands still: ${state.by} says "${state.reason}"`);
    }
    if (state === undefined && before !== undefined) {
      notice('the annotation is gone: tier0 goes on');
      carriers.carryOpen();
    }
  };
  const onReading = (reader: CmdbReader) => heedAnnotation(pauseAnnotation(reader, cluster));
  const mayOpen = () => !isDraining && !standsStill();
  const lookout: Lookout = createLookout({ desk, config, bus, incidents, carriers, shared, news, onReading, mayOpen });

  return {
    desk,
    incidents,
    experience: carriers.experience,
    get look() {
      return lookout.look;
    },
    get looks() {
      return lookout.looks;
    },
    get alerts() {
      return lookout.alerts;
    },
    get pausedByCluster() {
      return pausedByCluster;
    },
    get carried() {
      return carriers.carried;
    },
    takeIn: (alerts) => lookout.takeIn(alerts, running?.now ?? Date.now),
    reader: () => desk.cmdb.reader(),
    ownerOf,
    async run(outer) {
      const ended = new AbortController();
      const inner = { ...outer, signal: AbortSignal.any([outer.signal, ended.signal]) };
      running = inner;
      try {
        const tasks = [carriers.run(inner), desk.follow(lookout.hearReading, inner), lookout.run(inner)];
        await Promise.all(tasks.map((task) => task.finally(() => ended.abort())));
      } finally {
        ended.abort();
        await carriers.settled();
        running = undefined;
      }
    },
    drain() {
      isDraining = true;
    },
    setPaused(next) {
      isPaused = next;
      if (next) carriers.stop();
      else carriers.carryOpen();
      news.ring();
    },
  };
}

function pauseAnnotation(reader: CmdbReader, cluster: string): PauseState | undefined {
  const namespace = reader.object(kubernetesItemId({ cluster, kind: 'Namespace', name: 'kube-system' }));
  const value = readField(namespace, ['metadata', 'annotations', PAUSE_ANNOTATION]);
  if (typeof value !== 'string' || value === '' || value === 'false') return undefined;
  return { by: `the annotation ${PAUSE_ANNOTATION} of kube-system`, reason: value.slice(0, 200) };
}
