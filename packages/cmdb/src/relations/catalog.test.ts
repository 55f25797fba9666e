import type { ConfigurationItem } from '@tier0/core';
import { expect, test } from 'vitest';
import { entityInventory } from '../sources/backstage/entity-inventory.ts';
import { catalogRelations } from './catalog.ts';
import { parseLabelSelector } from './label-selector.ts';

const AT = '2026-01-01T00:00:00Z';

function component(name: string, annotations: Readonly<Record<string, string>>): ConfigurationItem {
  const entity = { apiVersion: 'backstage.io/v1alpha1', kind: 'Component', metadata: { name, annotations }, spec: { owner: 'team' } };
  const [item] = entityInventory([entity], { scope: 'backstage', coverage: [], observedAt: AT }).items;
  return item as ConfigurationItem;
}

function deployment(name: string, labels: Readonly<Record<string, string>>, namespace = 'shop'): ConfigurationItem {
  const columns = Object.fromEntries(Object.entries(labels).map(([key, value]) => [`label:${key}`, value]));
  const catalogId = labels['backstage.io/kubernetes-id'];
  return {
    id: `kubernetes:c/${namespace}/Deployment/${name}`,
    kind: 'Deployment',
    name,
    scope: `c/${namespace}`,
    columns: { namespace, ...columns, ...(catalogId ? { catalogId } : {}) },
    digest: '',
    identifiers: [],
    sources: [],
    observedAt: AT,
  };
}

const api = component('api', {
  'backstage.io/kubernetes-label-selector': 'app=api,tier=backend',
  'backstage.io/kubernetes-namespace': 'shop',
});

test('a component selects its objects by their labels, in the namespace that it names', () => {
  const labels = { app: 'api', tier: 'backend' };
  expect(catalogRelations([api, deployment('api', labels)])).toMatchObject([
    { to: api.id, type: 'realizes', confidence: 1, properties: { via: 'backstage.io/kubernetes-label-selector' } },
  ]);
  expect(catalogRelations([api, deployment('api', labels, 'other')])).toEqual([]);
  expect(catalogRelations([api, deployment('api', { app: 'api' })])).toEqual([]);
});

test('the namespace holds for the id as well', () => {
  const web = component('web', { 'backstage.io/kubernetes-id': 'web', 'backstage.io/kubernetes-namespace': 'shop' });
  const labels = { 'backstage.io/kubernetes-id': 'web' };
  expect(catalogRelations([web, deployment('web', labels)])).toHaveLength(1);
  expect(catalogRelations([web, deployment('web', labels, 'other')])).toEqual([]);
});

test.each([
  ['app=api', true],
  ['app==api', true],
  ['app!=api', false],
  ['app in (web, api),tier', true],
  ['app notin (api)', false],
  ['!legacy', true],
  ['legacy', false],
  ['example.com/x=', false],
  ['app=a b', undefined],
  ['', undefined],
  ['app in api', undefined],
])('the selector %j says %s', (text, expected) => {
  expect(parseLabelSelector(text)?.({ app: 'api', tier: 'backend' })).toBe(expected);
});
