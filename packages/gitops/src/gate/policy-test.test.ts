import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { allMet, runPolicyTests } from './policy-test.ts';

const fixtures = join(import.meta.dirname, 'fixtures/policies');
const folders: string[] = [];
afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
});

async function copyOf(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tier0-policies-'));
  folders.push(folder);
  await cp(join(fixtures, name), folder, { recursive: true });
  return folder;
}

test('both layouts run, and every expectation is met', async () => {
  const report = await runPolicyTests(fixtures);
  expect(report.results.map((result) => `${result.resource} ${result.found}`).sort()).toEqual([
    'ConfigMap/not-a-pod pass',
    'CronJob/unlimited fail',
    'Deployment/limited pass',
    'Deployment/orphan fail',
    'Deployment/owned pass',
    'Service/other skip',
  ]);
  expect(allMet(report)).toBe(true);
});

test('what people wrote to each other about policies holds: lazy variables, defaults, conditions, RE2, optional chains, odd resources', async () => {
  const report = await runPolicyTests(join(import.meta.dirname, 'fixtures/admission'));
  expect(report.results.filter(({ expected, found }) => expected !== found)).toEqual([]);
  expect(report.results.length).toBeGreaterThan(20);
});

test('an expectation that is not met is named with the message of the policy', async () => {
  const folder = await copyOf('kyverno');
  const file = join(folder, 'kyverno-test.yaml');
  await writeFile(file, (await readFile(file, 'utf8')).replace('result: fail', 'result: pass'));
  const report = await runPolicyTests(folder);
  expect(allMet(report)).toBe(false);
  expect(report.results.find((result) => result.expected !== result.found)).toMatchObject({
    resource: 'Deployment/orphan',
    expected: 'pass',
    found: 'fail',
    message: 'ClusterPolicy/team-label/has-team: orphan needs the label team',
  });
});

test('a policy that no rule names, and a resource that is not there, are errors and never passes', async () => {
  const folder = await copyOf('kyverno');
  const file = join(folder, 'kyverno-test.yaml');
  await writeFile(
    file,
    (await readFile(file, 'utf8'))
      .replace('policy: team-label, rule: has-team, kind: Service', 'policy: gone, kind: Service')
      .replace('[owned]', '[nobody]'),
  );
  const report = await runPolicyTests(folder);
  expect(report.results.map((result) => result.found)).toEqual(['error', 'fail', 'error']);
});

test('bad input says what to do', async () => {
  await expect(runPolicyTests(join(fixtures, 'nowhere'))).rejects.toMatchObject({
    code: 'NOT_FOUND',
    hint: expect.stringContaining('allow/'),
  });
  const folder = await copyOf('kyverno');
  await writeFile(join(folder, 'resources.yaml'), 'a: [\n');
  await expect(runPolicyTests(folder)).rejects.toMatchObject({ code: 'INVALID_INPUT', message: expect.stringContaining('resources.yaml') });
  await rm(join(folder, 'policy.yaml'));
  await expect(runPolicyTests(folder)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
});
