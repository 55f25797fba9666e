import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setDefaultCACertificates } from 'node:tls';
import { createPrometheusEvidence } from '@tier0/agents';
import { toTier0Error } from '@tier0/core';
import { createGiteaForge, createGitHubForge, createGitLabForge } from '@tier0/gitops';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openWorld } from '../operations/open-world.ts';
import { CERTIFICATES } from '../testing/certificates.ts';
import { type Fault, type FaultyServer, serveFault } from '../testing/faulty-server.ts';
import { startChild } from '../testing/run-child.ts';
import { removeFolders, temporaryFolder } from '../testing/temporary-folder.ts';

// Forges and Prometheus trust what this process trusts; the API server's authority is in its kubeconfig.
beforeAll(() => setDefaultCACertificates([CERTIFICATES.authority]));

const open: FaultyServer[] = [];
afterAll(() => {
  for (const server of open) server.close();
  return removeFolders();
});

const context = { signal: new AbortController().signal, now: Date.now };

/** What each party says of a server at this address: its words and what to do, in one text. */
const PARTIES: Readonly<Record<string, (url: string, timeoutMs: number) => Promise<string>>> = {
  'API server': (url, timeoutMs) => toldBy(() => openWorld({ kubeconfigText: kubeconfigOf(url), requestTimeoutMs: timeoutMs }, context)),
  GitHub: (apiUrl, timeoutMs) => toldBy(() => createGitHubForge({ repository: 'a/b', token: 't', apiUrl, timeoutMs }).read(1, context)),
  GitLab: (apiUrl, timeoutMs) => toldBy(() => createGitLabForge({ project: 'a/b', token: 't', apiUrl, timeoutMs }).read(1, context)),
  Gitea: (apiUrl, timeoutMs) => toldBy(() => createGiteaForge({ repository: 'a/b', token: 't', apiUrl, timeoutMs }).read(1, context)),
  Prometheus: async (url, timeoutMs) => {
    const query = { kind: 'metrics', metric: 'm', labels: {}, fromMs: 0, toMs: 60_000, stepMs: 1_000 } as const;
    const seen = await createPrometheusEvidence({ url, timeoutMs }).observe(query, context);
    return 'reason' in seen ? seen.reason : seen.state;
  },
};

async function toldBy(call: () => Promise<unknown>): Promise<string> {
  const error = await call().then(
    () => undefined,
    (reason: unknown) => toTier0Error(reason),
  );
  return error === undefined ? 'no error' : `${error.message} ${error.hint}`;
}

function kubeconfigOf(server: string): string {
  const authority = Buffer.from(CERTIFICATES.authority).toString('base64');
  return JSON.stringify({
    'current-context': 'c',
    clusters: [{ name: 'c', cluster: { server, 'certificate-authority-data': authority } }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    users: [{ name: 'u', user: { token: 't' } }],
  });
}

const status = (code: number): Fault => ({ kind: 'status', status: code });
const forges = (words: RegExp) => ({ GitHub: words, GitLab: words, Gitea: words });

/** Each fault, with what the hint of each party must say. A party without words of its own gets those of all. */
const FAULTS: readonly (readonly [string, Fault, { readonly all?: RegExp } & Readonly<Record<string, RegExp>>])[] = [
  ['401', status(401), { 'API server': /Log in again|renew the token/, Prometheus: /without credentials/, ...forges(/401.*token/i) }],
  ['403', status(403), { 'API server': /read-only-access\.yaml/, Prometheus: /without credentials/, ...forges(/403.*token/i) }],
  [
    '404',
    status(404),
    { 'API server': /no Kubernetes API.*server of the kubeconfig/, Prometheus: /api\/v1\/query/, ...forges(/repository|project/) },
  ],
  ['429', status(429), { 'API server': /busy.*flowschemas/, Prometheus: /too often/, ...forges(/less often|later|then/i) }],
  ['500', status(500), { 'API server': /not well.*readyz/, Prometheus: /its log/, ...forges(/500.*Try again/) }],
  ['503', status(503), { 'API server': /not well.*readyz/, Prometheus: /its log/, ...forges(/503.*Try again/) }],
  [
    'an expired certificate',
    { kind: 'certificate', which: 'expired' },
    { all: /Renew the certificate of the server; if it is valid, set the clock/ },
  ],
  ['a certificate of an unknown authority', { kind: 'certificate', which: 'unknownAuthority' }, { all: /Trust the authority/ }],
  ['a certificate for another name', { kind: 'certificate', which: 'otherName' }, { all: /Use a name that the certificate is for/ }],
  ['no TLS where it is wanted', { kind: 'plain' }, { all: /speaks TLS on this port/ }],
  ['a name that nobody knows', { kind: 'dns' }, { all: /Check the host name/ }],
  ['a closed port', { kind: 'refused' }, { all: /Check the port and that the service runs/ }],
  ['silence', { kind: 'silent' }, { all: /within \d+ ms.*(less busy|allow more time)/ }],
];

describe.each(FAULTS)('%s', (name, fault, words) => {
  test.concurrent.each(Object.keys(PARTIES))('of %s is told with what mends it', async (party) => {
    const server = await serveFault(fault);
    open.push(server);
    const told = await PARTIES[party]!(server.url, fault.kind === 'silent' ? 400 : 5_000);
    expect(told, `${party}: ${name}`).toMatch(words[party] ?? words.all ?? /^$/);
    // A forge may have done what it was asked only where the request can have arrived.
    if (['dns', 'refused', 'certificate', 'plain'].includes(fault.kind)) expect(told).not.toContain('not known whether');
  });
});

test('Ctrl-C says that it stopped, and offers nothing to go on with where there is nothing', async () => {
  const server = await serveFault({ kind: 'silent' });
  open.push(server);
  const file = join(await temporaryFolder(), 'kubeconfig');
  writeFileSync(file, kubeconfigOf(server.url));
  const child = startChild('main.ts', ['diagnose', '--kubeconfig', file]);
  await expect.poll(() => server.requests(), { timeout: 20_000 }).toBeGreaterThan(0);
  child.process.kill('SIGINT');
  expect(await child.ended).toMatchObject({ code: 130, stderr: '\ntier0: stopped.\n', stdout: '' });
}, 30_000);

test('429 with Retry-After is waited for as long as it asks, then tried again', async () => {
  const server = await serveFault({ kind: 'status', status: 429, headers: { 'retry-after': '1' } });
  open.push(server);
  const startedAt = performance.now();
  expect(await PARTIES['API server']!(server.url, 5_000)).toContain('asks for 1 s');
  expect(server.requests()).toBe(3);
  expect(performance.now() - startedAt).toBeGreaterThan(1_900);
});
