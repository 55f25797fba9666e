import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPostgresDutyStore, type PostgresDutyStore } from '@tier0/cmdb/stores/postgres';
import { hasPostgres, type PostgresServer, startPostgres } from '@tier0/cmdb/testing';
import { foldIncident, type IncidentState, isProposed } from '@tier0/core';
import { pullRequestDigest } from '@tier0/gitops';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { REPOSITORY_ROOT } from '../repository-root.ts';
import { type DutyWorld, startDutyWorld, until } from '../testing/duty-world.ts';

const context = { signal: new AbortController().signal, now: () => Date.now() };

/** Replicas as processes of their own, so that they can be killed and frozen. */
describe.skipIf(!hasPostgres)('two replicas on one PostgreSQL (needs initdb, postgres and pg_ctl on PATH)', () => {
  let server: PostgresServer;
  let world: DutyWorld;
  let store: PostgresDutyStore;
  const replicas = new Map<string, ChildProcess>();

  const startReplica = (name: string) => {
    const file = join(world.folder, `${name}.yaml`);
    const place = JSON.parse(JSON.stringify(world.config().clusters[0])) as { name: string; kubeconfig: string; repository: object };
    writeFileSync(
      file,
      stringify({
        state: join(world.folder, name),
        clusters: [{ name: place.name, kubeconfig: place.kubeconfig, repository: place.repository }],
        times: { confirm: '1s', clear: '2s', poll: '1s', hold: '2s', verify: '3m', reconcile: '3m' },
        shared: { postgres: { env: 'DATABASE' }, replica: name, lease: '3s' },
        http: { listen: '127.0.0.1:0' },
      }),
    );
    const main = join(REPOSITORY_ROOT, 'packages/cli/src/main.ts');
    const env = { ...process.env, DATABASE: server.url() };
    replicas.set(
      name,
      spawn(process.execPath, ['--conditions=tier0-source', main, 'serve', '--config', file, '--json'], {
        env,
        stdio: ['ignore', 'ignore', 'inherit'],
      }),
    );
  };
  const holderOf = async (incident: string): Promise<string | undefined> => {
    // Whoever asks as another one gets nothing while it is held; the row says by whom.
    const rows = execFileSync(
      'psql',
      [server.url(), '-Atc', `SELECT holder FROM tier0_duty.leases WHERE name = 'production/incident/${incident}' AND ends_at > now()`],
      { encoding: 'utf8' },
    );
    return rows.trim() || undefined;
  };
  const state = async (): Promise<IncidentState | undefined> => {
    const [id] = await store.record.list(context).catch(() => []);
    return id === undefined ? undefined : foldIncident(id, await store.record.read(id, context));
  };
  const eventually = async <T>(look: () => Promise<T | undefined>, what: string, seconds = 90): Promise<T> => {
    let seen: T | undefined;
    const looking = setInterval(async () => {
      seen = await look().catch(() => undefined);
    }, 300);
    try {
      return await until(() => seen, what, seconds);
    } finally {
      clearInterval(looking);
    }
  };

  beforeAll(async () => {
    [server, world] = await Promise.all([startPostgres(), startDutyWorld('bad-image')]);
    store = createPostgresDutyStore({ server: server.url(), schema: 'tier0_duty' });
    for (const name of ['one', 'two']) startReplica(name);
  }, 60_000);
  afterAll(async () => {
    for (const replica of replicas.values()) replica.kill('SIGKILL');
    await store?.close();
    await world?.close();
    await server?.close();
  });

  test('a frozen carrier is replaced, a killed one too; one incident, one pull request, one end', async () => {
    const proposed = await eventually(
      async () => ((await state())?.interrupted === 'decide' ? await state() : undefined),
      'a pull request',
      120,
    );
    const { incident } = proposed;
    const first = await eventually(() => holderOf(incident), 'a carrier');
    replicas.get(first)?.kill('SIGSTOP');
    const second = await eventually(
      async () => ((await holderOf(incident)) === first ? undefined : holderOf(incident)),
      'another carrier',
      60,
    );
    replicas.get(first)?.kill('SIGCONT');
    replicas.get(second)?.kill('SIGKILL');
    await eventually(async () => ((await holderOf(incident)) === second ? undefined : holderOf(incident)), 'the first one again', 60);
    const result = proposed.results.propose?.result;
    if (!result || !isProposed(result)) throw new Error('no pull request');
    const shown = pullRequestDigest(result.pullRequest);
    await (await world.people()).submitReview(
      { number: result.pullRequest.number, reviewer: world.approver, state: 'approved', shown },
      context,
    );
    const ended = await eventually(async () => ((await state())?.status === undefined ? undefined : state()), 'the end', 120);
    expect(ended.status).toBe('resolved');
    expect(await store.record.list(context)).toHaveLength(1);
    expect(execFileSync('git', ['ls-remote', world.repository, 'refs/tier0/prs/*'], { encoding: 'utf8' }).match(/\n/g)).toHaveLength(1);
    const entries = await store.record.read(incident, context);
    expect(entries.map(({ sequence }) => sequence)).toEqual(entries.map((_, index) => index + 1));
    expect(entries.filter((entry) => entry.phase === 'done' && entry.step === 'propose')).toHaveLength(1);
    expect(await store.audit.verify(context)).toMatchObject({ sound: true });
    for (const name of [first]) {
      replicas.get(name)?.kill('SIGTERM');
      const [code] = (await once(replicas.get(name)!, 'exit')) as [number];
      expect(code).toBe(0);
    }
  }, 300_000);
});
