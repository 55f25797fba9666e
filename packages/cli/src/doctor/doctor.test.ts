import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEmbeddedCluster, type KubernetesObject } from '@tier0/eval/cluster';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { doctor } from '../commands/doctor.ts';
import { serveRecording } from '../commands/serve-recording.ts';
import { REPOSITORY_ROOT } from '../repository-root.ts';
import { removeFolders, temporaryFolder } from '../testing/temporary-folder.ts';
import { createTestEnvironment } from '../testing/test-environment.ts';
import { clockOf, nodeVersion } from './examine.ts';

const clusters: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of clusters.splice(0)) await one.close();
});
afterAll(removeFolders);

async function examined(...args: readonly string[]) {
  const environment = createTestEnvironment();
  const exitCode = await doctor.run(['-o', 'json', ...args], environment);
  const results = JSON.parse(environment.output()) as { state: string; name: string; detail: string; mend?: string }[];
  const state = Object.fromEntries(results.map((result) => [result.name, result.state]));
  return { exitCode, state, results };
}

async function kubeconfigOf(now: () => number, accessRules?: Parameters<typeof createEmbeddedCluster>[0]['accessRules']): Promise<string> {
  const pod: KubernetesObject = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'shop' } };
  const cluster = await createEmbeddedCluster({ objects: [pod], now, ...(accessRules === undefined ? {} : { accessRules }) });
  clusters.push(cluster);
  const file = join(await temporaryFolder(), 'kubeconfig');
  writeFileSync(file, cluster.kubeconfig);
  return file;
}

async function repositoryWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await temporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: folder, stdio: 'pipe' });
  git('init', '-q', '-b', 'main');
  git('add', '-A');
  git('commit', '-q', '-m', 'first');
  return folder;
}

describe('each fault is found and told how to mend', () => {
  test('of the cluster: absent, unreachable, forbidden, with another clock', async () => {
    const absent = await examined('--kubeconfig', '/nowhere/config');
    expect(absent).toMatchObject({ exitCode: 1, state: { kubeconfig: 'failed', 'API server': 'skipped' } });
    const well = await kubeconfigOf(Date.now);
    expect((await examined('--kubeconfig', well)).state).toMatchObject({ 'API server': 'ok', permissions: 'ok', clock: 'ok' });
    expect((await examined('--kubeconfig', well, '--context', 'nobody')).state).toMatchObject({ kubeconfig: 'failed' });
    const late = await kubeconfigOf(() => Date.now() - 600_000);
    expect((await examined('--kubeconfig', late)).state).toMatchObject({ clock: 'warning' });
    for (const one of clusters.splice(0)) await one.close();
    expect((await examined('--kubeconfig', well)).state).toMatchObject({ 'API server': 'failed', permissions: 'skipped' });
  });

  test('of the repository: absent, without the branch, without owners, with a policy that cannot be used', async () => {
    const kubeconfig = ['--kubeconfig', '/nowhere/config'];
    expect((await examined(...kubeconfig, '--repository', '/nowhere/repo')).state).toMatchObject({
      repository: 'failed',
      branch: 'skipped',
    });
    const bare = await repositoryWith({ 'a.yaml': 'a: 1\n' });
    expect((await examined(...kubeconfig, '--repository', bare)).state).toMatchObject({
      branch: 'ok',
      CODEOWNERS: 'warning',
      'policy.yaml': 'warning',
    });
    expect((await examined(...kubeconfig, '--repository', bare, '--branch', 'trunk')).state).toMatchObject({ branch: 'failed' });
    const odd = await repositoryWith({ CODEOWNERS: '* @a\n', '.tier0/policy.yaml': 'requiredApprovals: many\n' });
    expect((await examined(...kubeconfig, '--repository', odd)).state).toMatchObject({ CODEOWNERS: 'ok', 'policy.yaml': 'failed' });
  });

  test('of Prometheus and of the configuration', async () => {
    const file = join(await temporaryFolder(), 'tier0.yaml');
    writeFileSync(file, 'clusters: []\n');
    const { state, results } = await examined('--kubeconfig', '/nowhere/config', '--prometheus', 'http://127.0.0.1:9', '--config', file);
    expect(state).toMatchObject({ prometheus: 'failed', 'tier0.yaml': 'failed' });
    for (const result of results) if (['failed', 'warning'].includes(result.state)) expect(result.mend, result.name).toMatch(/\w+ .*\.$/);
  });

  test('of Node and of clocks', () => {
    expect(nodeVersion('22.19.0')).toBe('22.19.0');
    expect(() => nodeVersion('20.11.1')).toThrow('too old');
    expect(() => clockOf('2026-01-01T00:00:00Z', Date.parse('2026-01-01T00:05:00Z'))).toThrow('300 s');
  });
});

test('a recording is served until it is stopped, and a client reads it', async () => {
  const stopping = new AbortController();
  const file = join(await temporaryFolder(), 'kubeconfig');
  const environment = { ...createTestEnvironment(), signal: stopping.signal };
  const serving = serveRecording.run([join(REPOSITORY_ROOT, 'scenarios/bad-image'), '--kubeconfig', file], environment);
  await expect.poll(() => environment.output()).toContain('export KUBECONFIG=');
  expect((await examined('--kubeconfig', file)).state).toMatchObject({ 'API server': 'ok' });
  stopping.abort();
  expect(await serving).toBe(0);
});
