import { testContext } from '@tier0/core/testing';
import { describe, expect, test } from 'vitest';
import { createCmdb } from '../graph/cmdb.ts';
import { createToldSource, type ToldItem, toldInventory } from '../testing/told-source.ts';
import { mergeFacts, splitFacts, undecideFacts } from './decisions.ts';
import { identifyItems } from './identity-inventory.ts';
import { DEFAULT_IDENTITY_RULES } from './identity-rule.ts';
import { findByIdentifier, reconcileItem } from './reconcile.ts';
import { simulate } from './simulate.ts';

const at = (hours: number) => new Date(Date.parse('2026-11-22T12:00:00.000Z') + hours * 3_600_000).toISOString();
const serial = (value: string) => ({ serialNumber: value });

async function twoSources(a: readonly ToldItem[], b: readonly ToldItem[]) {
  const [first, second] = [createToldSource('register', a), createToldSource('agent', b)];
  const cmdb = createCmdb({ sources: [first.source, second.source], identity: DEFAULT_IDENTITY_RULES });
  await cmdb.refresh(testContext(at(0)));
  return { cmdb, first, second };
}

test('one thing under two names is joined, says why, and carries failure to both names', async () => {
  const { cmdb } = await twoSources(
    [{ id: 'a:1', name: 'WEB-1', columns: serial('YAR2MRN') }],
    [{ id: 'b:1', kind: 'Host', name: 'web-1.example.com', columns: { ...serial('yar2mrn'), ipAddress: '10.0.0.1' } }],
  );
  const reader = cmdb.reader();
  const thing = reconcileItem(reader, 'b:1');
  expect(thing).toMatchObject({ id: 'a:1', members: ['a:1', 'b:1'], columns: { ipAddress: '10.0.0.1', serialNumber: 'YAR2MRN' } });
  expect(thing?.joins[0]?.properties).toEqual({ rule: 'serial number', agrees: ['serial number', 'host name'], differs: [] });
  expect(reader.impact('b:1').items.map(({ item }) => item)).toContain('a:1');
});

test('a merge is taken back, stays taken back when the rules look again, and is readable as it was', async () => {
  const { cmdb } = await twoSources([{ id: 'a:1', columns: serial('YAR2MRN') }], [{ id: 'b:1', columns: serial('YAR2MRN') }]);
  await cmdb.record(splitFacts('b:1', 'a:1', { actor: 'ana', reason: 'two blades in one chassis', at: at(1) }), testContext(at(1)));
  await cmdb.refresh(testContext(at(2)));
  expect(reconcileItem(cmdb.reader(), 'a:1')?.members).toEqual(['a:1']);
  expect(reconcileItem(cmdb.reader().asOf(at(0.5)), 'a:1')?.members).toEqual(['a:1', 'b:1']);
  expect(cmdb.reader().relations('a:1', 'out', 'distinctFrom')[0]?.properties).toMatchObject({ actor: 'ana' });

  await cmdb.record(undecideFacts('a:1', 'b:1', { actor: 'ana', reason: 'they are one', at: at(3) }), testContext(at(3)));
  await cmdb.refresh(testContext(at(4)));
  expect(reconcileItem(cmdb.reader(), 'a:1')?.members).toEqual(['a:1', 'b:1']);
});

test('people may join what no identifier joins', async () => {
  const { cmdb } = await twoSources([{ id: 'a:1' }], [{ id: 'b:1' }]);
  await cmdb.record(mergeFacts('a:1', 'b:1', { actor: 'ana', reason: 'seen in the rack', at: at(1) }), testContext(at(1)));
  await cmdb.refresh(testContext(at(2)));
  expect(reconcileItem(cmdb.reader(), 'b:1')?.members).toEqual(['a:1', 'b:1']);
});

describe('what must not be joined', () => {
  test.each([
    ['placeholder serial numbers', serial('To be filled by O.E.M.'), serial('To be filled by O.E.M.')],
    ['equal addresses alone', { ipAddress: '10.0.0.9' }, { ipAddress: '10.0.0.9' }],
    [
      'a name that was given again to other hardware',
      { ...serial('AAAA111'), macAddress: '52:54:00:00:00:01', hostName: 'db-1', ipAddress: '10.0.0.1' },
      { ...serial('BBBB222'), macAddress: '52:54:00:00:00:02', hostName: 'db-1', ipAddress: '10.0.0.2' },
    ],
    ['one short name in two domains', { hostName: 'db-1.prod.example.com' }, { hostName: 'db-1.dev.example.com' }],
  ])('%s', async (_, left, right) => {
    const { cmdb } = await twoSources([{ id: 'a:1', columns: left }], [{ id: 'b:1', columns: right }]);
    expect(reconcileItem(cmdb.reader(), 'a:1')?.members).toEqual(['a:1']);
  });
});

test('duplicates, overloaded items, shared and ambiguous identifiers are named', async () => {
  const { cmdb } = await twoSources(
    [
      { id: 'a:twice-1', columns: { ...serial('TWICE01'), macAddress: '52:54:00:00:00:07' } },
      { id: 'a:twice-2', columns: { ...serial('TWICE01'), macAddress: '52:54:00:00:00:07' } },
      { id: 'a:over', columns: { ...serial('FIRST01'), macAddress: '52:54:00:00:00:08' } },
      ...[1, 2, 3].map((n) => ({ id: `a:same-${n}`, columns: { ...serial('VENDOR-SN'), macAddress: `52:54:00:00:01:0${n}` } })),
    ],
    [
      { id: 'b:one', columns: serial('FIRST01') },
      { id: 'b:two', columns: { macAddress: '52:54:00:00:00:08' } },
    ],
  );
  const { problems } = identifyItems(cmdb.reader(), DEFAULT_IDENTITY_RULES);
  const of = (type: string) => problems.filter((problem) => problem.type === type).map(({ items }) => items);
  expect(of('duplicate')).toEqual([['a:twice-1', 'a:twice-2']]);
  expect(of('overloaded')).toEqual([['a:over', 'b:one', 'b:two']]);
  expect(of('shared-identifier')).toContainEqual(['a:same-1', 'a:same-2', 'a:same-3']);
  expect(of('ambiguous')).toHaveLength(2);
});

