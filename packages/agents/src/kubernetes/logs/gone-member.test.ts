import { expect, test } from 'vitest';
import { madeCluster, node, object, ownedBy, type Part, pod, UNREADY, web } from '../../fixtures/made-cluster.ts';
import { podViews } from '../objects/pod-view.ts';
import { goneMember, lostSubdomain } from './gone-member.ts';

const headless = object('Service', 'ring', { spec: { clusterIP: 'None', selector: { app: 'ring' }, ports: [{ port: 6379 }] } });
const set = (replicas: number, more: Part = {}) =>
  object('StatefulSet', 'ring', {
    apiVersion: 'apps/v1',
    spec: { serviceName: 'ring', replicas, selector: { matchLabels: { app: 'ring' } }, ...more },
  });

async function told(host: string, ...objects: readonly Part[]): Promise<string | undefined> {
  const reader = await madeCluster([node('node-a'), ...web(), pod('p', { status: UNREADY }), headless, ...objects]);
  const speaker = podViews(reader).find(({ id }) => id.endsWith('/p'));
  const service = reader.items({ kind: 'Service' }).items.find(({ name }) => name === 'ring')?.id ?? '';
  return speaker && goneMember(speaker, { host, service })?.text;
}

test('a member beyond the size of its set is not there', async () => {
  expect(await told('ring-2.ring', set(2))).toBe(
    'the name ring-2.ring leads nowhere: StatefulSet ring has 2 replicas, so there is no pod ring-2',
  );
  expect(await told('ring-0.ring', set(2, { ordinals: { start: 1 } }))).toContain('no pod ring-0');
});

test('a member that should be there, one that is still there, and another set are none of it', async () => {
  expect(await told('ring-1.ring', set(2))).toBeUndefined();
  expect(await told('ring-2.ring', set(2), object('Pod', 'ring-2', { spec: { containers: [] } }))).toBeUndefined();
  expect(await told('other-2.ring', set(2))).toBeUndefined();
  expect(await told('ring.ns', set(2))).toBeUndefined();
});

const TEMPLATE = { containers: [{ name: 'app', image: 'registry.example/web:1' }] };
const revision = (name: string, number: number, spec: Part) =>
  object('ReplicaSet', name, {
    apiVersion: 'apps/v1',
    metadata: { annotations: { 'deployment.kubernetes.io/revision': String(number) }, ...ownedBy('Deployment', 'web') },
    spec: { template: { spec: { ...TEMPLATE, ...spec } } },
  });

async function nameless(before: Part, now: Part, host = 'leader.quorum'): Promise<string | undefined> {
  const quorum = object('Service', 'quorum', { spec: { clusterIP: 'None', selector: { app: 'web' }, ports: [{ port: 80 }] } });
  const behind = pod('web-x', { status: UNREADY, spec: { ...TEMPLATE, ...now }, metadata: ownedBy('ReplicaSet', 'web-2') });
  const [deployment] = web();
  const reader = await madeCluster([
    node('node-a'),
    deployment ?? {},
    revision('web-1', 1, before),
    revision('web-2', 2, now),
    behind,
    quorum,
  ]);
  const [speaker] = podViews(reader);
  return speaker && lostSubdomain(speaker, host)?.text;
}

test('a pod bears a name of its own below a headless Service by its subdomain, and loses it with that', async () => {
  expect(await nameless({ subdomain: 'quorum' }, {})).toMatch(
    /^the name leader\.quorum leads nowhere: .* the last revision of web gave up$/,
  );
  expect(await nameless({ subdomain: 'quorum' }, { subdomain: 'quorum' })).toBeUndefined();
  expect(await nameless({}, {})).toBeUndefined();
  expect(await nameless({ subdomain: 'quorum' }, {}, 'leader.elsewhere')).toBeUndefined();
});
