import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LoopPorts, LoopSettings } from '@tier0/core';
import { afterAll, describe, expect, test } from 'vitest';
import { auditFileOf, beforeDone, playInTest } from '../testing/play-in-test.ts';
import { leftBehind, runChild, said, startChild } from '../testing/run-child.ts';
import { fastBadImage, fastMemoryPressure } from '../testing/scenario-copy.ts';
import { removeFolders, temporaryFolder } from '../testing/temporary-folder.ts';
import { createTestEnvironment } from '../testing/test-environment.ts';
import { type Remains, whatRemains } from '../testing/what-remains.ts';
import type { ScenarioWorld } from '../world/scenario-world.ts';

const PATIENCE_MS = 60_000;
const newOut = async () => join(await temporaryFolder(), 'out');
afterAll(removeFolders);

/** Nothing of a change is in Git: no branch that no pull request stands for, and main as it was. */
function expectGitUntouched(remains: Remains): void {
  expect(remains).toMatchObject({ commits: 1, merges: 0 });
  expect(remains.branches.length).toBeLessThanOrEqual(remains.pullRequests);
}

/** Ten minutes of the scenario's clock: a second, at the speed these tests play it. */
const shortPatience = { approvalTimeoutMs: 10 * 60_000 };

describe('a repository with a manifest that cannot be parsed', () => {
  test.each([
    [
      'the manifest to be changed',
      'clusters/production/shop/checkout.yaml',
      /could not look into: clusters\/production\/shop\/checkout\.yaml .*line \d+/,
    ],
    [
      'another manifest of the cluster',
      'clusters/production/shop/ingress.yaml',
      /nothing was applied: clusters\/production\/shop\/ingress\.yaml .*line \d+/,
    ],
  ])(
    '%s: people get the incident with file and line, and nothing is proposed',
    async (_, file, reason) => {
      const scenario = await fastBadImage({ files: { [`repo/${file}`]: (text) => `${text}\nbroken: [\n` } });
      const out = await newOut();
      const ending = await playInTest({ scenario, out });
      expect(ending.status).toBe('handed-over');
      expect(ending.reason).toMatch(reason);
      const remains = await whatRemains(out);
      expect(remains.audit.verdict.sound).toBe(true);
      expect(remains.handOvers).toHaveLength(1);
      expect(remains.pullRequests).toBe(0);
      expectGitUntouched(remains);
    },
    PATIENCE_MS,
  );
});

describe('people and the forge say no', () => {
  test(
    'a pull request that a person closes while tier0 waits is handed over, and nothing is merged',
    async () => {
      // An approval by somebody who owns nothing does not count, so the pull request waits.
      const scenario = await fastBadImage({ meta: { approver: 'somebody-else' } });
      const out = await newOut();
      let world: ScenarioWorld | undefined;
      const closeWhileWaiting = (ports: LoopPorts): LoopPorts => ({
        ...ports,
        approvals: {
          async decide(request, context) {
            const { number } = request.pullRequest;
            setTimeout(() => void world?.desk({}).closeByHuman(number, 'lea', 'not in the freeze', context), 500);
            return ports.approvals.decide(request, context);
          },
        },
      });
      const ending = await playInTest({ scenario, out }, { world: (stands) => (world = stands), ports: closeWhileWaiting });
      expect(ending.status).toBe('handed-over');
      expect(ending.reason).toBe('lea rejected the pull request: not in the freeze');
      const remains = await whatRemains(out);
      expect(remains.audit.verdict.sound).toBe(true);
      expect(remains.pullRequests).toBe(1);
      expectGitUntouched(remains);
    },
    PATIENCE_MS,
  );

  test(
    'two approvals are given where the policy asks for two, by two people of the team',
    async () => {
      const files = { 'repo/.tier0/policy.yaml': (text: string) => text.replace(/low: 1, medium: 1/, 'low: 2, medium: 2') };
      const out = await newOut();
      const environment = createTestEnvironment();
      const ending = await playInTest({ scenario: await fastBadImage({ files }), out }, {}, environment);
      expect(ending.status).toBe('resolved');
      const { decide } = (await whatRemains(out)).state.results;
      expect(decide).toMatchObject({ status: 'merged', approvals: [{ approver: 'lea' }, { approver: 'tariq' }] });
    },
    PATIENCE_MS,
  );

  test(
    'a second approval that nobody can give is said at once',
    async () => {
      const files = {
        'repo/.tier0/policy.yaml': (text: string) => text.replace(/low: 1, medium: 1/, 'low: 2, medium: 2'),
        'repo/catalog/catalog-info.yaml': (text: string) => text.replace('[lea, tariq]', '[lea]'),
      };
      const environment = createTestEnvironment();
      const hooks = { settings: (settings: LoopSettings) => ({ ...settings, ...shortPatience }) };
      const ending = await playInTest({ scenario: await fastBadImage({ files }), out: await newOut() }, hooks, environment);
      expect(environment.output()).toContain('the policy asks for 2 approvals, and only lea is here to give one');
      expect(ending).toMatchObject({ status: 'handed-over', reason: expect.stringContaining('of 2 approvals') });
    },
    PATIENCE_MS,
  );

  test(
    'the author cannot approve its own pull request: the forge refuses, nobody else decides in time, people get it',
    async () => {
      const scenario = await fastBadImage({ meta: { approver: 'tier0-bot' } });
      const out = await newOut();
      const environment = createTestEnvironment();
      const ending = await playInTest({ scenario, out }, { settings: (settings) => ({ ...settings, ...shortPatience }) }, environment);
      expect(environment.output()).toContain('tier0-bot opened pull request 1 and cannot approve it. Ask another owner');
      expect(ending.status).toBe('handed-over');
      expect(ending.reason).toMatch(/^nobody decided in time: .*approval/);
      const remains = await whatRemains(out);
      expect(remains.audit.verdict.sound).toBe(true);
      expectGitUntouched(remains);
    },
    PATIENCE_MS,
  );
});