test('what lives in a host is the same only on the same host', async () => {
  const { cmdb, second, first } = await twoSources([], []);
  const database = (prefix: string, kind: string) => [1, 2].map((n) => ({ id: `${prefix}:db-${n}`, kind, name: 'orders' }));
  const hosts = (prefix: string) => [1, 2].map((n) => ({ id: `${prefix}:host-${n}`, columns: serial(`SERIAL0${n}`) }));
  const runsOn = (prefix: string) =>
    [1, 2].map((n) => ({
      from: `${prefix}:db-${n}`,
      to: `${prefix}:host-${n}`,
      type: 'runsOn' as const,
      confidence: 1,
      properties: {},
      source: prefix,
    }));
  first.tell([...hosts('a'), ...database('a', 'Database')], { relations: runsOn('a') });
  second.tell([...hosts('b'), ...database('b', 'DatabaseInstance')], { relations: runsOn('b') });
  await cmdb.refresh(testContext(at(1)));
  expect(reconcileItem(cmdb.reader(), 'a:db-2')?.members).toEqual(['a:db-2', 'b:db-2']);
});

test('an alias leads to every name of the thing', async () => {
  const { cmdb } = await twoSources(
    [{ id: 'a:1', columns: serial('YAR2MRN'), identifiers: [{ scheme: 'assetTag', value: 'T-100' }] }],
    [{ id: 'b:1', columns: serial('YAR2MRN') }],
  );
  expect(findByIdentifier(cmdb.reader(), 'assetTag', 'T-100')).toEqual(['a:1', 'b:1']);
  expect(findByIdentifier(cmdb.reader(), 'assetTag', 'T-101')).toEqual([]);
});

test('two sources that fight over a column: each rule decides as it says, the other word is kept', async () => {
  const { cmdb, first, second } = await twoSources(
    [{ id: 'x:1', columns: { os: 'debian', note: '' } }],
    [{ id: 'x:1', columns: { os: 'ubuntu', note: 'from agent' } }],
  );
  const decide = (rule: object) => reconcileItem(cmdb.reader(), 'x:1', [{ column: '*', ...rule }])?.decisions.os;
  expect(decide({})).toMatchObject({ value: 'debian', rule: 'priority: register before agent', overruled: [{ value: 'ubuntu' }] });
  expect(decide({ sources: ['agent'] })).toMatchObject({ value: 'ubuntu' });
  expect(decide({ sources: ['elsewhere'], mode: 'locked' })).toBeUndefined();
  expect(decide({ sources: ['agent'], mode: 'locked' })?.rule).toBe('locked: only agent may write it');
  expect(reconcileItem(cmdb.reader(), 'x:1')?.columns.note).toBe('from agent');

  second.tell([{ id: 'x:1', columns: { os: 'ubuntu 26' } }]);
  await cmdb.refresh(testContext(at(1)));
  expect(decide({ mode: 'latest' })?.value).toBe('ubuntu 26');
  expect(decide({ mode: 'write-if-empty' })?.value).toBe('debian');

  first.fail(new Error('gone'));
  await cmdb.refresh(testContext(at(48)));
  expect(decide({ staleAfterMs: 24 * 3_600_000 })).toMatchObject({
    value: 'ubuntu 26',
    rule: expect.stringContaining('takeover: register did not confirm'),
  });
  expect(decide({})?.value).toBe('debian');
});

test('a simulated batch says what would be joined and what would decide each column, and writes nothing', async () => {
  const { cmdb } = await twoSources([{ id: 'a:1', columns: { ...serial('YAR2MRN'), os: 'debian' } }], []);
  const before = cmdb.reader().sequence;
  const inventory = toldInventory(
    'agent',
    [{ id: 'b:1', columns: { ...serial('yar2mrn'), os: 'ubuntu', kernel: '6.12' } }, { id: 'b:2' }],
    at(1),
  );
  const options = { identity: DEFAULT_IDENTITY_RULES, precedence: [{ column: 'os', sources: ['agent'] }] };
  const { items, joins } = simulate(cmdb.reader(), { inventory, source: 'agent' }, options);
  expect(items.map(({ item, effect }) => [item, effect])).toEqual([
    ['b:1', 'joined'],
    ['b:2', 'created'],
  ]);
  const os = items[0]?.columns.find(({ column }) => column === 'os');
  expect(os).toMatchObject({ before: { value: 'debian' }, after: { value: 'ubuntu', rule: 'priority: agent before register' } });
  expect(joins.added).toMatchObject([{ from: 'a:1', to: 'b:1', rule: 'serial number' }]);
  expect(cmdb.reader().sequence).toBe(before);
});

test('rules that contradict themselves are refused', async () => {
  const { cmdb } = await twoSources([], []);
  const rules = [...DEFAULT_IDENTITY_RULES, { thing: 'Other', kinds: ['Node'], identifiers: [] }];
  expect(() => identifyItems(cmdb.reader(), rules)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
});
