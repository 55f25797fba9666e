import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestEnvironment } from '../testing/test-environment.ts';
import { locate } from './locate.ts';

const LIVE = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec: {replicas: 2, paused: false}\n';
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tier0-locate-test-'));
  write({ 'live/web.yaml': LIVE });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
}

function commit(files: Readonly<Record<string, string>>): void {
  write(Object.fromEntries(Object.entries(files).map(([file, text]) => [`fleet/${file}`, text])));
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=ann', '-c', 'user.email=ann@example.com', ...args], { cwd: join(folder, 'fleet') });
  git('init', '--quiet', '--initial-branch=main');
  git('add', '--all');
  git('commit', '--quiet', '--message=fleet');
}

async function run(...args: readonly string[]) {
  const environment = createTestEnvironment();
  const where = ['--repository', join(folder, 'fleet'), '--manifests', join(folder, 'live')];
  const code = await locate.run([...args, ...where], environment);
  return { code, output: environment.output() };
}

test('says file, document and path, and why', async () => {
  commit({ 'apps/web.yaml': `# web\n---\n${LIVE.replace('web', 'other')}---\n${LIVE}` });
  const found = await run('Deployment/shop/web', 'spec.replicas');
  expect(found.code).toBe(0);
  expect(found.output).toMatch(/^file +apps\/web.yaml\ndocument +1\npath +spec.replicas\nreason +declared in/);
  const json = JSON.parse((await run('kubernetes:cluster/shop/Deployment/web', 'spec.paused', '--json', '--value', 'true')).output);
  expect(json).toMatchObject({ status: 'found', edit: { expectOld: false, value: true } });
});

test('what cannot be told, has drifted or is not there is said with exit code 1', async () => {
  commit({ 'a.yaml': LIVE, 'b.yaml': LIVE });
  expect(await run('Deployment/shop/web', 'spec.replicas')).toMatchObject({
    code: 1,
    output: expect.stringMatching(/candidates:\n {2}a.yaml.*\n {2}b.yaml/),
  });
});

test('drift is said with what the file says', async () => {
  commit({ 'a.yaml': LIVE.replace('replicas: 2', 'replicas: 5') });
  expect(await run('Deployment/shop/web', 'spec.replicas')).toMatchObject({
    code: 1,
    output: expect.stringContaining('drifted: the file says 5'),
  });
});

test('what is asked wrongly is explained', async () => {
  commit({ 'a.yaml': LIVE });
  await expect(run('web', 'spec.replicas')).rejects.toThrow('not an item');
  await expect(run('Deployment/shop/wob', 'spec.replicas')).rejects.toThrow('There is no live');
  await expect(run('Deployment/shop/web')).rejects.toThrow('Which field');
  await expect(
    locate.run(['Deployment/shop/web', 'spec.replicas', '--repository', 'https://u:p@example.com/x'], createTestEnvironment()),
  ).rejects.toThrow(/credentials/);
});
