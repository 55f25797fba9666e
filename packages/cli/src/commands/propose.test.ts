import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestEnvironment } from '../testing/test-environment.ts';
import { policy } from './policy.ts';
import { pr } from './pr.ts';
import { proposeCommand as propose } from './propose.ts';

const LIVE = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2 # enough
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "registry.example/web:1"}]}
`;
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tier0-propose-'));
  write({ 'live/web.yaml': LIVE, 'work/apps/web.yaml': LIVE, 'work/CODEOWNERS': '* @ann @bob\n' });
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=ann', '-c', 'user.email=ann@example.com', ...args], { cwd: join(folder, 'work') });
  git('init', '--quiet', '--initial-branch=main');
  git('add', '--all');
  git('commit', '--quiet', '--message=fleet');
  execFileSync('git', ['clone', '--quiet', '--bare', join(folder, 'work'), join(folder, 'fleet.git')]);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
}

async function wish(...args: readonly string[]) {
  const environment = createTestEnvironment();
  const where = [
    '--repository',
    join(folder, 'fleet.git'),
    '--manifests',
    join(folder, 'live'),
    '--as',
    'ann',
    '--why',
    'launch day',
    '--out',
    join(folder, 'out'),
  ];
  const code = await propose.run([...args, ...where], environment);
  return { code, output: environment.output() };
}

async function desk(...args: readonly string[]) {
  const environment = createTestEnvironment();
  const code = await pr.run([...args, '--repository', join(folder, 'fleet.git'), '--out', join(folder, 'out')], environment);
  return { code, output: environment.output() };
}

test('a wish is located, rehearsed and judged; a dry run shows it and writes nothing', async () => {
  const shown = await wish('Deployment/shop/web', 'spec.replicas', '3', '--dry-run');
  expect(shown.code).toBe(0);
  expect(shown.output).toContain('gate: require-approval');
  expect(shown.output).toContain('-  replicas: 2 # enough\n+  replicas: 3 # enough');
  expect(shown.output).toMatch(/^apps\/web\.yaml:5: /m);
  expect(shown.output).toContain('nothing was written');
  expect((await desk('list', '--state', 'all')).output).toBe('there is no pull request\n');
});

test('a wish becomes one pull request, however often it is made; its author cannot approve it, another owner can', async () => {
  const first = await wish('Deployment/shop/web', 'spec.replicas', '3');
  expect(first).toMatchObject({ code: 0, output: expect.stringContaining('pull request #1 is created') });
  expect(await wish('Deployment/shop/web', 'spec.replicas', '3')).toMatchObject({
    code: 0,
    output: expect.stringContaining('pull request #1 is adopted'),
  });
  expect((await desk('list')).output).toBe('#1  Set spec.replicas of Deployment shop/web to 3  (by ann)\n');
  const shown = (await desk('show', '1')).output;
  expect(shown).toContain('launch day');
  expect(shown).toContain('+  replicas: 3 # enough');
  expect(shown).toContain('still missing:');
  const digest = /--digest (\S+)/.exec(shown)?.[1] ?? '';
  await expect(desk('approve', '1', '--as', 'ANN', '--digest', digest)).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
  expect(await desk('approve', '1', '--as', 'mallory', '--digest', digest)).toMatchObject({
    code: 1,
    output: expect.stringContaining('an approval of'),
  });
  expect(await desk('approve', '#1', '--as', 'bob', '--digest', digest)).toMatchObject({ code: 0, output: '#1 is merged\n' });
  const live = execFileSync('git', ['show', 'main:apps/web.yaml'], { cwd: join(folder, 'fleet.git'), encoding: 'utf8' });
  expect(live).toBe(LIVE.replace('replicas: 2', 'replicas: 3'));
});

test('a rejected wish stays rejected', async () => {
  await wish('Deployment/shop/web', 'spec.replicas', '3');
  expect(await desk('reject', '1', '--as', 'bob', '--reason', 'not today')).toMatchObject({ code: 0, output: '#1 is closed: not today\n' });
  expect(await wish('Deployment/shop/web', 'spec.replicas', '3')).toMatchObject({
    code: 1,
    output: expect.stringContaining('closed-by-human'),
  });
  expect((await desk('list', '--state', 'closed')).output).toContain('#1');
});

test('a wish that the gate denies is no pull request', async () => {
  const denied = await wish('Deployment/shop/web', 'spec.selector.matchLabels.app', 'other');
  expect(denied).toMatchObject({ code: 1, output: expect.stringContaining('gate: deny') });
  expect((await desk('list', '--state', 'all')).output).toBe('there is no pull request\n');
});

test('bad input is explained', async () => {
  await expect(wish('Deployment/shop/web', 'spec.replicas')).rejects.toThrow('Not said yet: VALUE.');
  await expect(desk('merge', '1')).rejects.toThrow('is one of list, show, approve, reject, not "merge"');
  await expect(desk('show', 'first')).rejects.toThrow('"first" is no number');
  await expect(desk('approve', '1')).rejects.toThrow('Who decides?');
  await expect(desk('reject', '1', '--as', 'bob')).rejects.toThrow('Why is it rejected?');
  await expect(desk('list', '--state', 'odd')).rejects.toThrow('--state is one of open, merged, closed, all, not "odd"');
});

async function publicKeyOf(out: string): Promise<string> {
  const environment = createTestEnvironment();
  expect(await policy.run(['key', '--out', join(folder, out)], environment)).toBe(0);
  return environment.output();
}

function commitPolicy(text: string): void {
  write({ 'work/.tier0/policy.yaml': text });
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=ann', '-c', 'user.email=ann@example.com', ...args], { cwd: join(folder, 'work') });
  git('add', '--all');
  git('commit', '--quiet', '--message=policy');
  git('push', '--quiet', join(folder, 'fleet.git'), 'main');
}

test("the key is made once, is its owner's only, and is the same for all who come at once", async () => {
  const shown = await Promise.all([publicKeyOf('out'), publicKeyOf('out'), publicKeyOf('out')]);
  expect(new Set(shown).size).toBe(1);
  expect(shown[0]).toContain('-----BEGIN PUBLIC KEY-----');
  expect(shown[0]).not.toContain('PRIVATE');
  expect(statSync(join(folder, 'out', 'gate.key')).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(folder, 'out', 'gate.pub'), 'utf8')).toContain('PUBLIC KEY');
});

test('where the policy names the key, a check of another hand does not merge, and the check of its own signer does', async () => {
  commitPolicy(await publicKeyOf('out'));
  const other = ['--out', join(folder, 'other')];
  const environment = createTestEnvironment();
  const where = ['--repository', join(folder, 'fleet.git'), '--manifests', join(folder, 'live'), '--as', 'ann', '--why', 'launch day'];
  await propose.run(['Deployment/shop/web', 'spec.replicas', '3', ...where, ...other], environment);
  expect(environment.output()).toContain('pull request #1 is created');
  const digest = /--digest (\S+)/.exec((await desk('show', '1')).output)?.[1] ?? '';
  const waiting = await desk('approve', '1', '--as', 'bob', '--digest', digest);
  expect(waiting).toMatchObject({ code: 1, output: expect.stringContaining('the key that signed it is not trusted') });
  expect((await wish('Deployment/shop/web', 'spec.replicas', '3')).output).toContain('pull request #1 is adopted');
  // The approval of before holds for the same commit: what was missing was the word of the signer.
  expect((await desk('list', '--state', 'merged')).output).toContain('#1');
}, 20_000);
