import { expect, test } from 'vitest';
import { madeCluster, object, type Part } from '../../fixtures/made-cluster.ts';
import { lostPart } from './aggregation.ts';

const role = (name: string, rest: Part, labels: Part = {}) => {
  const { metadata, ...own } = object('ClusterRole', name, { metadata: { labels }, ...rest }) as { readonly metadata: Part };
  return { ...own, metadata: { ...metadata, namespace: undefined } };
};
const RULES = { rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list'] }] };
const SELECTOR = { matchLabels: { 'to-baker': 'yes' } };
const BAKER = role('baker', { aggregationRule: { clusterRoleSelectors: [SELECTOR] }, rules: null });
const ACCESS = { verb: 'list', resource: 'configmaps', group: '' };
const ask = async (...objects: readonly unknown[]) =>
  (await lostPart(await madeCluster(objects), ['kubernetes:made/-/ClusterRole/baker'], ACCESS))?.part;

test('a part without its label is found by its name, by a label near to it, or since nobody else holds the right', async () => {
  expect(await ask(BAKER, role('baker-read', RULES))).toBe('kubernetes:made/-/ClusterRole/baker-read');
  expect(await ask(BAKER, role('dough', RULES, { 'to-baker': 'no' }))).toBe('kubernetes:made/-/ClusterRole/dough');
  expect(await ask(BAKER, role('dough', RULES))).toBe('kubernetes:made/-/ClusterRole/dough');
});

test('a role that grants something else, one that is bound, and one that is a part already are none', async () => {
  const other = { rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['list'] }] };
  expect(await ask(BAKER, role('baker-read', other))).toBeUndefined();
  const { metadata, ...rest } = object('ClusterRoleBinding', 'b', { roleRef: { kind: 'ClusterRole', name: 'dough' } }) as {
    readonly metadata: Part;
  };
  expect(await ask(BAKER, role('dough', RULES), { ...rest, metadata: { ...metadata, namespace: undefined } })).toBeUndefined();
  expect(await ask(BAKER, role('baker-read', RULES, { 'to-baker': 'yes' }))).toBeUndefined();
  expect(await ask(role('baker', { rules: [] }), role('baker-read', RULES))).toBeUndefined();
});
