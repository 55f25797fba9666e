import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Finding, Pattern } from '@tier0/core';
import { testContext } from '@tier0/core/testing';
import { afterAll, expect, test } from 'vitest';
import { createMemoryPatternLibrary } from '../memory.ts';
import { exportBundle, importBundle } from './bundle.ts';
import { learnFromFix } from './learn-fix.ts';
import { type ClosedIncident, learnFromOutcome } from './learn-outcome.ts';
import { metricShapeOf } from './metric-shape.ts';
import { trackRecordAt } from './track-record.ts';

const context = testContext();
const root = await mkdtemp(join(tmpdir(), 'tier0-learn-'));
afterAll(() => rm(root, { recursive: true, force: true }));

/** An incident in a workload of some name: what its program said last, and the Service that suffers. */
function incidentOf(name: string, said: string, { cause = 'wrong-command', code = 'T0-POD-001' } = {}): ClosedIncident {
  const workload = `kubernetes:c/${name}-ns/Deployment/${name}`;
  const service = `kubernetes:c/${name}-ns/Service/${name}`;
  const evidence = [{ id: 'e', source: 'logs', query: 'q', interval: { startsAt: '', endsAt: '' }, excerpt: said, digest: '' }];
  const base = { severity: 'fault', depth: 1, evidence, explainedBy: [] } as const;
  const findings = [
    { ...base, code, cause, subject: workload, message: `${name} cannot start`, fingerprint: `${name}1` },
    {
      ...base,
      code: 'T0-SVC-002',
      cause: 'service-has-no-endpoints',
      subject: service,
      message: `"${name}" has no endpoints`,
      fingerprint: `${name}2`,
      explainedBy: [`${name}1`],
    },
  ] as unknown as readonly Finding[];
  const rootCause = {
    cause,
    subject: workload,
    message: 'm',
    confidence: 0.9,
    basis: 'rule',
    path: [workload, service],
    evidenceFor: ['e'],
    evidenceAgainst: [],
    finding: `${name}1`,
  };
  return {
    rootCause: rootCause as ClosedIncident['rootCause'],
    findings,
    remedy: { id: 'restore-command', title: 'Put the command back' },
    occurrence: { incident: `INC-${name}`, at: '2026-11-20T00:00:00.000Z', succeeded: true },
  };
}

test('the first incident founds a pattern, the same one under other names is its second occurrence, another cause is not', async () => {
  const library = createMemoryPatternLibrary({ patterns: [] });
  const first = await learnFromOutcome(library, incidentOf('basket', 'exec: "/app/basket": no such file, pid 4711'), context);
  expect(first.founded).toBe(true);
  expect(JSON.stringify(first.pattern.signature)).not.toContain('basket');
  const second = await learnFromOutcome(library, incidentOf('ledger', 'exec: "/srv/ledger": no such file, pid 12'), context);
  expect(second).toMatchObject({
    founded: false,
    pattern: { id: first.pattern.id, occurrences: [{ incident: 'INC-basket' }, { incident: 'INC-ledger' }] },
  });
  expect(second.recognition?.similarity).toBeGreaterThan(0.9);
  const other = incidentOf('basket', 'exec: "/app/basket": no such file, pid 4711', {
    cause: 'missing-binary-or-file',
    code: 'T0-POD-009',
  });
  expect((await learnFromOutcome(library, other, context)).founded).toBe(true);
});

test('successes fade, failures and rejections stay, edits count half, another version does not count', () => {
  const of = (occurrences: Pattern['occurrences']): Pattern => ({
    id: 'p',
    title: 'p',
    signature: { cause: 'wrong-command', keywords: [] },
    remedy: 'r',
    parameters: {},
    fix: '',
    occurrences,
  });
  const nowMs = Date.parse('2026-11-22T00:00:00Z');
  const at = (daysAgo: number) => new Date(nowMs - daysAgo * 86_400_000).toISOString();
  const record = trackRecordAt(
    of([
      { incident: '1', at: at(0), succeeded: true, version: '3.2.1' },
      { incident: '2', at: at(180), succeeded: true, version: 'v3.2.9' },
      { incident: '3', at: at(400), succeeded: false },
      { incident: '4', at: at(0), succeeded: true, review: 'rejected' },
      { incident: '5', at: at(0), succeeded: true, review: 'edited' },
      { incident: '6', at: at(0), succeeded: true, version: '3.1.9' },
    ]),
    { nowMs, version: '3.2.4' },
  );
  expect(record).toEqual({ successes: 2, failures: 2.5 });
});

