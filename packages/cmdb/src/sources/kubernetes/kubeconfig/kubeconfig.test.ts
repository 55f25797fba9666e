import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import { type AddressInfo, connect as connectTcp, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect } from '../connection.ts';
import { borrowCredentials } from './borrow-credentials.ts';
import { readContext } from './kubeconfig.ts';
import { loadKubeconfig } from './load-kubeconfig.ts';

const HAS_OPENSSL = spawnSync('openssl', ['version']).status === 0;
const { signal } = new AbortController();
const folder = mkdtempSync(join(tmpdir(), 'tier0-kubeconfig-'));
const closing: (() => unknown)[] = [];
afterAll(() => {
  for (const close of closing) close();
  rmSync(folder, { recursive: true, force: true });
});

interface Entries {
  readonly cluster?: object;
  readonly user?: object;
}

/** Text of a kubeconfig with one context, as it stands in a file of `folder`. */
function configOf(server: string, { cluster = {}, user = {} }: Entries): string {
  return JSON.stringify({
    'current-context': 'only',
    clusters: [{ name: 'only', cluster: { server, ...cluster } }],
    users: [{ name: 'me', user }],
    contexts: [{ name: 'only', context: { cluster: 'only', user: 'me' } }],
  });
}

async function ask(kubeconfig: string): Promise<Record<string, unknown>> {
  const api = await connect({ kubeconfig, requestTimeoutMs: 5_000, maxBytes: 100_000 });
  return JSON.parse((await api.get('/who', signal)).body);
}

async function asked(text: string): Promise<Record<string, unknown>> {
  writeFileSync(join(folder, 'config'), text);
  return await ask(await loadKubeconfig({ file: join(folder, 'config') }));
}

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** A program that answers as a credential plugin does, and counts how often it was asked. */
function pluginFile(name: string, status: string): { readonly file: string; readonly count: () => number } {
  const counter = join(folder, `${name}.count`);
  const file = join(folder, name);
  const answer = `{ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: ${status} }`;
  writeFileSync(
    file,
    `#!${process.execPath}\nrequire('node:fs').appendFileSync(${JSON.stringify(counter)}, 'x');\nconst { spec } = JSON.parse(process.env.KUBERNETES_EXEC_INFO);\nconsole.log(JSON.stringify(${answer}));\n`,
  );
  chmodSync(file, 0o755);
  return { file, count: () => readFileSync(counter, 'utf8').length };
}

const plugin = (command: string, more: object = {}) => ({
  exec: { apiVersion: 'client.authentication.k8s.io/v1', command, interactiveMode: 'Never', ...more },
});

/** Answers who it was asked as. */
const whoAsks = (request: IncomingMessage) =>
  JSON.stringify({
    subject: (request.socket as Partial<TLSSocket>).getPeerCertificate?.()?.subject?.CN,
    ...request.headers,
  });

