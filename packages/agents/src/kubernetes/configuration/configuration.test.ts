import { expect, test } from 'vitest';
import { factsOf } from '../../findings/code-entry.ts';
import { toFinding } from '../../findings/to-finding.ts';
import { made, snapshotOf, told, workload } from '../../fixtures/cluster-objects.ts';
import { CONFIGURATION_CODES } from './codes.ts';
import { configurationRule } from './configuration.ts';
import { MissingKeySchema } from './facts.ts';

const settings = made('ConfigMap', 'settings', { data: { mode: 'fast' } });
const key = (name: string, more: object = {}) => [
  { name: 'MODE', valueFrom: { configMapKeyRef: { name: 'settings', key: name, ...more } } },
];
const from = (name: string, ready = true) => workload('web', { ready, container: { envFrom: [{ configMapRef: { name } }] } });
const keyed = (name: string, more: object = {}) => workload('web', { ready: false, env: key(name, more) });
const mounts = workload('web', { ready: false, podSpec: { volumes: [{ name: 'tls', secret: { secretName: 'web-tls' } }] } });

test.each([
  ['a ConfigMap that is not there, for pods that are to start', [settings, from('setings', false)], ['T0-POD-006 ConfigMap shop/setings']],
  ['the same for pods that run and hold a copy', [settings, from('setings')], ['T0-POD-006 ConfigMap shop/setings degraded']],
  ['a ConfigMap that is there', [settings, from('settings')], []],
  ['a key that is not there', [settings, keyed('mod')], ['T0-POD-007 ConfigMap shop/settings']],
  ['a key that may be absent', [settings, keyed('mod', { optional: true })], []],
  ['a key that is there', [settings, keyed('mode')], []],
  ['a Secret that is not there', [made('Secret', 'other'), mounts], ['T0-POD-008 Secret shop/web-tls']],
] as const)('%s', async (_title, objects, expected) => {
  expect(await told(configurationRule, objects)).toEqual(expected);
});

test('nothing is missing where it was not read', async () => {
  expect(await told(configurationRule, [from('setings')], ['ConfigMap'])).toEqual([]);
});

test('a name that is nearly one of those that exist is told with it, and a key with who needs it', async () => {
  const [missing] = configurationRule.check(await snapshotOf([settings, from('setings')].flat()));
  expect(missing?.message).toMatch(/^ConfigMap setings does not exist, and web needs it .*settings/);
  const [draft] = configurationRule.check(await snapshotOf([settings, keyed('mod')].flat()));
  const finding = draft && toFinding(draft, CONFIGURATION_CODES);
  expect(finding && factsOf(finding, MissingKeySchema)).toMatchObject({ kind: 'ConfigMap', name: 'settings', key: 'mod' });
  expect(finding?.message).toMatch(/^ConfigMap settings has no key mod, and .*web needs it /);
});
