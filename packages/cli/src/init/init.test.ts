import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { init } from '../commands/init.ts';
import { readConfigFile } from '../duty/config/read-config.ts';
import { removeFolders, temporaryFolder } from '../testing/temporary-folder.ts';
import { createTestEnvironment } from '../testing/test-environment.ts';
import { clusterName, parseDelivery } from './config-text.ts';
import { guessForge, repositoryAround, toHttpAddress } from './guess-repository.ts';

afterAll(removeFolders);

const KUBECONFIG = `apiVersion: v1
kind: Config
current-context: admin@Production_EU
clusters: [{name: p, cluster: {server: "https://p"}}, {name: s, cluster: {server: "https://s"}}]
contexts:
  - {name: admin@Production_EU, context: {cluster: p, user: me}}
  - {name: staging, context: {cluster: s, user: me}}
users: [{name: me, user: {token: t}}]
`;

/** A machine with a kubeconfig of two contexts and a repository; answers are given in turn, and then the input ends. */
async function machine(...answers: readonly string[]) {
  const folder = await temporaryFolder();
  const kubeconfig = join(folder, 'kubeconfig');
  const repository = join(folder, 'fleet');
  const file = join(folder, 'tier0.yaml');
  writeFileSync(kubeconfig, KUBECONFIG);
  mkdirSync(repository);
  execFileSync('git', ['init', '-q', '-b', 'trunk', repository]);
  const asked: string[] = [];
  const ask = async (question: string) => {
    asked.push(question);
    return answers[asked.length - 1] ?? '';
  };
  const environment = { ...createTestEnvironment(), ask };
  const type = (...args: readonly string[]) => init.run(['--kubeconfig', kubeconfig, '--file', file, ...args], environment);
  return { type, asked, file, repository, kubeconfig, output: environment.output };
}

describe('tier0 init', () => {
  test('asks at most five things, shows what it would write, and writes it for who says yes', async () => {
    const there = await machine('staging', '', 'flux flux-system/shop', 'http://prom:9090', 'yes');
    expect(await there.type()).toBe(0);
    expect(there.asked).toHaveLength(5);
    expect(there.asked[0]).toContain('[admin@Production_EU]');
    const { clusters } = await readConfigFile(there.file);
    expect(clusters).toMatchObject([
      {
        name: 'staging',
        kubeconfig: there.kubeconfig,
        context: 'staging',
        delivery: { kind: 'flux', kustomization: { namespace: 'flux-system', name: 'shop' } },
        prometheus: { url: 'http://prom:9090' },
      },
    ]);
    expect(there.output()).toMatch(/tier0\.yaml is written\.\n[\s\S]*next: .*doctor --config/);
  });

  test('an input that ends is a no, and so is every word but yes', async () => {
    for (const answers of [[], ['staging'], ['staging', '', '', '', 'perhaps']]) {
      const there = await machine(...answers);
      expect(await there.type()).toBe(1);
      expect(existsSync(there.file)).toBe(false);
      expect(there.output()).toContain('Nothing was written.');
    }
  });

  test('a script answers by options, and paths count from the folder of the configuration', async () => {
    const there = await machine();
    expect(await there.type('--yes', '--repository', there.repository)).toBe(0);
    expect(there.asked).toEqual([]);
    const { clusters } = await readConfigFile(there.file);
    expect(clusters).toMatchObject([
      {
        name: 'admin-production-eu',
        repository: { url: there.repository, branch: 'trunk' },
        forge: { kind: 'local' },
        delivery: { kind: 'rollout' },
      },
    ]);
  });

  test('what is there is replaced only by who says so', async () => {
    const there = await machine('', '', '', '', 'no');
    writeFileSync(there.file, 'mine\n');
    await expect(there.type('--yes', '--repository', there.repository)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await there.type('--repository', there.repository)).toBe(1);
    expect(there.asked.at(-1)).toContain('is there already: replace it');
    expect(readFileSync(there.file, 'utf8')).toBe('mine\n');
    expect(await there.type('--yes', '--force', '--repository', there.repository)).toBe(0);
    expect(readFileSync(there.file, 'utf8')).toContain('clusters:');
  });

  test('a forge is guessed by the host, and the secrets that it needs are named, never asked', async () => {
    const there = await machine();
    expect(await there.type('--yes', '--repository', 'git@github.com:shop/infra.git')).toBe(0);
    const { clusters } = await readConfigFile(there.file);
    expect(clusters[0]).toMatchObject({
      repository: { url: 'https://github.com/shop/infra.git', authorization: { env: 'TIER0_GIT_AUTHORIZATION' } },
      forge: { kind: 'github', project: 'shop/infra', token: { env: 'TIER0_FORGE_TOKEN' } },
    });
    expect(there.output()).toContain('TIER0_FORGE_TOKEN');
    await expect(there.type('--yes', '--force', '--repository', 'r', '--forge', 'githb')).rejects.toMatchObject({
      hint: expect.stringContaining('github'),
    });
    await expect(there.type('--yes', '--force', '--repository', 'https://a:b@h/r')).rejects.toMatchObject({
      message: expect.stringContaining('credentials'),
    });
    await expect(there.type('--yes', '--force', '--context', 'stagin', '--repository', 'r')).rejects.toMatchObject({
      hint: expect.stringContaining('staging'),
    });
  });
});

test.each([
  ['https://github.com/shop/infra.git', { kind: 'github', project: 'shop/infra' }],
  ['https://gitlab.example.com/a/b/c', { kind: 'gitlab', project: 'a/b/c', url: 'https://gitlab.example.com/api/v4' }],
  ['https://codeberg.org/a/b.git', { kind: 'gitea', project: 'a/b', url: 'https://codeberg.org/api/v1' }],
  ['https://git.example.com/a/b', { kind: 'local' }],
  ['./fleet', { kind: 'local' }],
])('%s is on %o', (address, forge) => {
  expect(guessForge(address)).toEqual(forge);
});

test.each([
  ['git@github.com:shop/infra.git', 'https://github.com/shop/infra.git'],
  ['ssh://git@git.example.com:7999/shop/infra.git', 'https://git.example.com/shop/infra.git'],
  ['https://git.example.com/shop', 'https://git.example.com/shop'],
  ['./fleet', './fleet'],
  ['/srv/git/fleet.git', '/srv/git/fleet.git'],
])('git knows %s, tier0 speaks to %s', (remote, address) => {
  expect(toHttpAddress(remote)).toBe(address);
});

test('the repository around a folder is where git fetches it from, without what it holds of credentials', async () => {
  const folder = await temporaryFolder();
  const { signal } = new AbortController();
  expect(await repositoryAround(folder, signal)).toBeUndefined();
  execFileSync('git', ['init', '-q', folder]);
  expect(await repositoryAround(folder, signal)).toBe(folder);
  execFileSync('git', ['-C', folder, 'remote', 'add', 'origin', 'https://me:secret@git.example.com/a/b.git']);
  expect(await repositoryAround(folder, signal)).toBe('https://git.example.com/a/b.git');
});

test('names and deliveries are taken as people write them', () => {
  expect(clusterName('arn:aws:eks:eu-1:12:cluster/Shop')).toBe('arn-aws-eks-eu-1-12-cluster-shop');
  expect(clusterName('__')).toBe('cluster');
  expect(parseDelivery('argocd argocd/shop')).toEqual({ kind: 'argocd', application: 'argocd/shop' });
  expect(() => parseDelivery('flux shop')).toThrow('does not say how');
});
