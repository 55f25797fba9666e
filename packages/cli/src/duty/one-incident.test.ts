import { setTimeout as delay } from 'node:timers/promises';
import { type LeaseStore, Tier0Error } from '@tier0/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type DutyWorld, startDutyWorld, until } from '../testing/duty-world.ts';
import { openClusterDesk } from './cluster-desk.ts';
import { createClusterDuty } from './cluster-duty.ts';
import { createEventBus } from './events.ts';
import { createLocalAlertStore } from './local-alert-store.ts';

let world: DutyWorld;
beforeEach(async () => {
  world = await startDutyWorld('bad-image');
});
afterEach(() => world.close());

/** Seen live: on a busy machine a first entry took longer to be written than the next look to come, and one fault opened seven incidents. */
test('one fault opens one incident, however long its first entry takes to be written', async () => {
  const stop = new AbortController();
  const context = { signal: stop.signal, now: () => Date.now() };
  const config = world.config();
  const [cluster] = config.clusters;
  const desk = await openClusterDesk({ config, cluster: cluster!, variables: {} }, context);
  const asked = new Set<string>();
  const record: typeof desk.ports.record = {
    ...desk.ports.record,
    async append(entry, inner) {
      asked.add(entry.incident);
      await delay(4_000);
      await desk.ports.record.append(entry, inner);
    },
  };
  const duty = await createClusterDuty(
    { desk: { ...desk, ports: { ...desk.ports, record } }, config, bus: createEventBus(Date.now) },
    context,
  );
  duty.setPaused(false);
  const running = duty.run(context);
  try {
    await until(() => (asked.size > 0 ? true : undefined), 'an incident');
    const before = duty.looks;
    // Ringing makes it look again and again while the entry is still being written.
    for (let round = 0; round < 6; round++) {
      await duty.takeIn([]);
      await delay(500);
    }
    expect(duty.looks).toBeGreaterThan(before + 1);
    expect(asked.size).toBe(1);
  } finally {
    stop.abort();
    await running.catch(() => undefined);
    await desk.close();
  }
}, 120_000);

/** Seen in the failover bench: a connection was cut while the first entry was written, and no replica opened anything any more. */
test('an opening that fails gives the right to open back, and is tried again', async () => {
  const stop = new AbortController();
  const context = { signal: stop.signal, now: () => Date.now() };
  const config = world.config();
  const [cluster] = config.clusters;
  const desk = await openClusterDesk({ config, cluster: cluster!, variables: {} }, context);
  const held = new Set<string>();
  const opened = new Set<string>();
  let failures = 0;
  const record = {
    ...desk.ports.record,
    heads: async () => new Map<string, number>(),
    async append(entry: Parameters<typeof desk.ports.record.append>[0], inner: typeof context) {
      if (failures++ < 2)
        throw new Tier0Error({ code: 'UNAVAILABLE', message: 'The connection was cut.', hint: 'Try again.', retryable: true });
      opened.add(entry.incident);
      await desk.ports.record.append(entry, inner);
    },
  };
  const leases: LeaseStore = {
    name: 'memory',
    async acquire({ name, holder }) {
      if (held.has(name)) return undefined;
      held.add(name);
      return { name, holder, token: 1 };
    },
    renew: async () => true,
    release: async ({ name }) => void held.delete(name),
  };
  const store = {
    leases,
    record,
    audit: desk.ports.audit,
    tracker: desk.ports.tracker,
    alerts: createLocalAlertStore(),
    under: () => ({ record, audit: desk.ports.audit }),
  };
  const shared = { store: { ...store, close: async () => undefined }, replica: 'one', leaseMs: 60_000 };
  const duty = await createClusterDuty({ desk, config, bus: createEventBus(Date.now), shared }, context);
  duty.setPaused(false);
  const running = duty.run(context);
  try {
    const lookAgain = () => void duty.takeIn([]);
    await until(
      () => {
        lookAgain();
        return opened.size > 0 ? true : undefined;
      },
      'the second try',
      60,
    );
    expect(failures).toBeGreaterThan(2);
  } finally {
    stop.abort();
    await running.catch(() => undefined);
    await desk.close();
  }
}, 120_000);
