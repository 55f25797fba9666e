import { expect, test } from 'vitest';
import { Tier0Error } from '../errors/tier0-error.ts';
import type { Alert } from '../model/alert.ts';
import type { Gap } from '../model/gap.ts';
import type { Cmdb, CmdbReader } from '../ports/cmdb-reader.ts';
import type { Detector } from '../ports/detector.ts';
import { testContext } from '../testing/call-context.ts';
import { askDetectors, groupByItem, mostUrgentFirst, type WatchRound, watchForAlerts } from './watch-for-alerts.ts';

const PODS: Gap = { source: 'kubernetes', kind: 'Pod', code: 'forbidden', message: 'could not read Pod' };
const reader = { at: '2026-11-22T02:00:00.000Z' } as CmdbReader;

function alert(fingerprint: string, severity: Alert['severity'], item?: string): Alert {
  return { fingerprint, severity, item, labels: {}, summary: '', startsAt: reader.at, evidence: [], source: 'test' };
}

function detector(name: string, alerts: readonly Alert[], unknowns: readonly Gap[] = []): Detector {
  return { name, detect: async () => ({ alerts, unknowns }) };
}

const BROKEN: Detector = {
  name: 'metrics',
  detect: async () => {
    throw new Tier0Error({ code: 'UNAVAILABLE', message: 'Nobody answers.', hint: 'Ask again.' });
  },
};

function cmdb(failures: readonly Gap[]): Cmdb {
  return { refresh: async () => ({ items: 1, relations: 0, failures }), reader: () => reader } as unknown as Cmdb;
}

test('a detector that fails is an unknown, and the others are heard', async () => {
  const seen = await askDetectors([BROKEN, detector('rules', [alert('a', 'fault')], [PODS])], reader, testContext());
  expect(seen.alerts.map(({ fingerprint }) => fingerprint)).toEqual(['a']);
  expect(seen).toMatchObject({
    isComplete: false,
    unknowns: [{ source: 'metrics', code: 'failed', message: 'metrics could not look: Nobody answers.' }, PODS],
  });
  expect((await askDetectors([detector('rules', [], [PODS])], reader, testContext())).isComplete).toBe(true);
});

test('an abort ends the asking', async () => {
  const stop = new AbortController();
  stop.abort();
  const context = { ...testContext(), signal: stop.signal };
  await expect(askDetectors([BROKEN], reader, context)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('a look has the worst first, one group an item, and says each thing that is not known once', async () => {
  const alerts = [alert('later', 'degraded', 'x'), alert('now', 'fault', 'y'), alert('also', 'fault', 'x'), alert('loose', 'fault')];
  const options = { cmdb: cmdb([PODS]), detectors: [detector('rules', alerts, [PODS])], everyMs: 0, rounds: 2 };
  const rounds: WatchRound[] = [];
  for await (const round of watchForAlerts(options, testContext())) rounds.push(round);
  expect(rounds.map(({ round }) => round)).toEqual([1, 2]);
  expect(rounds[0]?.groups.map((group) => group.map(({ fingerprint }) => fingerprint))).toEqual([['now'], ['also', 'later'], ['loose']]);
  expect(rounds[0]?.unknowns).toEqual([PODS]);
});

test('what is as urgent stays in the order given', () => {
  expect(groupByItem(mostUrgentFirst([alert('b', 'fault', 'y'), alert('a', 'fault', 'x')])).map(([first]) => first?.fingerprint)).toEqual([
    'b',
    'a',
  ]);
});
