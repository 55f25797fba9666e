import { setTimeout as delay } from 'node:timers/promises';
import type { IncidentEntry } from '@tier0/core';
import {
  describeAlertStore,
  describeAuditLog,
  describeIncidentRecord,
  describeLeaseStore,
  describeTracker,
  testContext,
} from '@tier0/core/testing';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { hasPostgres, type PostgresServer, startPostgres } from '../../testing/postgres-server.ts';
import { createPostgresDutyStore } from './duty-store.ts';

let server: PostgresServer;
let schemas = 0;

function opened(schema = `shared_${++schemas}`) {
  const store = createPostgresDutyStore({ server: server.url(), schema });
  onTestFinished(() => store.close());
  return store;
}

const entry = (sequence: number): IncidentEntry => ({
  incident: 'inc-a',
  sequence,
  at: '2026-03-20T08:00:00.000Z',
  phase: 'started',
  step: 'diagnose',
});

describe.skipIf(!hasPostgres)('PostgreSQL shared by replicas (needs initdb, postgres and pg_ctl on PATH)', () => {
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.close());

  describeLeaseStore('postgres', async () => opened().leases);
  describeIncidentRecord('postgres', async () => opened().record);
  describeAuditLog('postgres', async () => {
    const schema = `audit_${++schemas}`;
    return { log: opened(schema).audit, reopen: () => opened(schema).audit };
  });
  describeAlertStore('postgres', async () => {
    const schema = `alerts_${++schemas}`;
    return { store: opened(schema).alerts, reopen: async () => opened(schema).alerts };
  });
  describeTracker('postgres', async () => opened().tracker);

  test('what is written under a lease that was taken over is refused, in the record and in the audit chain', async () => {
    const store = opened();
    const ask = (holder: string) => store.leases.acquire({ name: 'incident/inc-a', holder, ttlMs: 150 }, testContext());
    const frozen = (await ask('frozen'))!;
    await store.under(frozen).record.append(entry(1), testContext());
    await delay(300);
    const heir = (await ask('heir'))!;
    await expect(store.under(frozen).record.append(entry(2), testContext())).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('another replica'),
    });
    const audited = { key: 'k', at: '2026-03-20T08:00:00.000Z', actor: 'a', action: 'b', subject: 'c', detail: {} };
    await expect(store.under(frozen).audit.append(audited, testContext())).rejects.toMatchObject({ code: 'CONFLICT' });
    await store.leases.renew(heir, 60_000, testContext());
    await store.under(heir).record.append(entry(2), testContext());
    expect(await store.record.read('inc-a', testContext())).toHaveLength(2);
    expect(await store.record.heads(testContext())).toEqual(new Map([['inc-a', 2]]));
  });

  test('eight replicas that open the same ticket, and write to one chain, make one ticket and a chain without gaps', async () => {
    const [first, ...others] = Array.from({ length: 8 }, () => createPostgresDutyStore({ server: server.url(), schema: 'shared_many' }));
    const stores = [first!, ...others];
    onTestFinished(async () => void (await Promise.all(stores.map((store) => store.close()))));
    const tickets = await Promise.all(
      stores.flatMap((store) =>
        [0, 1, 2].map((n) => store.tracker.open({ key: `k${n}`, title: 't', body: 'b', labels: [] }, testContext())),
      ),
    );
    expect(new Set(tickets.map(({ id }) => id)).size).toBe(3);
    const audited = (n: number) => ({ key: `k${n}`, at: '2026-03-20T08:00:00.000Z', actor: 'a', action: 'b', subject: 'c', detail: {} });
    await Promise.all(stores.flatMap((store, index) => [0, 1, 2, 3].map((n) => store.audit.append(audited(index * 4 + n), testContext()))));
    expect(await first!.audit.verify(testContext())).toMatchObject({ sound: true, records: 32 });
  });
});
