import { testContext } from '@tier0/core/testing';
import { expect, test } from 'vitest';
import { createMemoryRepository } from '../git/memory.ts';
import { readMembers } from './members.ts';

const context = testContext();
const group = (name: string, members: readonly string[], namespace = '') =>
  `apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: ${name}${namespace && `, namespace: ${namespace}`}}\nspec: {members: [${members.join(', ')}]}\n`;

async function read(files: Readonly<Record<string, string>>) {
  const mirror = createMemoryRepository({ url: 'memory:x' });
  const author = { name: 'a', email: 'a@example.com' };
  const commit = await mirror.commitFiles(
    { parents: [], files: new Map(Object.entries(files)), message: 'm', author, date: '2026-01-01T00:00:00.000Z' },
    context,
  );
  return readMembers(mirror, commit, context);
}

test('nobody makes themselves a member by a file in their own folder', async () => {
  const attack = { 'shop/catalog-info.yaml': group('payments', ['mallory']) };
  for (const policy of ['', 'membership: [teams/]\n', 'membership: [shop/catalog]\n', 'membership: [catalog-info.yaml]\n']) {
    const { members, problems } = await read({ '.tier0/policy.yaml': policy, ...attack });
    expect(members).toEqual({});
    expect(problems).toEqual([expect.stringContaining('shop/catalog-info.yaml says who belongs')]);
  }
});

test('files that the policy names have a say, and so has its own folder', async () => {
  const { members, problems } = await read({
    '.tier0/policy.yaml': 'membership: [teams/, catalog/catalog-info.yaml]\n',
    '.tier0/members.yaml': group('platform', ['linus']),
    'teams/a/payments.yaml': group('payments', ['user:default/ada', 'grace']),
    'catalog/catalog-info.yaml': `${group('checkout', [])}---\nkind: User\nmetadata: {name: barbara}\nspec: {memberOf: [checkout, group:default/payments]}\n`,
    'else/catalog-info.yaml': `kind: User\nmetadata: {name: mallory}\nspec: {memberOf: [payments]}\n`,
  });
  expect(members).toMatchObject({ platform: ['linus'], payments: ['ada', 'grace', 'barbara'], checkout: ['barbara'] });
  expect(members['backstage:group:default/payments']).toEqual(['ada', 'grace', 'barbara']);
  expect(problems).toEqual([expect.stringContaining('else/catalog-info.yaml')]);
});

test('a group that is defined twice has no members, and a name that several groups have stands for nobody', async () => {
  const files = {
    '.tier0/a.yaml': group('payments', ['ada']),
    '.tier0/b.yaml': `${group('payments', ['mallory'])}---\n${group('ops', ['linus'])}---\n${group('ops', ['eve'], 'other')}`,
  };
  const { members, problems } = await read(files);
  expect(members).toMatchObject({
    payments: [],
    'backstage:group:default/payments': [],
    ops: [],
    'backstage:group:default/ops': ['linus'],
  });
  expect(problems).toEqual([
    expect.stringContaining('payments is defined 2 times (.tier0/a.yaml, .tier0/b.yaml)'),
    expect.stringContaining('several groups are called ops'),
  ]);
});

test.each([
  ['a policy that cannot be read', { '.tier0/policy.yaml': 'a: [\n', '.tier0/m.yaml': group('payments', ['ada']) }],
  ['a file that cannot be read', { '.tier0/m.yaml': 'a: [\n' }],
])('%s makes nobody a member, and is said', async (_, files) => {
  const { members, problems } = await read(files);
  expect(members).toEqual({});
  expect(problems).toHaveLength(1);
});
