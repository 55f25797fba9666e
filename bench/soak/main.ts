// Days on duty on an accelerated clock: events in the cluster, incidents, stumbling networks, restarts and pauses. Measured: heap and handles over
// time; counted: effects lost or doubled, and how each incident ended. The graph, its SQLite store, intake, carriers and records are real.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createCmdb, createSqliteCmdbStore } from '@tier0/cmdb';
import { createFileIncidentRecord, type IncidentState } from '@tier0/core';
import { type ClusterDuty, DutyConfigSchema } from 'tier0';
import { createClusterDuty } from '../../packages/cli/src/duty/cluster-duty.ts';
import { createEventBus } from '../../packages/cli/src/duty/events.ts';
import { createObjectsSource } from '../../packages/cmdb/src/testing/objects-source.ts';
import { Random } from '../../scenarios/author/random.ts';
import { createLightDesk } from '../duty/light-desk.ts';
import { CountingWorld, type Story } from '../duty/outside-world.ts';
import { readOptions } from '../frame/options.ts';
import { publish, type Row, toRecord } from '../frame/record.ts';

const options = readOptions(['hours', 'events', 'incidents', 'objects', 'speed', 'seed']);
const hours = options.count('hours', 72);
const eventsAnHour = options.count('events', 40_000);
const incidents = options.count('incidents', 120);
const size = options.count('objects', 1_000);
/** Simulated seconds in a real one, at most. */
const speed = options.count('speed', 720);
const random = new Random(options.count('seed', 1));
const START = Date.parse('2026-01-01T00:00:00Z');
const HOUR_MS = 3_600_000;
/** As a configuration that names none. */
const HISTORY_MS = 24 * HOUR_MS;
/** All objects change once in a step. */
const stepMs = (size / eventsAnHour) * HOUR_MS;
const steps = Math.ceil((hours * HOUR_MS) / stepMs);
/** Steps between two of these. */
const RESTART_EVERY = Math.max(1, Math.round((5 * HOUR_MS) / stepMs));
const PAUSE_EVERY = Math.max(1, Math.round((7 * HOUR_MS) / stepMs));
const MEASURE_EVERY = Math.max(1, Math.round(steps / 24));

let now = START;
const clock = () => now;
const folder = await mkdtemp(join(tmpdir(), 'tier0-soak-'));
const objects = Array.from({ length: size }, (_, index) => podAt(index, 0));
const store = createSqliteCmdbStore({ file: join(folder, 'cmdb.db') });
const cmdb = createCmdb({
  store,
  historyMs: HISTORY_MS,
  sources: [createObjectsSource({ cluster: 'soak', objects: () => objects, gaps: () => [] })],
});
const world = new CountingWorld(clock);
const config = DutyConfigSchema.parse({
  clusters: [{ name: 'soak', repository: { url: 'none' } }],
  // Looks are half a real second apart, which is minutes here: what is patient must be so in these.
  times: { confirm: '5m', clear: '2h', respect: `${hours * 2}h` },
  limits: { incidentsAtOnce: 1000 },
});
const context = { signal: new AbortController().signal, now: clock };
await cmdb.refresh(context);
let duty = await startDuty();

const heaps: { readonly hour: number; readonly mib: number; readonly handles: number }[] = [];
let restarts = 0;
let pauses = 0;
let broken = 0;
const startedAt = performance.now();
for (let step = 0; step < steps; step++) {
  for (let index = 0; index < size; index++) objects[index] = podAt(index, step + 1);
  now += stepMs;
  await cmdb.refresh(context);
  for (; broken < ((step + 1) / steps) * incidents && step < steps * 0.95; broken++) world.break(itemOf(broken), storyOf(broken));
  if (step % RESTART_EVERY === RESTART_EVERY - 1) {
    await duty.stop();
    duty = await startDuty();
    restarts++;
  }
  if (step % PAUSE_EVERY === PAUSE_EVERY - 2) duty.watch.setPaused(true);
  if (step % PAUSE_EVERY === PAUSE_EVERY - 1) {
    duty.watch.setPaused(false);
    pauses++;
  }
  if (step % MEASURE_EVERY === MEASURE_EVERY - 1) measure();
  // Carriers live by real time where they wait: they get their share of it.
  await delay(Math.max(1, startedAt + ((step + 1) * stepMs) / speed - performance.now()));
}
const quiet = performance.now() + 90_000;
while (duty.watch.incidents.all().length < broken || duty.watch.incidents.open().some(({ state }) => !waitsForPerson(state))) {
  if (performance.now() > quiet) break;
  now += 60_000;
  await delay(250);
}
const ends: Record<string, number> = {};
for (const { state } of duty.watch.incidents.all()) {
  const end =
    state.status ?? (waitsForPerson(state) ? 'waits for a person' : `stuck in ${state.interrupted ?? state.failure?.message ?? 'nothing'}`);
  ends[end] = (ends[end] ?? 0) + 1;
}
const had = (kind: string, item: string) => world.effects.has(`${kind} ${item}`);
/** A fault for which no change was asked, and a change that people merged and that was never applied. */
const lost = [...world.faults.keys()].filter((item) => !had('propose', item)).length;
const lostApplies = duty.watch.incidents
  .all()
  .filter(({ state }) => state.results.decide?.status === 'merged' && state.status !== undefined)
  .filter(({ state }) => !had('apply', state.results.open?.items[0] ?? '')).length;
