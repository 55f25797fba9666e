import { expect, test } from 'vitest';
import { madeCluster } from '../fixtures/made-cluster.ts';
import type { Matter } from './matter.ts';
import { runRules } from './run-rules.ts';

const pod = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop' },
  spec: { containers: [{ name: 'c', image: 'i:1' }] },
});
const matterOf = (check: Matter['rules'][number]['check']): Matter =>
  ({ codes: {}, rules: [{ name: 'made', check }], remedies: [] }) as unknown as Matter;

test('a rule that fails at one object judges the others, and the one is said', async () => {
  const reader = await madeCluster([pod('a'), pod('bad'), pod('c')] as never);
  const judged: string[] = [];
  const run = runRules(
    [
      matterOf((asked) => {
        judged.length = 0;
        for (const { id, name } of asked.items({ kind: 'Pod' }).items) {
          if (asked.object(id) !== undefined && name === 'bad') throw new TypeError('spec is no map');
          judged.push(name);
        }
        return [];
      }),
    ],
    reader,
  );
  expect(judged).toEqual(['a', 'c']);
  expect(run.unknowns).toContainEqual({
    source: 'made',
    kind: 'Pod',
    namespace: expect.any(String),
    code: 'not-judged',
    message: expect.stringMatching(/could not judge kubernetes:\S+\/Pod\/bad by rule made: .*spec is no map/),
  });
});

test('what could not be judged is not said to be absent', async () => {
  const reader = await madeCluster([pod('a'), pod('bad')] as never);
  let seen: unknown;
  runRules(
    [
      matterOf((asked) => {
        const bad = reader.items({ kind: 'Pod' }).items.find(({ name }) => name === 'bad')?.id ?? '';
        seen = [asked.get(bad).state, asked.items({ kind: 'Pod' }).coverage.some((row) => row.state === 'failed')];
        if (asked.object(bad) !== undefined) throw new TypeError('x');
        return [];
      }),
    ],
    reader,
  );
  expect(seen).toEqual(['unknown', true]);
});

test('a rule that takes too long is stopped and said', async () => {
  const reader = await madeCluster([pod('a')] as never);
  const run = runRules(
    [
      matterOf((asked) => {
        for (;;) asked.items({ kind: 'Pod' });
      }),
    ],
    reader,
    { budgetMs: 50 },
  );
  expect(run.unknowns).toContainEqual({
    source: 'made',
    code: 'not-judged',
    message: 'could not run rule made: it took longer than its time.',
  });
});

test('what two tell of one thing is one finding, seen where both saw it', async () => {
  const reader = await madeCluster([pod('a'), pod('b')] as never);
  const seen = (name: string) => ({
    code: 'T0-POD-001',
    subject: 'kubernetes:c/Node/n',
    message: 'm',
    evidence: [],
    seenOn: [name],
    key: '',
  });
  const codes = { 'T0-POD-001': { title: 't', severity: 'fault', cause: 'image-not-found', depth: 0, meaning: 'm', fix: 'f' } };
  const matter = { ...matterOf(() => [seen('a'), seen('b')]), codes } as unknown as Matter;
  expect(runRules([matter], reader).findings.map(({ seenOn }) => seenOn)).toEqual([['a', 'b']]);
});
