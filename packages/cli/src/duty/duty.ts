import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createPostgresDutyStore, type PostgresDutyStore } from '@tier0/cmdb/stores/postgres';
import { type CallContext, pause, toTier0Error } from '@tier0/core';
import { makeStateFolder } from '@tier0/core/files';
import { stateFolder, withStateFolder } from '../world/state-folder.ts';
import { openClusterDesk } from './cluster-desk.ts';
import { type ClusterDuty, createClusterDuty } from './cluster-duty.ts';
import type { DutyConfig } from './config/schema.ts';
import { readSecret } from './config/secret.ts';
import { createEventBus, type EventBus } from './events.ts';
import { createPauseSwitch, type PauseState } from './pause-switch.ts';

/** Where a duty's configuration and secrets come from. Two in one process share nothing. */
export interface DutyOptions {
  readonly config: DutyConfig;
  /** Where secrets named by `env` are read. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
}

/** tier0 on duty: watches clusters, and carries what it finds to the end. */
export interface Duty {
  readonly config: DutyConfig;
  readonly bus: EventBus;
  /** Those that stand; the others are being tried again. */
  readonly clusters: readonly ClusterDuty[];
  /** Every cluster was looked at at least once. */
  readonly isReady: boolean;
  readonly isDraining: boolean;
  readonly paused: PauseState | undefined;
  /** Stops every effect, here and after a restart. */
  pause(by: string, reason: string): Promise<void>;
  /** Lets effects happen again after a pause. */
  resume(by: string): Promise<void>;
  /** Opens no further incident; those that are open go on. */
  drain(): void;
  /**
   * Runs until the signal aborts, then lets go: nothing that was begun is lost, the next run goes on with it. Throws CONFLICT when
   * another process works in the state folder, and what is wrong with the configuration.
   */
  run(signal: AbortSignal): Promise<void>;
}

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;

/** Puts a duty together. Nothing is read before `run`. */
export function createDuty({ config, variables, now = Date.now }: DutyOptions): Duty {
  const bus = createEventBus(now);
  const clusters: ClusterDuty[] = [];
  const pauseSwitch = createPauseSwitch(join(config.state, 'PAUSE'));
  let isDraining = false;
  let store: PostgresDutyStore | undefined;

  const applyPause = (state: PauseState | undefined) => {
    for (const cluster of clusters) cluster.setPaused(state !== undefined);
    bus.tell({ type: 'pause', state });
  };
  const sharedStore = async () => {
    if (config.shared === undefined) return undefined;
    const { postgres, schema, replica = `${hostname()}/${process.pid}/${randomUUID().slice(0, 8)}`, lease } = config.shared;
    store ??= createPostgresDutyStore({ server: await readSecret(postgres, variables), schema });
    return { store, replica, leaseMs: lease };
  };
  const standUp = async (cluster: DutyConfig['clusters'][number], context: CallContext) => {
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)) {
      try {
        return await openClusterDesk({ config, cluster, variables }, context);
      } catch (error) {
        const known = toTier0Error(error);
        if (context.signal.aborted || !known.retryable) throw known;
        bus.tell({ type: 'notice', cluster: cluster.name, message: `${known.message} ${known.hint} It is tried again.` });
        await pause(waitMs, context.signal);
      }
    }
  };
  const runCluster = (cluster: DutyConfig['clusters'][number], context: CallContext) => {
    const folder = stateFolder(join(config.state, cluster.name));
    return withStateFolder(folder, { purpose: 'serve', signal: context.signal }, async () => {
      const desk = await standUp(cluster, context);
      try {
        const duty = await createClusterDuty({ desk, config, bus, shared: await sharedStore() }, context);
        clusters.push(duty);
        if (isDraining) duty.drain();
        duty.setPaused(pauseSwitch.state !== undefined);
        await duty.run(context);
      } finally {
        await desk.close();
      }
    });
  };
  return {
    config,
    bus,
    clusters,
    get isReady() {
      return clusters.length === config.clusters.length && clusters.every((cluster) => cluster.looks > 0);
    },
    get isDraining() {
      return isDraining;
    },
    get paused() {
      return pauseSwitch.state ?? clusters.map((cluster) => cluster.pausedByCluster).find(Boolean);
    },
    async pause(by, reason) {
      const state = { by, reason, at: new Date(now()).toISOString() };
      await pauseSwitch.pause(state);
      applyPause(state);
    },
    async resume(by) {
      await pauseSwitch.resume();
      bus.tell({ type: 'notice', cluster: '*', message: `${by} ended the pause` });
      applyPause(undefined);
    },
    drain() {
      isDraining = true;
      for (const cluster of clusters) cluster.drain();
    },
    async run(signal) {
      const ended = new AbortController();
      const context: CallContext = { signal: AbortSignal.any([signal, ended.signal]), now };
      await makeStateFolder(config.state);
      await pauseSwitch.look();
      const tasks = [...config.clusters.map((cluster) => runCluster(cluster, context)), pauseSwitch.watch(applyPause, context.signal)].map(
        (task) => task.finally(() => ended.abort()),
      );
      const results = await Promise.allSettled(tasks);
      clusters.splice(0);
      await store?.close();
      store = undefined;
      const failed = results.find((result) => result.status === 'rejected');
      if (failed?.status === 'rejected' && !signal.aborted) throw failed.reason;
    },
  };
}