test.each([
  ['level', [5, 5, 5.1, 5, 5, 5.1, 5, 5]],
  ['rising', [1, 2, 3, 4, 5, 6, 7, 8]],
  ['falling', [8, 7, 6, 5, 4, 3, 2, 1]],
  ['step-up', [1, 1, 1, 1, 9, 9, 9, 9]],
  ['step-down', [9, 9, 9, 9, 1, 1, 1, 1]],
  ['spike', [1, 1, 1, 9, 1, 1, 1, 1]],
  ['saw-tooth', [1, 4, 7, 9, 1, 4, 7, 9, 1, 4]],
  [undefined, [1, 2, 3]],
])('a course is %s, whatever its scale', (shape, values) => {
  expect(metricShapeOf(values)).toBe(shape);
  expect(metricShapeOf(values.map((value) => value * 1e9))).toBe(shape);
});

test('a merged fix founds a pattern that says which field was changed and names nobody', async () => {
  const repository = await mkdtemp(join(root, 'repo-'));
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', repository, '-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args], { encoding: 'utf8' }).trim();
  const manifest = (limit: string, image: string) =>
    `kind: Deployment\nmetadata: { name: basket }\nspec: { template: { spec: { containers: [{ name: app, image: ${image}, resources: { limits: { memory: ${limit} } } }] } } }\n`;
  git('init', '-q', '-b', 'main');
  await writeFile(join(repository, 'a.yaml'), manifest('128Mi', 'internal/basket:1'));
  git('add', '.');
  git('commit', '-qm', 'first');
  git('checkout', '-qb', 'fix');
  await writeFile(join(repository, 'a.yaml'), manifest('256Mi', 'internal/basket:2'));
  git('commit', '-qam', 'more memory');
  git('checkout', '-q', 'main');
  git('merge', '-q', '--no-ff', '-m', 'Merge pull request #12 from fix\n\nCause: memory-limit-too-low', 'fix');
  const lesson = await learnFromFix({ repository, pullRequest: '12', resolved: true }, context);
  expect(lesson.pattern).toMatchObject({
    signature: { cause: 'memory-limit-too-low', shape: { path: ['Deployment'] } },
    fix: 'Deployment: change spec.template.spec.containers.*.image. Deployment: change spec.template.spec.containers.*.resources.limits.memory from 128Mi to 256Mi.',
    occurrences: [{ incident: `git:${git('rev-parse', 'HEAD')}`, succeeded: true }],
  });
  await expect(learnFromFix({ repository, pullRequest: '1' }, context)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(learnFromFix({ repository, pullRequest: '12', cause: 'bad-luck' }, context)).rejects.toMatchObject({
    code: 'INVALID_INPUT',
  });
  expect((await learnFromFix({ repository, pullRequest: git('rev-parse', 'HEAD') }, context)).pattern.occurrences).toEqual([]);
});

test('a bundle carries no names, is refused when it was changed or signed by a stranger, and brings no track record', async () => {
  const library = createMemoryPatternLibrary({ patterns: [] });
  const { pattern } = await learnFromOutcome(library, incidentOf('basket', 'exec failed'), context);
  const named = { ...pattern, title: 'Basket was down', fix: 'Ask the basket team at ops.basket.example.' };
  const pair = () =>
    generateKeyPairSync('ed25519', {
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
  const [ours, stranger] = [pair(), pair()];
  const text = exportBundle([named], { privateKey: ours.privateKey, names: ['basket'] });
  expect(text.toLowerCase()).not.toContain('basket');
  const [shared] = importBundle(text, [stranger.publicKey, ours.publicKey]);
  expect(shared).toMatchObject({
    pattern: { occurrences: [], fix: 'Ask the <name> team at ops.<name>.example.' },
    elsewhere: { successes: 1, failures: 0 },
  });
  expect(() => importBundle(text, [stranger.publicKey])).toThrow('not among those that are trusted');
  expect(() => importBundle(text.replace('was down', 'was fine'), [ours.publicKey])).toThrow('changed after it was signed');
  expect(() => importBundle('{}', [ours.publicKey])).toThrow('no bundle');
  expect(() => exportBundle([{ ...named, fix: 'basketful' }], { privateKey: ours.privateKey, names: ['basket'] })).toThrow('would leave');
});
