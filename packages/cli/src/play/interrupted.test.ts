import { join } from 'node:path';
import type { StepName } from '@tier0/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { atMost } from '../testing/at-most.ts';
import { playInTest } from '../testing/play-in-test.ts';
import { leftBehind, runChild } from '../testing/run-child.ts';
import { fastMemoryPressure } from '../testing/scenario-copy.ts';
import { removeFolders, temporaryFolder } from '../testing/temporary-folder.ts';
import { type Remains, whatRemains } from '../testing/what-remains.ts';

const PATIENCE_MS = 120_000;
const inTurn = atMost(2);
let scenario: string;

beforeAll(async () => {
  scenario = await fastMemoryPressure();
});
afterAll(removeFolders);

/** Plays in a child until it kills itself at the step; the step's effect has happened by then, its record has not. */
async function killAt(step: StepName, out: string, flags: readonly string[] = []): Promise<void> {
  const child = await runChild('testing/play-until-killed.ts', [scenario, out, step, ...flags]);
  expect(child.stderr).toBe('');
  expect(child.signal).toBe('SIGKILL');
  const { state } = await whatRemains(out);
  expect(state.interrupted).toBe(step);
}

/** Each effect once, by every trace it leaves. */
function expectOnce(remains: Remains): void {
  const { audit, entries } = remains;
  expect(audit.verdict).toMatchObject({ sound: true });
  const keys = audit.records.map((record) => record.key);
  expect(new Set(keys).size).toBe(keys.length);
  expect(entries.map((entry) => entry.sequence)).toEqual(entries.map((_, index) => index + 1));
  const done = entries.filter((entry) => entry.phase === 'done').map((entry) => entry.step);
  expect(new Set(done).size).toBe(done.length);
  expect(remains.followUps).toHaveLength(1);
  expect(remains.occurrences).toBe(1);
  expect(remains.branches).toEqual([]);
}

/** What the chain says was assessed, proposed and merged is what the record says. */
function expectChainAgrees({ audit, state }: Remains): void {
  const subjects = (step: StepName) =>
    audit.records.filter((record) => record.key.startsWith(`${state.incident}:${step}`)).map((record) => record.subject);
  expect(subjects('gate')).toContain(state.results.gate?.proposal.digest);
  expect(subjects('verify')).toContain(state.results.verify?.outcome.proposal);
}

describe.concurrent('a process that is killed with -9 after a step had its effect, and an operator who resumes', () => {
  const steps: readonly StepName[] = ['gate', 'follow-up', 'propose', 'decide', 'reconcile', 'verify', 'learn', 'close'];
  test.each(steps)(
    'at %s: the incident is resolved with one pull request, one ticket, one lesson and one merge',
    (step) =>
      inTurn(async () => {
        const out = join(await temporaryFolder(), 'out');
        await killAt(step, out);
        expect(await leftBehind(out)).toEqual([]);

        const ending = await playInTest({ scenario, out, resume: true });

        expect(ending).toMatchObject({ status: 'resolved' });
        const remains = await whatRemains(out);
        expectOnce(remains);
        expectChainAgrees(remains);
        expect(remains).toMatchObject({ pullRequests: 1, merges: 1, commits: 2 });
      }),
    PATIENCE_MS,
  );

  test(
    'three times in one incident, at every step of taking a bad fix back: one revert, and the failure counts once',
    () =>
      inTurn(async () => {
        const out = join(await temporaryFolder(), 'out');
        await killAt('revert', out, ['bad-fix']);
        await killAt('decide-revert', out, ['bad-fix', 'resume']);
        await killAt('reconcile-revert', out, ['bad-fix', 'resume']);

        const ending = await playInTest({ scenario, out, resume: true, badFix: true });

        expect(ending).toMatchObject({ status: 'rolled-back' });
        const remains = await whatRemains(out);
        expectOnce(remains);
        expect(remains).toMatchObject({ pullRequests: 2, merges: 2, commits: 3 });
      }),
    PATIENCE_MS,
  );
});

test(
  'the workloads of a run that is killed with -9 do not outlive it',
  async () => {
    const own = await fastMemoryPressure();
    const out = join(await temporaryFolder(), 'out');
    const child = await runChild('testing/play-until-killed.ts', [own, out, 'propose']);
    expect(child.signal).toBe('SIGKILL');
    expect(await leftBehind(own)).toEqual([]);
  },
  PATIENCE_MS,
);