describe('the API server is gone', () => {
  test.each([
    ['after the diagnosis', 'diagnose'],
    ['during the rollout', 'decide'],
  ] as const)(
    '%s: the step fails with UNAVAILABLE and a hint, the change is not taken back, and it can be resumed',
    async (_, step) => {
      const scenario = await fastBadImage();
      const out = await newOut();
      let world: ScenarioWorld | undefined;
      const ending = await playInTest(
        { scenario, out },
        {
          world: (stands) => (world = stands),
          ports: (ports) => beforeDone(ports, step, async () => world?.cluster.close()),
          settings: (settings) => ({ ...settings, reconcileTimeoutMs: 20 * 60_000 }),
        },
      );
      expect(ending.status).toBe('failed');
      const broken = await whatRemains(out);
      expect(broken.state.failure).toMatchObject({
        step: 'reconcile',
        code: 'UNAVAILABLE',
        message: expect.stringContaining('http://127.0.0.1:'),
        hint: expect.stringMatching(/API server|running/),
      });
      expect(broken.audit.verdict.sound).toBe(true);
      expect(broken).toMatchObject({ pullRequests: 1, occurrences: 0, branches: [] });

      expect(await playInTest({ scenario, out, resume: true })).toMatchObject({ status: 'resolved' });
      expect(await whatRemains(out)).toMatchObject({ pullRequests: 1, merges: 1, occurrences: 1 });
    },
    PATIENCE_MS,
  );
});

describe('an audit file that somebody damages in the middle of a run', () => {
  const damages: readonly [string, (text: string) => string][] = [
    ['a changed word', (text) => text.replace('"action":"opened"', '"action":"openex"')],
    ['a line that is no longer JSON', (text) => text.replace('{', '[')],
  ];
  test.each(damages)(
    '%s: the run stops with CONFLICT and the sequence, nothing is proposed, and "tier0 audit verify" finds it',
    async (_, damage) => {
      const scenario = await fastBadImage();
      const out = await newOut();
      const file = auditFileOf(out);
      const flip = async () => writeFile(file, damage(await readFile(file, 'utf8')));
      const ending = await playInTest({ scenario, out }, { ports: (ports) => beforeDone(ports, 'rehearse', flip) });
      expect(ending.status).toBe('failed');
      const remains = await whatRemains(out);
      expect(remains.state.failure).toMatchObject({
        step: 'gate',
        code: 'CONFLICT',
        message: expect.stringContaining('not sound at sequence 1'),
        hint: expect.stringContaining('restore it from a copy'),
      });
      expect(remains.audit.verdict).toMatchObject({ sound: false, sequence: 1 });
      expect(await readFile(join(out, 'incident.html'), 'utf8')).toMatch(/broken<\/span> at record 1/);
      expect(remains.pullRequests).toBe(0);
      expectGitUntouched(remains);

      const verify = await runChild('main.ts', ['audit', 'verify', file]);
      expect(verify).toMatchObject({ code: 1, stdout: expect.stringContaining('broken at record 1') });
    },
    PATIENCE_MS,
  );
});

