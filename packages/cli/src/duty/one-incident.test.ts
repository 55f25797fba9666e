import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type DutyWorld, startDutyWorld, until } from '../testing/duty-world.ts';
import { openClusterDesk } from './cluster-desk.ts';
import { createClusterDuty } from './cluster-duty.ts';
import { createEventBus } from './events.ts';

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
      duty.takeIn([]);
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
