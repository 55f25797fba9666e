import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createFilePatternLibrary } from '@tier0/agents';
import { isProposed } from '@tier0/core';
import { pullRequestDigest } from '@tier0/gitops';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type DutyWorld, endedIncident, onDuty, startDutyWorld, until, waitingIncident } from '../testing/duty-world.ts';
import { createDuty } from './duty.ts';
import { seenBefore } from './experience.ts';
import { readShadow } from './shadow.ts';

let world: DutyWorld;
beforeEach(async () => {
  world = await startDutyWorld('bad-image');
});
afterEach(() => world.close());

const context = { signal: new AbortController().signal, now: () => Date.now() };
const pullRequests = () =>
  execFileSync('git', ['ls-remote', world.repository, 'refs/tier0/prs/*'], { encoding: 'utf8' }).match(/\n/g)?.length ?? 0;

test('an incident is carried from the watch to the lesson; a person only approves', async () => {
  const incident = await onDuty(world.config(), async (duty) => {
    const open = await until(() => waitingIncident(duty), 'a pull request');
    const proposed = open.state.results.propose?.result;
    if (!proposed || !isProposed(proposed)) throw new Error('no pull request');
    const { pullRequest } = proposed;
    const people = await world.people();
    await people.submitReview(
      { number: pullRequest.number, reviewer: world.approver, state: 'approved', shown: pullRequestDigest(pullRequest) },
      context,
    );
    return until(() => endedIncident(duty), 'the end', 120);
  });
  const library = createFilePatternLibrary({ file: join(world.folder, 'state/production/state/patterns.json'), seed: [] });
  const again = { ...incident.state, incident: 'inc-another' };
  expect(await seenBefore(library, again, context)).toMatchObject({ succeeded: 1, failed: 0 });
  expect(await seenBefore(library, incident.state, context)).toBeUndefined();
  const { cases } = await readShadow(join(world.folder, 'state/production/state/shadow.jsonl'));
  expect(cases).toMatchObject([
    { incident: incident.state.incident, judged: { wouldAutoApprove: false }, change: { decision: 'approved', succeeded: true } },
  ]);
  expect(cases[0]?.judged.explanation).toContain('not approved automatically');
  expect(incident.state.status).toBe('resolved');
  expect(incident.state.results.verify?.outcome.resolved).toBe(true);
  expect(incident.state.results.learn?.succeeded).toBe(true);
  expect(pullRequests()).toBe(1);
}, 240_000);

test('what a person closed stays closed, also for the next process', async () => {
  await onDuty(world.config(), async (duty) => {
    await until(() => waitingIncident(duty), 'a pull request');
    await (await world.people()).closeByHuman(1, 'ines', 'not tonight', context);
    await until(() => endedIncident(duty), 'the end');
  });
  await onDuty(world.config(), async (duty) => {
    const cluster = await until(() => (duty.isReady ? duty.clusters[0] : undefined), 'a look');
    const verdict = await until(() => cluster.look?.verdicts.find(({ kind }) => kind === 'left-to-people'), 'the verdict');
    expect(verdict.why).toContain('ines rejected the pull request');
    await delay(2_500);
    expect(cluster.incidents.open()).toEqual([]);
  });
  expect(pullRequests()).toBe(1);
}, 240_000);

test('a pause stops everything, holds through a restart, and ends where it began', async () => {
  await onDuty(world.config(), async (duty) => {
    await duty.pause('ines', 'a migration runs');
    const cluster = await until(() => (duty.isReady ? duty.clusters[0] : undefined), 'a look');
    await until(() => cluster.look?.verdicts.find(({ kind }) => kind === 'opens'), 'something to do');
    await delay(1_500);
    expect(cluster.incidents.all()).toEqual([]);
  });
  await onDuty(world.config(), async (duty) => {
    await until(() => (duty.isReady ? true : undefined), 'a look');
    expect(duty.paused).toMatchObject({ by: 'ines', reason: 'a migration runs' });
    await delay(1_500);
    expect(pullRequests()).toBe(0);
    rmSync(join(world.folder, 'state/PAUSE'));
    await until(() => waitingIncident(duty), 'a pull request');
  });
  expect(pullRequests()).toBe(1);
}, 240_000);

test('a second process on the same state is told about the first one', async () => {
  await onDuty(world.config(), async (duty) => {
    await until(() => (duty.isReady ? true : undefined), 'a look');
    const second = createDuty({ config: world.config(), variables: {} });
    await expect(second.run(new AbortController().signal)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('serve'),
    });
  });
}, 120_000);
