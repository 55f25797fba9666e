import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createEmbeddedCluster, type KubernetesObject } from '@tier0/eval/cluster';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { doctor } from '../commands/doctor.ts';
import { serveRecording } from '../commands/serve-recording.ts';
import { REPOSITORY_ROOT } from '../repository-root.ts';
import { CERTIFICATES } from '../testing/certificates.ts';
import { type Fault, serveFault } from '../testing/faulty-server.ts';
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

/** A kubeconfig of a server that has one fault. */
async function faulty(fault: Fault): Promise<readonly string[]> {
  const server = await serveFault(fault);
  clusters.push({ close: async () => server.close() });
  return ['--kubeconfig', await written('kubeconfig', kubeconfigText(server.url))];
}

function kubeconfigText(server: string, user = '{name: u, user: {token: t}}'): string {
  const authority = Buffer.from(CERTIFICATES.authority).toString('base64');
  return `current-context: c
clusters: [{name: c, cluster: {server: "${server}", certificate-authority-data: ${authority}}}]
contexts: [{name: c, context: {cluster: c, user: u}}]
users: [${user}]
`;
}

async function written(name: string, text: string): Promise<string> {
  const file = join(await temporaryFolder(), name);
  writeFileSync(file, text);
  return file;
}

async function prometheus(body: string, status = 200): Promise<readonly string[]> {
  const server = createServer((_, response) => void response.writeHead(status).end(body));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  clusters.push({ close: async () => void server.close() });
  return ['--prometheus', `http://127.0.0.1:${(server.address() as AddressInfo).port}`];
}

const config = async (text: string) => ['--config', await written('tier0.yaml', text)];
const repository = async (files: Readonly<Record<string, string>>) => ['--repository', await repositoryWith(files)];
const status = (code: number) => faulty({ kind: 'status', status: code });
const CLUSTER = 'clusters: [{name: a, repository: {url: ./r}';

/** Each seeded fault: where it is found, and what mends it. */
const FAULTS: readonly (readonly [string, () => Promise<readonly string[]>, string, RegExp])[] = [
  ['a kubeconfig that is not there', async () => ['--kubeconfig', '/nowhere'], 'kubeconfig', /--kubeconfig FILE/],
  ['a kubeconfig that is no YAML', async () => ['--kubeconfig', await written('k', 'clusters: [')], 'kubeconfig', /kubectl config view/],
  ['a kubeconfig that is none', async () => ['--kubeconfig', await written('k', 'hello')], 'kubeconfig', /kubectl config view/],
  [
    'a context that is not there',
    async () => ['--kubeconfig', await written('k', kubeconfigText('https://a')), '--context', 'd'],
    'kubeconfig',
    /It has c/,
  ],
  [
    'a user that is not there',
    async () => ['--kubeconfig', await written('k', kubeconfigText('https://a', ''))],
    'API server',
    /kubeconfig|user/,
  ],
  [
    'a login program that is not there',
    async () => [
      '--kubeconfig',
      await written(
        'k',
        kubeconfigText(
          'https://127.0.0.1:9',
          '{name: u, user: {exec: {command: no-such-login, apiVersion: client.authentication.k8s.io/v1}}}',
        ),
      ),
    ],
    'API server',
    /no-such-login|PATH|[Ii]nstall/,
  ],
  ['credentials that are not known', () => status(401), 'API server', /Log in again/],
  ['an address that is no API server', () => status(404), 'API server', /server of the kubeconfig/],
  ['an API server that is not well', () => status(500), 'API server', /readyz/],
  ['an expired certificate', () => faulty({ kind: 'certificate', which: 'expired' }), 'API server', /Renew the certificate/],
  ['an unknown authority', () => faulty({ kind: 'certificate', which: 'unknownAuthority' }), 'API server', /Trust the authority/],
  [
    'a certificate for another name',
    () => faulty({ kind: 'certificate', which: 'otherName' }),
    'API server',
    /name that the certificate is for/,
  ],
  ['a host that nobody knows', () => faulty({ kind: 'dns' }), 'API server', /host name/],
  ['a closed port', () => faulty({ kind: 'refused' }), 'API server', /Check the port/],
  ['rights to read nothing', async () => ['--kubeconfig', await kubeconfigOf(Date.now, [])], 'API server', /read-only-access\.yaml/],
  [
    'rights to read pods only',
    async () => ['--kubeconfig', await kubeconfigOf(Date.now, [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }])],
    'permissions',
    /read-only-access\.yaml/,
  ],
  ['another clock', async () => ['--kubeconfig', await kubeconfigOf(() => Date.now() - 600_000)], 'clock', /NTP/],
  ['a repository that is not there', async () => ['--repository', '/nowhere/repo'], 'repository', /repository URL/],
  [
    'credentials in the URL of the repository',
    async () => ['--repository', 'https://me:s3cret@h/r'],
    'repository',
    /TIER0_GIT_AUTHORIZATION/,
  ],
  ['a branch that is not there', async () => [...(await repository({ a: '1' })), '--branch', 'trunk'], 'branch', /--branch/],
  ['no code owners', () => repository({ a: '1' }), 'CODEOWNERS', /who may approve/],
  ['no policy', () => repository({ a: '1' }), 'policy.yaml', /Write one/],
  [
    'a policy that cannot be used',
    () => repository({ '.tier0/policy.yaml': 'requiredApprovals: many\n' }),
    'policy.yaml',
    /every change is denied/,
  ],
  ['a Prometheus that is not there', async () => ['--prometheus', 'http://127.0.0.1:9'], 'prometheus', /port-forward/],
  ['an address that is no URL', async () => ['--prometheus', 'prometheus:9090'], 'prometheus', /Write it like/],
  ['a Prometheus below another path', () => prometheus('', 404), 'prometheus', /api\/v1\/query/],
  ['a Prometheus that asks who', () => prometheus('', 401), 'prometheus', /without credentials/],
  ['something else in its place', () => prometheus('<html>'), 'prometheus', /api\/v1\/query/],
  ['a Prometheus without containers', () => prometheus('{"status":"success","data":{"result":[]}}'), 'prometheus', /cadvisor/],
  ['a configuration that is no YAML', () => config('clusters: ['), 'tier0.yaml', /config check/],
  ['a configuration without clusters', () => config('clusters: []\n'), 'tier0.yaml', /config check/],
  ['two clusters of one name', () => config(`${CLUSTER}}, {name: a, repository: {url: ./r}}]\n`), 'tier0.yaml', /config check/],
  [
    'a forge token that nobody set',
    () => config(`${CLUSTER}, forge: {kind: github, project: a/b, token: {env: NO_SUCH}}}]\n`),
    'forge token of a',
    /Set it/,
  ],
];

