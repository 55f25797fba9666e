import { expect, test } from 'vitest';
import { madeCluster, node, object, pod, UNREADY, web } from '../../fixtures/made-cluster.ts';
import { podViews } from '../objects/pod-view.ts';
import { serviceSpokenOf } from './service-spoken-of.ts';

async function spoken(message: string, ...names: readonly string[]): Promise<string | undefined> {
  const services = names.map((name) =>
    object('Service', name, { spec: { clusterIP: '10.96.0.9', selector: { app: name }, ports: [{ port: 80 }] } }),
  );
  const reader = await madeCluster([node('node-a'), ...web(), pod('p', { status: UNREADY }), ...services]);
  const [speaker] = podViews(reader);
  return speaker && serviceSpokenOf({ pod: speaker, message })?.split('/').at(-1);
}

test.each([
  ['report service answered 504 Gateway Time-out', ['reports', 'front'], 'reports'],
  ['rpc error: etcdserver: mvcc: database space exceeded', ['meta-etcd', 'ui'], 'meta-etcd'],
  ['GET /v1/items of catalogue: 404', ['catalogue', 'stock'], 'catalogue'],
])('%s', async (message, services, expected) => {
  expect(await spoken(message, ...services)).toBe(expected);
});

test.each([
  ['two may be meant', 'orders and invoices disagree', ['orders', 'invoices']],
  ['what any program says names nobody', 'backend service returned an error status', ['backend-service', 'status']],
  ['its own Service', 'web pages are late', ['web']],
  ['none', 'the seal is broken', ['orders']],
])('%s: nobody', async (_, message, services) => {
  expect(await spoken(message, ...services)).toBeUndefined();
});
