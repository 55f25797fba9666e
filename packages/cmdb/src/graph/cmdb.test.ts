import type { Coverage, InventorySource } from '@tier0/core';
import { describeCmdbReader, testContext } from '@tier0/core/testing';
import { expect, test } from 'vitest';
import { createMemoryCmdbStore } from '../stores/memory.ts';
import { createObjectsSource, SHOP_NOW, type ShopOptions, shopObjects } from '../testing/index.ts';
import { toMermaid } from '../views/mermaid.ts';
import { createCmdb } from './cmdb.ts';

const PAYMENT = 'kubernetes:production/shop/Deployment/payment';
const CHECKOUT = 'kubernetes:production/shop/Deployment/checkout';

async function shop(options: ShopOptions = {}) {
  const cmdb = createCmdb({ sources: [createObjectsSource({ cluster: 'production', objects: () => shopObjects(options) })] });
  await cmdb.refresh(testContext(SHOP_NOW));
  return cmdb.reader();
}

describeCmdbReader('the graph', () => shop());

test('a failing payment Deployment reaches the ingress through the workload that depends on it', async () => {
  const reader = await shop();
  const reached = reader.impact(PAYMENT).items.map((item) => item.item);
  expect(reached).toContain('kubernetes:production/shop/Service/payment');
  expect(reached).toContain(CHECKOUT);
  expect(reached).not.toContain('kubernetes:production/-/Node/node-1');
});

test('a host name in an environment variable is a weak dependency that says where it stands', async () => {
  const [relation] = (await shop()).relations(CHECKOUT, 'out', 'dependsOn');
  expect(relation).toMatchObject({
    to: 'kubernetes:production/shop/Service/payment',
    confidence: 0.5,
    properties: { via: 'env PAYMENT_URL' },
  });
});

test('an object of a kind that may not be listed is unknown, not absent', async () => {
  let gaps: readonly Coverage[] = [];
  const cmdb = createCmdb({ sources: [createObjectsSource({ cluster: 'production', objects: () => shopObjects(), gaps: () => gaps })] });
  await cmdb.refresh(testContext(SHOP_NOW));
  const missing = 'kubernetes:production/shop/ConfigMap/none';
  expect(cmdb.reader().get(missing).state).toBe('absent');
  gaps = [{ kind: 'ConfigMap', state: 'forbidden', reason: '403' }];
  const report = await cmdb.refresh(testContext(SHOP_NOW + 1000));
  expect(report.failures).toEqual([
    { source: 'objects', kind: 'ConfigMap', code: 'forbidden', message: 'objects could not read ConfigMap: 403' },
  ]);
  expect(cmdb.reader().get(missing)).toEqual({ state: 'unknown', reason: 'could not read ConfigMap: 403' });
  expect(cmdb.reader().get('kubernetes:production/shop/Secret/none').state).toBe('unknown');
});

test('a failed or incomplete source deletes nothing; a complete one does', async () => {
  let objects = shopObjects();
  let gaps: readonly Coverage[] = [];
  let broken = false;
  const inner = createObjectsSource({ cluster: 'production', objects: () => objects, gaps: () => gaps });
  const source: InventorySource = {
    ...inner,
    discover: (context) => (broken ? Promise.reject(new Error('down')) : inner.discover(context)),
  };
  const cmdb = createCmdb({ sources: [source] });
  await cmdb.refresh(testContext(SHOP_NOW));
  broken = true;
  await cmdb.refresh(testContext(SHOP_NOW + 1000));
  expect(cmdb.reader().get(PAYMENT).state).toBe('found');
  expect(cmdb.reader().get('kubernetes:production/shop/Deployment/none').state).toBe('unknown');
  broken = false;
  objects = objects.filter((object) => (object as { kind: string }).kind !== 'Deployment');
  gaps = [{ kind: 'Deployment', state: 'failed', reason: '500' }];
  await cmdb.refresh(testContext(SHOP_NOW + 2000));
  expect(cmdb.reader().get(PAYMENT).state).toBe('found');
  gaps = [];
  await cmdb.refresh(testContext(SHOP_NOW + 3000));
  expect(cmdb.reader().get(PAYMENT).state).toBe('absent');
  const earlier = cmdb.reader().asOf(new Date(SHOP_NOW).toISOString());
  expect(earlier.get(PAYMENT).state).toBe('found');
  expect(cmdb.reader().diff(earlier).removed).toContain(PAYMENT);
});

test('a rollout is a change that says which image became which, and is found near what it can harm', async () => {
  const reader = await shop({ brokenImage: 'registry.example/shop/payment:2.4.2-typo' });
  const [near] = reader.whatChanged(PAYMENT, { windowMs: 3_600_000, hops: 0 });
  expect(near?.change.summary).toBe(
    'revision 2: image of payment: registry.example/shop/payment:2.4.1 -> registry.example/shop/payment:2.4.2-typo',
  );
  expect(reader.whatChanged(CHECKOUT, { windowMs: 3_600_000, hops: 4 })[0]).toMatchObject({ change: { item: PAYMENT } });
  expect((await shop()).whatChanged(PAYMENT, { windowMs: 3_600_000, hops: 3 })).toEqual([]);
});

test('a namespace label names the owner when no catalog does', async () => {
  expect((await shop()).owner(PAYMENT)).toMatchObject({ team: 'backstage:group:default/shop-platform', confidence: 0.6 });
});

test('rehearsing an image that ran before gives ready pods, an unseen one gives unknown pods', async () => {
  const typo = 'registry.example/shop/payment:typo';
  const reader = await shop({ brokenImage: typo });
  const fieldPath = ['spec', 'template', 'spec', 'containers', { key: 'name', value: 'payment' }, 'image'];
  const good = reader.rehearse([{ item: PAYMENT, fieldPath, expectOld: typo, value: 'registry.example/shop/payment:2.4.1' }]);
  const pods = good.items({ kind: 'Pod' }).items.filter((item) => item.name.startsWith('payment'));
  expect(pods.map((item) => item.name)).toEqual(['payment-rehearsed-0', 'payment-rehearsed-1']);
  const unseen = reader.rehearse([{ item: PAYMENT, fieldPath, expectOld: typo, value: 'registry.example/shop/payment:9' }]);
  expect(unseen.get('kubernetes:production/shop/Pod/payment-rehearsed-0').state).toBe('unknown');
  expect(reader.items({ kind: 'Pod' }).items.some((item) => item.name.includes('rehearsed'))).toBe(false);
  expect(() => reader.rehearse([{ item: PAYMENT, fieldPath, expectOld: 'other', value: 'x' }])).toThrow(
    expect.objectContaining({ code: 'CONFLICT' }),
  );
});

test('a query finds items by kind, name and label', async () => {
  const reader = await shop();
  expect(reader.query('kind:Deployment name:pay*').map((item) => item.id)).toEqual([PAYMENT]);
  expect(reader.query('kind:pod label:app=payment')).toHaveLength(2);
});

test('a drawing shows inferred relations dashed', async () => {
  expect(toMermaid(await shop(), { center: CHECKOUT, hops: 1 })).toContain('-.->|"dependsOn / dependencyOf"|');
});

test('a store gives back what an earlier process learned', async () => {
  const store = createMemoryCmdbStore();
  const source = createObjectsSource({ cluster: 'production', objects: () => shopObjects() });
  await createCmdb({ sources: [source], store }).refresh(testContext(SHOP_NOW));
  const later = createCmdb({ sources: [], store });
  await later.refresh(testContext(SHOP_NOW + 60_000));
  expect(later.reader().get(PAYMENT).state).toBe('found');
});