await duty.stop();
await store.close?.();
await rm(folder, { recursive: true, force: true });

const row = (measure: string, unit: string, value: number): Row => ({
  measure,
  subject: 'tier0',
  unit,
  n: 1,
  median: value,
  min: value,
  max: value,
});
publish(
  toRecord('soak', {
    rows: [
      row('hours', 'h', (steps * stepMs) / HOUR_MS),
      row('events', '', steps * size),
      row('incidents', '', broken),
      row('effects-doubled', '', world.doubled().length),
      row('effects-lost', '', lost + lostApplies),
      row('heap-slope', 'MiB/h', slopeOf(heaps.slice(Math.floor(heaps.length / 3)).map(({ hour, mib }) => [hour, mib]))),
      row('heap-end', 'MiB', heaps.at(-1)?.mib ?? 0),
      row('handles-end', '', heaps.at(-1)?.handles ?? 0),
      row('handles-most', '', Math.max(0, ...heaps.map(({ handles }) => handles))),
    ],
    notes: [
      `ended: ${JSON.stringify(ends)}; ${restarts} restarts, ${pauses} pauses, one call in twenty to the outside fails.`,
      'Git and the cluster API are stood in for by a world that knows effects by key; the clock is accelerated, waiting of carriers is not.',
      `heap after collection and handles: ${heaps.map(({ hour, mib, handles }) => `${hour.toFixed(0)} h ${mib.toFixed(0)} MiB ${handles}`).join(', ')}`,
    ],
  }),
  options.json,
);

async function startDuty(): Promise<{ readonly watch: ClusterDuty; stop(): Promise<void> }> {
  const stop = new AbortController();
  const inner = { signal: stop.signal, now: clock };
  const desk = createLightDesk({
    name: 'soak',
    world,
    cmdb,
    record: createFileIncidentRecord({ directory: join(folder, 'incidents') }),
    pollMs: 50,
    approvalTimeoutMs: 24 * HOUR_MS,
    stumble: () => random.next() < 0.05,
  });
  const watch = await createClusterDuty({ desk, config, bus: createEventBus(clock) }, inner);
  watch.setPaused(false);
  const running = watch.run(inner);
  return {
    watch,
    async stop() {
      stop.abort();
      await running.catch(() => undefined);
    },
  };
}

/** Seven in ten are cured by their change, one in ten is not, one is rejected, and one is decided only after days. */
function storyOf(index: number): Story {
  const kind = index % 10;
  const decideAfterMs = random.between(1, 120) * 60_000;
  if (kind === 7) return { decideAfterMs, decision: 'merged', helps: false };
  if (kind === 8) return { decideAfterMs, decision: 'rejected', helps: false };
  if (kind === 9) return { decideAfterMs: hours * 2 * HOUR_MS, decision: 'merged', helps: false };
  return { decideAfterMs, decision: 'merged', helps: true };
}

function waitsForPerson({ interrupted, results, status }: IncidentState): boolean {
  // Who waits and stumbled at the last look waits all the same.
  const asks = results.propose !== undefined && results.decide === undefined;
  const asksAgain = results.revert !== undefined && results['decide-revert'] === undefined;
  return status === undefined && (interrupted === 'decide' || interrupted === 'decide-revert') && (asks || asksAgain);
}

function itemOf(index: number): string {
  return `kubernetes:soak/apps/Deployment/app-${index}`;
}

function measure(): void {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  // Columns of the graph are typed arrays, which the heap of the engine does not count.
  heaps.push({ hour: (now - START) / HOUR_MS, mib: (heapUsed + external) / 2 ** 20, handles: process.getActiveResourcesInfo().length });
}

/** Least squares. */
function slopeOf(points: readonly (readonly [number, number])[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanX, meanY] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  return points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
}

function podAt(index: number, version: number) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `p${index}`,
      namespace: 'soak',
      uid: `u${index}`,
      resourceVersion: String(version),
      labels: { app: `a${index % 50}` },
    },
    spec: { nodeName: `n${version % 20}`, containers: [{ name: 'c', image: `i:${version}` }] },
    status: {
      phase: version % 2 ? 'Running' : 'Pending',
      containerStatuses: [{ name: 'c', ready: version % 2 === 1, restartCount: version, image: 'i', state: {} }],
    },
  };
}