/** The kernel's limit on the size of a file stands in for a full disk: a write is cut in the middle, then fails. */
const fullDisk = (blocks: number) => ['sh', '-c', `trap '' XFSZ; ulimit -f ${blocks}; exec "$0" "$@"`];

describe.skipIf(process.platform === 'win32')('a disk that is full', () => {
  test(
    'for the incident record: the run stops with what to do, the record stays whole, and the incident is resumed later',
    async () => {
      const scenario = await fastBadImage();
      const out = await newOut();
      const child = await runChild('main.ts', ['play', '--scenario', scenario, '--out', out], fullDisk(24));
      expect(child).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/Could not write to .*inc-\w+\.jsonl: .*\n +Free space, .*what was there before is unharmed/),
      });
      const remains = await whatRemains(out);
      expect(remains.entries.length).toBeGreaterThan(1);
      expect(remains.state.status).toBeUndefined();
      expect(remains.audit.verdict.sound).toBe(true);
      expect(remains.branches.length).toBe(remains.pullRequests);

      expect(await playInTest({ scenario, out, resume: true })).toMatchObject({ status: 'resolved' });
      expect(await whatRemains(out)).toMatchObject({ pullRequests: 1, merges: 1, occurrences: 1 });
    },
    PATIENCE_MS,
  );

  test.each([
    ['when the incident is opened', 50_700, /^open$/],
    ['in the middle of the incident', 50_300, /^(gate|propose|decide)$/],
  ])(
    'for the audit chain, %s: the step fails with what to do, the chain stays sound, and the incident is resumed later',
    async (_, noteBytes, step) => {
      const scenario = await fastBadImage();
      const out = await newOut();
      const child = await runChild('testing/play-with-full-audit.ts', [scenario, out, String(noteBytes)], fullDisk(200));
      expect(child).toMatchObject({ code: 0, stderr: '' });
      const remains = await whatRemains(out);
      expect(remains.state.failure).toMatchObject({
        step: expect.stringMatching(step),
        code: 'UNAVAILABLE',
        message: expect.stringContaining('audit.jsonl'),
        hint: expect.stringContaining('Free space'),
      });
      expect(remains.audit.verdict.sound).toBe(true);
      expect(remains.branches.length).toBeLessThanOrEqual(remains.pullRequests);

      expect(await playInTest({ scenario, out, resume: true })).toMatchObject({ status: 'resolved' });
      expect(await whatRemains(out)).toMatchObject({ pullRequests: 1, merges: 1, occurrences: 1, audit: { verdict: { sound: true } } });
    },
    PATIENCE_MS,
  );
});

describe('Ctrl-C', () => {
  test(
    'ends with exit code 130 and no process left, and "tier0 resume" brings the incident to its end',
    async () => {
      const scenario = await fastMemoryPressure();
      const out = await newOut();
      const child = startChild('main.ts', ['play', '--scenario', scenario, '--out', out]);
      await said(child, 'propose');
      expect(await leftBehind(scenario, 0)).not.toEqual([]);
      child.process.kill('SIGINT');
      expect(await child.ended).toMatchObject({
        code: 130,
        signal: null,
        stderr: expect.stringContaining(`"pnpm tier0 resume --out ${out}" goes on with it`),
      });
      expect(await leftBehind(scenario)).toEqual([]);
      const remains = await whatRemains(out);
      expect(remains.state).toMatchObject({ failure: undefined, status: undefined });
      expect(remains.audit.verdict.sound).toBe(true);

      const resumed = await runChild('main.ts', ['resume', '--out', out]);
      expect(resumed).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('  resolved: ') });
      expect(await whatRemains(out)).toMatchObject({ pullRequests: 1, merges: 1, occurrences: 1, followUps: [{ status: 'open' }] });
    },
    PATIENCE_MS,
  );
});
