import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { isProposed } from '@tier0/core';
import { createLocalForgeDesk, createMirror, pullRequestDigest, readMembers } from '@tier0/gitops';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { REPOSITORY_ROOT } from '../repository-root.ts';
import { DutyConfigSchema } from './config/schema.ts';
import { createDuty, type Duty } from './duty.ts';

/** A scenario as a process of its own: tier0 knows it by address only. Its reconciler applies what is merged. */
interface LivingWorld {
  readonly kubeconfig: string;
  readonly repository: string;
  readonly path: string;
  readonly approver: string;
}

let folder = '';
let world: ChildProcess;
let at: LivingWorld;

async function startWorld(scenario: string): Promise<void> {
  folder = mkdtempSync(join(tmpdir(), 'tier0-duty-'));
  const program = join(REPOSITORY_ROOT, 'packages/cli/src/testing/living-world.ts');
  world = spawn(process.execPath, ['--conditions=tier0-source', program, join(REPOSITORY_ROOT, 'scenarios', scenario)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: world.stdout! })[Symbol.asyncIterator]();
  at = JSON.parse((await lines.next()).value as string) as LivingWorld;
  writeFileSync(join(folder, 'kubeconfig'), at.kubeconfig);
}

beforeEach(() => startWorld('bad-image'));
afterEach(async () => {
  world.kill();
  if (world.exitCode === null && world.signalCode === null) await once(world, 'exit');
  rmSync(folder, { recursive: true, force: true });
});

function configOf(further: object = {}) {
  return DutyConfigSchema.parse({
    state: join(folder, 'state'),
    clusters: [
      {
        name: 'production',
        kubeconfig: join(folder, 'kubeconfig'),
        repository: { url: at.repository, path: at.path },
        delivery: { kind: 'rollout' },
      },
    ],
    times: { confirm: '1s', clear: '2s', poll: '1s', hold: '2s', verify: '3m', reconcile: '3m' },
    ...further,
  });
}

/** Runs a duty until `task` is done with it. */
async function onDuty<T>(task: (duty: Duty) => Promise<T>, config = configOf()): Promise<T> {
  const stop = new AbortController();
  const duty = createDuty({ config, variables: {} });
  const running = duty.run(stop.signal);
  try {
    return await Promise.race([task(duty), running.then(() => Promise.reject(new Error('the duty ended')))]);
  } finally {
    stop.abort();
    await running.catch(() => undefined);
  }
}

async function until<T>(look: () => T | undefined, what: string, seconds = 60): Promise<T> {
  for (let tries = 0; tries < seconds * 10; tries++) {
    const seen = look();
    if (seen !== undefined) return seen;
    await delay(100);
  }
  throw new Error(`${what} did not happen in ${seconds} s`);
}

const waiting = (duty: Duty) =>
  duty.clusters[0]?.incidents
    .open()
    .find(({ state }) => state.results.propose && isProposed(state.results.propose.result) && !state.results.decide);
const ended = (duty: Duty) => duty.clusters[0]?.incidents.all().find(({ state }) => state.status !== undefined);
const context = { signal: new AbortController().signal, now: () => Date.now() };
async function people() {
  const mirror = createMirror({ url: at.repository, directory: join(folder, 'people.git') });
  await mirror.fetch(context);
  const { members } = await readMembers(mirror, (await mirror.resolve('main', context)) ?? '', context);
  return createLocalForgeDesk({ mirror, members });
}
const pullRequests = () =>
  execFileSync('git', ['ls-remote', at.repository, 'refs/tier0/prs/*'], { encoding: 'utf8' }).match(/\n/g)?.length ?? 0;

test('an incident is carried from the watch to the lesson; a person only approves', async () => {
  const incident = await onDuty(async (duty) => {
    const open = await until(() => waiting(duty), 'a pull request');
    const proposed = open.state.results.propose?.result;
    if (!proposed || !isProposed(proposed)) throw new Error('no pull request');
    await (await people()).submitReview(
      { number: proposed.pullRequest.number, reviewer: at.approver, state: 'approved', shown: pullRequestDigest(proposed.pullRequest) },
      context,
    );
    return until(() => ended(duty), 'the end', 120);
  });
  expect(incident.state.status).toBe('resolved');
  expect(incident.state.results.verify?.outcome.resolved).toBe(true);
  expect(incident.state.results.learn?.succeeded).toBe(true);
  expect(pullRequests()).toBe(1);
}, 180_000);

test('what a person closed stays closed, also for the next process', async () => {
  await onDuty(async (duty) => {
    await until(() => waiting(duty), 'a pull request');
    await (await people()).closeByHuman(1, 'ines', 'not tonight', context);
    await until(() => ended(duty), 'the end');
  });
  await onDuty(async (duty) => {
    const cluster = await until(() => (duty.isReady ? duty.clusters[0] : undefined), 'a look');
    const verdict = await until(() => cluster.look?.verdicts.find(({ kind }) => kind === 'left-to-people'), 'the verdict');
    expect(verdict.why).toContain('ines rejected the pull request');
    await delay(2_500);
    expect(cluster.incidents.open()).toEqual([]);
  });
  expect(pullRequests()).toBe(1);
}, 120_000);

test('a pause stops everything, holds through a restart, and ends where it began', async () => {
  await onDuty(async (duty) => {
    await duty.pause('ines', 'a migration runs');
    const cluster = await until(() => (duty.isReady ? duty.clusters[0] : undefined), 'a look');
    await until(() => cluster.look?.verdicts.find(({ kind }) => kind === 'opens'), 'something to do');
    await delay(1_500);
    expect(cluster.incidents.all()).toEqual([]);
  });
  await onDuty(async (duty) => {
    await until(() => (duty.isReady ? true : undefined), 'a look');
    expect(duty.paused).toMatchObject({ by: 'ines', reason: 'a migration runs' });
    await delay(1_500);
    expect(pullRequests()).toBe(0);
    rmSync(join(folder, 'state/PAUSE'));
    await until(() => waiting(duty), 'a pull request');
  });
  expect(pullRequests()).toBe(1);
}, 120_000);

test('a second process on the same state is told about the first one', async () => {
  await onDuty(async (duty) => {
    await until(() => (duty.isReady ? true : undefined), 'a look');
    const second = createDuty({ config: configOf(), variables: {} });
    await expect(second.run(new AbortController().signal)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('serve'),
    });
  });
}, 60_000);
