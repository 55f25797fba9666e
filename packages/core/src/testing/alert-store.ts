import { describe, expect, test } from 'vitest';
import type { Alert } from '../model/alert.ts';
import type { AlertStore } from '../ports/alert-store.ts';
import { testContext } from './call-context.ts';

const T0 = Date.parse('2026-03-20T08:00:00.000Z');
const HOUR = 3_600_000;

function alert(fingerprint: string, startsMs: number, endsMs?: number): Alert {
  return {
    fingerprint,
    labels: { alertname: 'Slow' },
    summary: fingerprint,
    severity: 'degraded',
    startsAt: new Date(startsMs).toISOString(),
    ...(endsMs === undefined ? {} : { endsAt: new Date(endsMs).toISOString() }),
    evidence: [],
    source: 'alertmanager',
  };
}

/** What every store of alerts does. `open` gives an empty one, `reopen` another one on the same place. */
export function describeAlertStore(
  name: string,
  open: () => Promise<{ readonly store: AlertStore; readonly reopen: () => Promise<AlertStore> }>,
): void {
  describe(`alert store ${name}`, () => {
    test('tells the newest word about each alert, by cluster, also to another one on the same place', async () => {
      const { store, reopen } = await open();
      await store.take('a', [alert('y', T0), alert('x', T0)], testContext(T0));
      await store.take('b', [alert('z', T0)], testContext(T0));
      await store.take('a', [alert('x', T0, T0 + HOUR)], testContext(T0 + HOUR));
      const known = await (await reopen()).read('a', testContext(T0 + HOUR));
      expect(known.map((one) => [one.alert.fingerprint, one.alert.endsAt !== undefined, one.seenMs])).toEqual([
        ['x', true, T0 + HOUR],
        ['y', false, T0],
      ]);
    });

    test('late news of an older occurrence change nothing, whatever order they come in', async () => {
      const { store } = await open();
      await store.take('a', [alert('x', T0 + HOUR)], testContext(T0 + HOUR));
      await store.take('a', [alert('x', T0, T0 + 60_000)], testContext(T0 + HOUR + 1));
      expect((await store.read('a', testContext(T0 + HOUR + 2)))[0]?.alert.endsAt).toBeUndefined();
    });

    test('what was not heard of for a day is forgotten', async () => {
      const { store } = await open();
      await store.take('a', [alert('x', T0)], testContext(T0));
      await store.take('a', [alert('y', T0)], testContext(T0 + 20 * HOUR));
      const known = await store.read('a', testContext(T0 + 25 * HOUR));
      expect(known.map((one) => one.alert.fingerprint)).toEqual(['y']);
    });
  });
}
