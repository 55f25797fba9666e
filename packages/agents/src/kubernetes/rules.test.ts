import { createCmdb } from '@tier0/cmdb';
import { createObjectsSource, SHOP_NOW, shopObjects } from '@tier0/cmdb/testing';
import type { CmdbReader, Coverage } from '@tier0/core';
import { testContext } from '@tier0/core/testing';
import { expect, test } from 'vitest';
import { linkFindings } from '../diagnosis/link-findings.ts';
import { rootFindings } from '../diagnosis/root-findings.ts';
import { runRules } from '../findings/run-rules.ts';
import { CODES, MATTERS } from './matters.ts';

type Edit = (text: string) => string;

/** The shop with its JSON edited, which is the shortest way to break one thing. */
async function shop(edit: Edit, gaps: readonly Coverage[] = [], options = {}): Promise<CmdbReader> {
  const objects: unknown[] = JSON.parse(edit(JSON.stringify(shopObjects(options))));
  const cmdb = createCmdb({ sources: [createObjectsSource({ cluster: 'production', objects: () => objects, gaps: () => gaps })] });
  await cmdb.refresh(testContext(SHOP_NOW));
  return cmdb.reader();
}

/** RemedyDraft is not what these tests are about. */
const found = (reader: CmdbReader) => runRules(MATTERS, reader).findings.filter(({ severity }) => severity !== 'hygiene');
const codes = (reader: CmdbReader) => found(reader).map((finding) => finding.code);
const asIs: Edit = (text) => text;
const replace =
  (from: string, to: string): Edit =>
  (text) => {
    if (!text.includes(from)) throw new Error(`the fixture has no ${from}`);
    return text.replaceAll(from, to);
  };

const RUNNING = '"ready":true,"restartCount":0,"state":{"running":{"startedAt":"2026-11-22T06:00:00Z"}}';
const OOM = '"lastState":{"terminated":{"reason":"OOMKilled","exitCode":137,"finishedAt":"2026-11-22T11:50:00Z"}}';

test.each([
  [
    'a killed container',
    replace(RUNNING, `"ready":true,"restartCount":3,${OOM},"state":{"running":{"startedAt":"2026-11-22T11:50:01Z"}}`),
    ['T0-POD-005'],
  ],
  ['a missing key', replace('"data":{"mode":"fast"}', '"data":{"other":"fast"}'), ['T0-POD-007']],
  [
    'a missing ConfigMap',
    replace('"metadata":{"name":"checkout","namespace":"shop"},"data"', '"metadata":{"name":"else","namespace":"shop"},"data"'),
    ['T0-POD-006'],
  ],
  ['a wrong selector', replace('"selector":{"app":"payment"}', '"selector":{"app":"payments"}'), ['T0-SERVICE-001']],
  ['a wrong target port', replace('"targetPort":8080', '"targetPort":"metrics"'), ['T0-SERVICE-002']],
  ['an old kill', replace(RUNNING, `"ready":true,"restartCount":3,${OOM.replace('T11:50', 'T01:50')},"state":{"running":{}}`), []],
  ['a completed pod', replace('"phase":"Running"', '"phase":"Succeeded"'), []],
] as const)('%s gives %j', async (_, edit, expected) => {
  expect([...new Set(codes(await shop(edit)))].filter((code) => code !== 'T0-SERVICE-003')).toEqual(expected);
});

test.each([
  ['unauthorized: authentication required', 'T0-POD-002'],
  ['dial tcp: lookup registry.example: no such host', 'T0-POD-003'],
  ['manifest unknown', 'T0-POD-001'],
  ['pull access denied, repository does not exist or may require authorization: not found', 'T0-POD-001'],
])('the pull error "%s" is %s', async (message, code) => {
  const edit: Edit = (text) => text.replace(/"message":"rpc error[^}]*?"\}/, `"message":${JSON.stringify(message)}}`);
  expect(codes(await shop(edit, [], { brokenImage: 'registry.example/shop/payment:typo' }))).toContain(code);
});

test('what may not be read is never called missing, and the gap is said', async () => {
  const edit = replace('"metadata":{"name":"checkout","namespace":"shop"},"data"', '"metadata":{"name":"else","namespace":"shop"},"data"');
  const reader = await shop(edit, [{ kind: 'ConfigMap', state: 'forbidden', reason: '403' }]);
  expect(found(reader)).toEqual([]);
  expect(runRules(MATTERS, reader).unknowns).toEqual([
    { source: expect.any(String), kind: 'ConfigMap', code: 'forbidden', message: 'could not check ConfigMap: 403' },
  ]);
});

test('a Deployment inside its rollout window is left alone, and one beyond it is not', async () => {
  const late: Edit = (text) => replace('"readyReplicas":2,"updatedReplicas":2', '"readyReplicas":1,"updatedReplicas":2')(text);
  const fresh: Edit = (text) => late(text).replaceAll('"lastUpdateTime":"2026-11-18T08:00:00Z"', '"lastUpdateTime":"2026-11-22T11:58:00Z"');
  expect(codes(await shop(late))).toEqual(['T0-DEPLOYMENT-001']);
  expect(codes(await shop(fresh))).toEqual([]);
});

test('two independent faults stay two root causes', async () => {
  const edit = replace('"data":{"mode":"fast"}', '"data":{}');
  const reader = await shop(edit, [], { brokenImage: 'registry.example/shop/payment:typo' });
  const roots = rootFindings(linkFindings(found(reader), reader));
  expect(roots.map((root) => root.code)).toEqual(['T0-POD-007', 'T0-POD-001']);
});

test('objects of any shape never stop the rules', async () => {
  const shapes: readonly Edit[] = [
    (text) => text.replaceAll(/"containers":\[/g, '"containers":["x",null,').replaceAll('"ports":[', '"ports":["a",'),
    (text) => text.replaceAll('"status":{', '"status":[],"was":{').replaceAll('"labels":{', '"labels":["x"],"were":{'),
    (text) => text.replaceAll('"env":[', '"env":[7,').replaceAll('"ownerReferences":[', '"ownerReferences":[null,'),
  ];
  for (const edit of shapes) expect(runRules(MATTERS, await shop(edit)).unknowns.filter(({ code }) => code === 'not-judged')).toEqual([]);
});

test('every finding is of a code of the table, with evidence, and runs repeat', async () => {
  const reader = await shop(asIs, [], { brokenImage: 'registry.example/shop/payment:typo' });
  const first = runRules(MATTERS, reader).findings;
  for (const finding of first) {
    expect(Object.keys(CODES)).toContain(finding.code);
    expect(finding.evidence.length).toBeGreaterThan(0);
  }
  expect(runRules(MATTERS, reader).findings).toEqual(first);
});

test('what two rules tell of one thing counts as the worse of the two', async () => {
  const reader = await shop(asIs);
  const rule = (severity: 'fault' | 'degraded') => ({
    name: severity,
    check: () => [{ code: 'T0-POD-060', subject: 'a', message: 'm', evidence: [], severity }],
  });
  for (const rules of [
    [rule('fault'), rule('degraded')],
    [rule('degraded'), rule('fault')],
  ])
    expect(
      runRules([{ name: 'test', codes: CODES, rules, levers: {}, remedies: {} }], reader).findings.map(({ severity }) => severity),
    ).toEqual(['fault']);
});

test('a code is written down once: a second matter with it would take it away from the first', () => {
  const all = MATTERS.flatMap((matter) => Object.keys(matter.codes));
  expect(all.filter((code, index) => all.indexOf(code) !== index)).toEqual([]);
});
