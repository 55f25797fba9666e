import { formatItemId } from '@tier0/core';
import { expect, test } from 'vitest';
import { MADE_NOW, madeCluster, minutesAgo, node, object, ownedBy, type Part, pod, UNREADY, web } from '../fixtures/made-cluster.ts';
import { MATTERS } from '../kubernetes/matters.ts';
import { remediesFor } from '../remedy/choose.ts';
import { examineCluster } from './examine.ts';

const at = (secondsAgo: number) => new Date(MADE_NOW - 1000 * secondsAgo).toISOString();

/** Well for a while, then a complaint that nobody knows every three seconds, since two minutes. */
const LOG = [
  ...Array.from({ length: 10 }, (_, index) => `${at(240 - index)} INFO request served`),
  ...Array.from({ length: 38 }, (_, index) => `${at(120 - 3 * index)} ERROR the seal of the token is not ours`),
].join('\n');

/** A ConfigMap or another object that somebody wrote so many seconds ago. */
function written(kind: string, name: string, secondsAgo: number, more: Part = {}): Part {
  const fields = kind === 'ConfigMap' ? { 'f:data': { 'f:key': {} } } : { 'f:spec': { 'f:ports': {} } };
  const managedFields = [{ manager: 'kubectl-patch', operation: 'Update', time: at(secondsAgo), fieldsV1: fields }];
  return object(kind, name, { metadata: { managedFields, ...more }, ...(kind === 'ConfigMap' ? { data: { key: 'x' } } : {}) });
}

async function causes(objects: readonly Part[], template: Part = {}): Promise<string> {
  const speaker = pod('p', { status: UNREADY, container: { readinessProbe: { exec: { command: ['ready'] } } }, spec: template });
  const reader = await madeCluster([node('node-a'), ...web(template), speaker, ...objects]);
  const readLog = async ({ pod: name }: { readonly pod: string }) => (name === 'p' ? LOG : undefined);
  const { causes: found } = await examineCluster(reader, { readLog }, { signal: AbortSignal.timeout(20_000), now: () => MADE_NOW });
  return found.map(({ rootCause }) => `${rootCause.cause} ${formatItemId(rootCause.subject)}: ${rootCause.message}`).join('\n');
}

const VAGUE = /^needs-investigation Deployment ns\/web: /;

test('the one thing that was changed before a complaint began is named, with the words of who complains', async () => {
  expect(await causes([written('ConfigMap', 'issuer', 150)])).toMatch(
    /^bad-change ConfigMap ns\/issuer: ConfigMap issuer was changed \(key\) 30 s before this began, and nothing else near it was: web: .*the seal of the token/,
  );
});

test('of two changes none is named', async () => {
  expect(await causes([written('ConfigMap', 'issuer', 150), written('ConfigMap', 'theme', 200)])).toMatch(VAGUE);
});

test.each([
  ['after the first complaint', 60],
  ['long before', 3_000],
])('a change %s is none of its causes', async (_, secondsAgo) => {
  expect(await causes([written('ConfigMap', 'issuer', secondsAgo)])).toMatch(VAGUE);
});

test('what its controller writes, what is written to a status and what belongs to the creation are no changes', async () => {
  const status = [{ manager: 'operator', operation: 'Update', subresource: 'status', time: at(150), fieldsV1: { 'f:spec': {} } }];
  const controlled = { ownerReferences: [{ kind: 'Topic', name: 't', uid: 'u', controller: true }] };
  expect(await causes([object('Service', 'a', { metadata: { managedFields: status } })])).toMatch(VAGUE);
  expect(await causes([written('ConfigMap', 'issuer', 150, controlled)])).toMatch(VAGUE);
  expect(await causes([written('ConfigMap', 'issuer', 150, { creationTimestamp: minutesAgo(600) })])).toMatch(/^bad-change/);
});

test('where something of its own was changed, what others changed is not accused', async () => {
  const template = {
    nodeName: 'node-a',
    containers: [{ name: 'app', image: 'registry.example/web:1', envFrom: [{ configMapRef: { name: 'own' } }] }],
  };
  expect(await causes([written('ConfigMap', 'own', 160), written('ConfigMap', 'issuer', 150)], template)).not.toMatch(
    /ConfigMap ns\/issuer/,
  );
});

test('a new object is a change like others: a policy made just before', async () => {
  const policy = object('NetworkPolicy', 'shut', {
    metadata: { creationTimestamp: at(140) },
    apiVersion: 'networking.k8s.io/v1',
    spec: { podSelector: { matchLabels: { app: 'nobody' } } },
  });
  expect(await causes([policy])).toMatch(/^bad-change NetworkPolicy ns\/shut: NetworkPolicy shut was made 20 s before/);
});

test('who reads what was changed is started anew with the correction: it read the change when it started', async () => {
  const containers = [{ name: 'issuerd', image: 'registry.example/issuer:1', envFrom: [{ configMapRef: { name: 'issuer' } }] }];
  const labels = { app: 'issuerd' };
  const issuerd = object('Deployment', 'issuerd', {
    apiVersion: 'apps/v1',
    spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
  });
  const replicas = object('ReplicaSet', 'issuerd-1', { apiVersion: 'apps/v1', metadata: ownedBy('Deployment', 'issuerd') });
  const up = pod('issuerd-x', {
    metadata: { labels, ...ownedBy('ReplicaSet', 'issuerd-1') },
    spec: { containers, nodeName: 'node-a' },
    status: { name: 'issuerd', ready: true, state: { running: { startedAt: minutesAgo(2) } } },
    podStatus: { conditions: [{ type: 'Ready', status: 'True' }] },
  });
  const issuer = written('ConfigMap', 'issuer', 150, {
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ data: { key: 'before' } }) },
  });
  const speaker = pod('p', { status: UNREADY, container: { readinessProbe: { exec: { command: ['ready'] } } } });
  const reader = await madeCluster([node('node-a'), ...web(), speaker, issuerd, replicas, up, issuer]);
  const readLog = async ({ pod: name }: { readonly pod: string }) => (name === 'p' ? LOG : undefined);
  const { causes: found } = await examineCluster(reader, { readLog }, { signal: AbortSignal.timeout(20_000), now: () => MADE_NOW });
  const [cause] = found;
  if (cause === undefined) throw new Error('nothing was found');
  const [remedy] = remediesFor({ reader, rootCause: cause.rootCause, finding: cause.finding }, MATTERS);
  expect(remedy?.title).toBe('Set issuer back to what was applied last, and restart issuerd, which read it when it started');
});