describe('each fault is found and told how to mend', () => {
  test.each(FAULTS)('%s', async (_, seed, where, mend) => {
    const { results, state } = await examined(...(await seed()));
    const found = results.find(({ name, state: at }) => name === where && ['failed', 'warning'].includes(at));
    expect(found, JSON.stringify(state)).toBeDefined();
    expect(`${found?.detail} ${found?.mend}`).toMatch(mend);
    expect(found?.mend).toMatch(/\w+ .*[.?)]$/);
    expect(found?.detail).not.toContain('s3cret');
  });

  test('of Node and of clocks', () => {
    expect(nodeVersion('22.19.0')).toBe('22.19.0');
    expect(() => nodeVersion('20.11.1')).toThrow('too old');
    expect(() => clockOf('2026-01-01T00:00:00Z', Date.parse('2026-01-01T00:05:00Z'))).toThrow('300 s');
  });
});

test('a machine without a cluster is in order, and told how one is named', async () => {
  const { exitCode, state, results } = await examined();
  expect([exitCode, state.kubeconfig, state['API server']]).toEqual([0, 'skipped', 'skipped']);
  expect(results.find(({ name }) => name === 'kubeconfig')?.detail).toContain('--kubeconfig FILE');
});

test('a sound world has no fault, and what is not named comes from tier0.yaml', async () => {
  const file = await kubeconfigOf(Date.now);
  const fleet = await repositoryWith({ CODEOWNERS: '* @a\n', a: '1' });
  const named = await config(`clusters: [{name: a, kubeconfig: ${file}, repository: {url: ${fleet}, branch: main}}]\n`);
  const { exitCode, state } = await examined(...named);
  expect(exitCode).toBe(0);
  expect(state).toMatchObject({
    'API server': 'ok',
    permissions: 'ok',
    clock: 'ok',
    repository: 'ok',
    branch: 'ok',
    CODEOWNERS: 'ok',
    'tier0.yaml': 'ok',
  });
});

test('a recording is served until it is stopped, and a client reads it', async () => {
  const stopping = new AbortController();
  const file = join(await temporaryFolder(), 'kubeconfig');
  const environment = { ...createTestEnvironment(), signal: stopping.signal };
  const serving = serveRecording.run([join(REPOSITORY_ROOT, 'scenarios/written/bad-image'), '--kubeconfig', file], environment);
  await expect.poll(() => environment.output()).toContain('export KUBECONFIG=');
  expect((await examined('--kubeconfig', file)).state).toMatchObject({ 'API server': 'ok' });
  stopping.abort();
  expect(await serving).toBe(0);
});