describe.skipIf(!HAS_OPENSSL)('an API server with a certificate of its own authority (skipped without openssl)', () => {
  let port = 0;
  let proxyPort = 0;
  const tunnels: string[] = [];
  const pem = (name: string) => readFileSync(join(folder, `${name}.pem`), 'utf8');
  const server = () => `https://127.0.0.1:${port}`;
  const trusted = { 'certificate-authority': 'ca.pem' };

  beforeAll(async () => {
    certificate('ca', ['-x509', '-subj', '/CN=authority']);
    certificate('server', ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-subj', '/CN=api', '-addext', 'subjectAltName=DNS:api.test,IP:127.0.0.1']);
    certificate('client', ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-subj', '/CN=operator']);
    const tls = { cert: pem('server'), key: readFileSync(join(folder, 'server.key')), ca: pem('ca'), requestCert: true };
    port = await listen(createServer({ ...tls, rejectUnauthorized: false }, (request, response) => response.end(whoAsks(request))));
    const proxy = createHttpServer().on('connect', (request: IncomingMessage, socket: Socket) => {
      tunnels.push(`${request.url} ${request.headers['proxy-authorization'] ?? ''}`.trim());
      if (request.url?.startsWith('refused')) return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      const through = connectTcp(port, '127.0.0.1', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
      return socket.pipe(through).pipe(socket);
    });
    proxyPort = await listen(proxy);
  });

  function certificate(name: string, args: readonly string[]): void {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', `${name}.key`];
    execFileSync('openssl', ['req', '-new', '-x509', ...key, '-out', `${name}.pem`, '-days', '2', ...args], { cwd: folder, stdio: 'pipe' });
  }

  test('is believed by a certificate file beside the kubeconfig, and refused without it', async () => {
    expect(await asked(configOf(server(), { cluster: trusted, user: { token: 'given' } }))).toMatchObject({
      authorization: 'Bearer given',
    });
    await expect(asked(configOf(server(), {}))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await asked(configOf(server(), { cluster: { 'insecure-skip-tls-verify': true } }))).not.toHaveProperty('authorization');
    const inlined = { 'certificate-authority-data': Buffer.from(pem('ca')).toString('base64'), 'certificate-authority': 'absent.pem' };
    expect(await asked(configOf(server(), { cluster: inlined }))).toHaveProperty('host');
  });

  test('sees the client certificate, from files or from the kubeconfig itself', async () => {
    const files = { 'client-certificate': 'client.pem', 'client-key': 'client.key' };
    expect(await asked(configOf(server(), { cluster: trusted, user: files }))).toMatchObject({ subject: 'operator' });
    const base64 = (file: string) => readFileSync(join(folder, file)).toString('base64');
    const data = { 'client-certificate-data': base64('client.pem'), 'client-key-data': base64('client.key') };
    expect(await asked(configOf(server(), { cluster: trusted, user: data }))).toMatchObject({ subject: 'operator' });
    await expect(asked(configOf(server(), { cluster: trusted, user: { 'client-certificate': 'gone.pem' } }))).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('gone.pem'),
    });
  });

  test('is asked by the name that its certificate bears, where the kubeconfig says which', async () => {
    const named = (name: string) => configOf(server(), { cluster: { ...trusted, 'tls-server-name': name } });
    expect(await asked(named('api.test'))).toHaveProperty('host');
    await expect(asked(named('other.test'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  test('sees a password, somebody to act for, and a token file as it is at that moment', async () => {
    const basic = { username: 'me', password: 'secret' };
    expect(await asked(configOf(server(), { cluster: trusted, user: basic }))).toMatchObject({ authorization: 'Basic bWU6c2VjcmV0' });
    const other = { token: 't', as: 'auditor', 'as-groups': ['readers'], 'as-user-extra': { Reason: ['look'] } };
    const seen = await asked(configOf(server(), { cluster: trusted, user: other }));
    expect(seen).toMatchObject({ 'impersonate-user': 'auditor', 'impersonate-group': 'readers', 'impersonate-extra-reason': 'look' });

    writeFileSync(join(folder, 'token'), 'first\n');
    writeFileSync(join(folder, 'config'), configOf(server(), { cluster: trusted, user: { tokenFile: 'token', token: 'older' } }));
    const kubeconfig = await loadKubeconfig({ file: join(folder, 'config') });
    const api = await connect({ kubeconfig, requestTimeoutMs: 5_000, maxBytes: 100_000 });
    expect((await api.get('/who', signal)).body).toContain('Bearer first');
    writeFileSync(join(folder, 'token'), 'second\n');
    expect((await api.get('/who', signal)).body).toContain('Bearer second');
  });

  test('is reached through the proxy of the kubeconfig; a proxy that refuses is named without its password', async () => {
    const through = (host: string) =>
      configOf(`https://${host}`, {
        cluster: { ...trusted, 'proxy-url': `http://me:word@127.0.0.1:${proxyPort}` },
        user: { token: 'given' },
      });
    expect(await asked(through('api.test'))).toMatchObject({ authorization: 'Bearer given', host: 'api.test' });
    expect(tunnels).toEqual([`api.test:443 Basic ${Buffer.from('me:word').toString('base64')}`]);
    const error = await asked(through('refused.test')).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'UNAVAILABLE' });
    expect(JSON.stringify(error)).not.toContain('word');
  });

  test('sees the token of a credential plugin, asked once until it expires; the plugin is told of the cluster if it asks', async () => {
    const lasting = pluginFile('lasting', "{ token: 'for ' + spec.cluster.server }");
    const user = plugin('./lasting', { provideClusterInfo: true });
    expect(await asked(configOf(server(), { cluster: trusted, user }))).toMatchObject({ authorization: `Bearer for ${server()}` });

    const expired = pluginFile('expired', "{ token: 'short', expirationTimestamp: '2020-01-01T00:00:00Z' }");
    for (const [{ count }, command, times] of [[lasting, './lasting', 1] as const, [expired, './expired', 3] as const]) {
      writeFileSync(join(folder, 'config'), configOf(server(), { cluster: trusted, user: plugin(command, { provideClusterInfo: true }) }));
      const kubeconfig = await loadKubeconfig({ file: join(folder, 'config') });
      const api = await connect({ kubeconfig, requestTimeoutMs: 5_000, maxBytes: 100_000 });
      const before = times === 1 ? count() : 0;
      for (let turn = 0; turn < 3; turn++) await api.get('/who', signal);
      expect(count() - before).toBe(times);
    }
  });
});

describe('a credential plugin that gives nothing', () => {
  const secure = 'https://127.0.0.1:1';

  test('is named with what installs it when it is not there', async () => {
    const user = plugin('no-such-login', { installHint: 'Get it from the platform team.' });
    await expect(asked(configOf(secure, { user }))).rejects.toMatchObject({
      code: 'MISSING_DEPENDENCY',
      message: expect.stringContaining('"no-such-login"'),
      hint: 'Get it from the platform team.',
    });
  });

  test.each([
    ['fails', ['--eval', 'console.error("session expired"); process.exit(3)'], /exit code 3: session expired/],
    ['answers something else', ['--eval', 'console.log("hello")'], /no client\.authentication\.k8s\.io\/v1 ExecCredential/],
  ])('is told with how to run it by hand when it %s', async (_, args, message) => {
    await expect(asked(configOf(secure, { user: plugin(process.execPath, { args }) }))).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
      message: expect.stringMatching(message),
      hint: expect.stringContaining(process.execPath),
    });
  });

  test('is not started where it would wait for a person', async () => {
    await expect(asked(configOf(secure, { user: plugin('login', { interactiveMode: 'Always' }) }))).rejects.toThrow(/needs a person/);
  });
});

describe('what only the official client knows', () => {
  test.each([
    ['an auth-provider', { user: { 'auth-provider': { name: 'oidc' } } }, 'the auth-provider "oidc"'],
    ['a SOCKS proxy', { cluster: { 'proxy-url': 'socks5://me:word@proxy:1080' } }, 'the proxy socks5://proxy:1080'],
  ])('%s: without the package it is said what to install', async (_, entries, what) => {
    const text = configOf('https://127.0.0.1:1', entries);
    const credentials = borrowCredentials(readContext(text), text, () => Promise.reject(new Error('Cannot find package')));
    await expect(credentials()).rejects.toMatchObject({
      code: 'MISSING_DEPENDENCY',
      message: expect.stringContaining(what),
      hint: expect.stringContaining('npm install @kubernetes/client-node'),
    });
  });

  test('an auth-provider is asked by it where it is installed', async () => {
    const port = await listen(createHttpServer((request, response) => response.end(whoAsks(request))));
    writeFileSync(join(folder, 'provided'), 'by the client');
    const user = { 'auth-provider': { name: 'tokenFile', config: { tokenFile: join(folder, 'provided') } } };
    const text = configOf(`http://127.0.0.1:${port}`, { cluster: { 'insecure-skip-tls-verify': true }, user });
    expect(await ask(text)).toMatchObject({ authorization: 'Bearer by the client' });
  });
});

describe('which kubeconfig', () => {
  test('the service account of the pod, where there is no file: its token is read from its file', async () => {
    const accountFolder = join(folder, 'account');
    mkdirSync(accountFolder);
    writeFileSync(join(accountFolder, 'token'), 'of the pod');
    const variables = { HOME: join(folder, 'nobody'), KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443' };
    const { server, user, cluster } = readContext(await loadKubeconfig({ variables, accountFolder }));
    expect([server.href, user, cluster['certificate-authority']]).toEqual([
      'https://[fd00::1]:6443/',
      { tokenFile: join(accountFolder, 'token') },
      join(accountFolder, 'ca.crt'),
    ]);
    await expect(loadKubeconfig({ variables: { ...variables, KUBERNETES_SERVICE_HOST: undefined }, accountFolder })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  test.each([
    ['names a user that is not there', { users: [] }, 'it has no user "me"'],
    ['names a cluster that is not there', { clusters: [] }, 'context "only" names no cluster'],
    ['has no such context', { contexts: [] }, 'it has no context "only"'],
  ])('one that %s is refused, not asked as nobody', (_, change, why) => {
    const text = JSON.stringify({ ...JSON.parse(configOf('https://api', {})), ...change });
    expect(() => readContext(text)).toThrow(why);
  });
});
