import { expect, test } from 'vitest';
import { MADE_NOW, madeCluster, minutesAgo, node, type Part, pod, UNREADY, web } from '../../fixtures/made-cluster.ts';
import { podViews } from '../objects/pod-view.ts';
import { type Standing, trustOf } from './log-trust.ts';
import { readLog } from './read-log.ts';

const READY: Part = { ready: true, started: true, state: { running: { startedAt: minutesAgo(9) } } };
const line = (secondsAgo: number, text: string) => `${new Date(MADE_NOW - 1000 * secondsAgo).toISOString()} ${text}`;
const REFUSED = 'ERROR cannot reach store:6379: connect ECONNREFUSED 10.96.0.9:6379';

/** How a refused connection is taken that was said so many seconds ago, in a log of these lines. */
async function trust(standing: Standing, lines: readonly string[]): Promise<string | undefined> {
  const reader = await madeCluster([node('node-a'), ...web(), pod('p', { status: standing === 'ready' ? READY : UNREADY })]);
  const [speaker] = podViews(reader);
  const entries = readLog(lines.join('\n'));
  const index = entries.findLastIndex(({ message }) => message.includes('ECONNREFUSED'));
  const entry = entries[index];
  if (speaker === undefined || entry === undefined) throw new Error('nothing to judge');
  const count = entries.filter(({ message }) => message.includes('ECONNREFUSED')).length;
  const lead = { sign: { kind: 'connection-refused' as const, host: 'store', port: 6379 }, entry, count, weight: 1, index };
  return trustOf({ pod: speaker, entries, lead, standing, drafts: [{ code: 'T0-LOG-017', text: 'x' }] });
}

const at = (from: number, to: number, text: string) => Array.from({ length: (from - to) / 3 }, (_, index) => line(from - 3 * index, text));

test('one complaint of the start is left behind by a program that says other things since, ready or not', async () => {
  const lines = [line(300, REFUSED), ...at(290, 200, 'ERROR the rates are too old')];
  expect(await trust('unready', lines)).toBeUndefined();
  expect(await trust('ready', lines)).toBeUndefined();
  // Nothing was said since, or it ended with it: it stands.
  expect(await trust('unready', [line(300, REFUSED)])).toBe('certain');
  expect(await trust('ended', lines)).toBe('certain');
});

test('a complaint that was made at a pace is over when it was left out and work goes on', async () => {
  expect(await trust('ready', [...at(120, 60, REFUSED), ...at(60, 3, 'INFO order stored')])).toBeUndefined();
  // Until now, or with nothing but silence after it.
  expect(await trust('ready', at(60, 0, REFUSED))).toBe('doubtful');
  expect(await trust('ready', at(120, 60, REFUSED))).toBe('doubtful');
});
