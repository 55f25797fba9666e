import { expect, test } from 'vitest';
import { made, snapshotOf, told, workload } from '../../fixtures/cluster-objects.ts';
import { rbacRule } from './rbac.ts';

const account = (name: string, namespace = 'shop') => made('ServiceAccount', name, { metadata: { namespace } });
const user = workload('web', { podSpec: { serviceAccountName: 'web' } });
const role = made('Role', 'reader');
const binding = (roleName: string, subject: object = { name: 'web' }, name = 'bind') =>
  made('RoleBinding', name, {
    roleRef: { kind: 'Role', name: roleName },
    subjects: [{ kind: 'ServiceAccount', namespace: 'shop', ...subject }],
  });
const bound = 'RoleBinding shop/bind';

const cases: readonly (readonly [string, readonly unknown[], readonly string[]])[] = [
  ['the only role of an account is not there', [user, account('web'), role, binding('writer')], [`T0-RBAC-001 ${bound}`]],
  [
    'a role with a slip of the hand',
    [user, account('web'), role, binding('raeder'), binding('reader', {}, 'other')],
    [`T0-RBAC-001 ${bound}`],
  ],
  ['a leftover of a removed chart', [account('web'), role, binding('writer')], [`T0-RBAC-003 ${bound} hygiene`]],
  [
    'an account with a slip of the hand',
    [workload('web', { podSpec: { serviceAccountName: 'backend' } }), account('backend'), role, binding('reader', { name: 'bakcend' })],
    [`T0-RBAC-002 ${bound}`],
  ],
  [
    'an account of another namespace',
    [user, account('web'), role, binding('reader', { name: 'web', namespace: 'shp' })],
    [`T0-RBAC-002 ${bound}`],
  ],
  [
    'an account that nobody misses',
    [user, account('web'), role, binding('reader'), binding('reader', { name: 'gone' }, 'old')],
    ['T0-RBAC-003 RoleBinding shop/old hygiene'],
  ],
  ['a binding that holds', [user, account('web'), role, binding('reader')], []],
];

test.each(cases)('%s', async (_title, objects, expected) => {
  expect(await told(rbacRule, objects)).toEqual(expected);
});

test('nothing is missing where it was not read', async () => {
  for (const [, objects] of cases) expect(await told(rbacRule, objects, ['Role', 'ServiceAccount', 'Pod'])).toEqual([]);
});

test('a binding that names another account says on which account it is missed', async () => {
  const objects = [user, account('web'), role, binding('reader', { name: 'web', namespace: 'shp' })];
  const [finding] = rbacRule.check(await snapshotOf(objects));
  expect(finding?.seenOn?.map((item) => item.split('/').slice(-2).join('/'))).toEqual(['ServiceAccount/web']);
});
