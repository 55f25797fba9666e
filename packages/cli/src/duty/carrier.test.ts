import { createMemoryIncidentRecord, type LoopPorts, Tier0Error } from '@tier0/core';
import { expect, test } from 'vitest';
import { carryIncident } from './carrier.ts';

const alert = {
  fingerprint: 'f',
  labels: {},
  summary: 's',
  severity: 'fault',
  startsAt: '2026-01-01T00:00:00Z',
  evidence: [],
  source: 't',
} as const;

test('what cannot be done is tried again, and after five failures in a row a person is asked for help, once', async () => {
  const stop = new AbortController();
  let tries = 0;
  const tickets: string[] = [];
  const refresh = async () => {
    if (++tries === 7) stop.abort();
    throw new Tier0Error({ code: 'INVALID_INPUT', message: 'The cluster is away.', hint: 'Start it.' });
  };
  const ports = {
    record: createMemoryIncidentRecord(),
    cmdb: { refresh, reader: () => ({ get: () => ({ state: 'absent' }) }) },
    audit: { append: async (entry: object) => entry },
    tracker: { open: async ({ title }: { title: string }) => tickets.push(title) },
  } as unknown as LoopPorts;
  const stuck: string[] = [];
  await carryIncident(
    'inc-1',
    [alert],
    {
      ports,
      settings: { author: 'tier0', repository: '', baseBranch: 'main', approvalTimeoutMs: 0, reconcileTimeoutMs: 0, holdMs: 0 },
      waitMs: () => 1,
      onEntry: () => undefined,
      onProgress: () => undefined,
      ownerOf: () => undefined,
      endedByItself: () => undefined,
      onStuck: (_, message) => stuck.push(message),
    },
    { signal: stop.signal, now: Date.now },
  );
  expect(tries).toBe(7);
  expect(stuck).toEqual(['diagnose failed 5 times: The cluster is away.']);
  expect(tickets).toEqual(['Needs a person: tier0 cannot go on with inc-1']);
});
