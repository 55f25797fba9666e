import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { type Capabilities, type Cell, parseCapabilities } from './capabilities.ts';
import { checkOwnEvidence } from './own-evidence.ts';
import { rankStability } from './rank-stability.ts';
import { readCapabilities } from './read-capabilities.ts';
import { scoreCapabilities, staleDays, worthOf } from './score-capabilities.ts';

const capabilities = await readCapabilities();

/** The six tools without tier0, as they were published first. */
const peers: Capabilities = { ...capabilities, tools: capabilities.tools.filter(({ id }) => id !== 'tier0') };

const round = (value: number | undefined, digits: number) => Number(value?.toFixed(digits));

// Kubernetes-native, DevSecOps, multicloud, CMDB, developer platform, extensibility; weighted.
test.each([
  ['dot-ai', [4.7, 2.6, 2.6, 1.8, 4.6, 4.6], 3.49],
  ['holmesgpt', [3.9, 3.0, 3.0, 1.8, 1.9, 4.1], 2.98],
  ['kubectl-ai', [3.9, 2.3, 2.6, 1.0, 1.9, 3.4], 2.6],
  ['k8sgpt', [3.0, 3.6, 1.8, 1.0, 1.2, 3.4], 2.41],
  ['kubernetes-mcp-server', [3.0, 2.6, 2.2, 1.4, 1.9, 3.3], 2.41],
  ['kagent', [3.3, 2.3, 1.0, 1.0, 2.3, 3.7], 2.3],
])('%s has the stars that were rated', (tool, stars, total) => {
  const score = scoreCapabilities(capabilities, { capDocumentation: false }).find((one) => one.tool === tool)!;

  expect(score.criteria.map((criterion) => round(criterion.stars, 1))).toEqual(stars);
  expect(round(score.total, 2)).toBe(total);
});

test('a cell known from documentation alone counts as partial, and the score says how often that happened', () => {
  const cell: Cell = { value: 'yes', basis: 'docs', evidence: [], note: '', date: '2026-11-22', rater: 'one' };
  expect(worthOf(cell)).toBe(0.5);
  expect(worthOf({ ...cell, basis: 'code' })).toBe(1);

  const capped = scoreCapabilities(capabilities).find(({ tool }) => tool === 'holmesgpt')!;
  const rated = scoreCapabilities(capabilities, { capDocumentation: false }).find(({ tool }) => tool === 'holmesgpt')!;
  expect(capped.capped).toBe(5);
  expect(capped.total).toBeLessThan(rated.total);
});

test('the first two places of the six peers are firm, the third nearly, the rest is a tie', () => {
  const stability = rankStability(peers, { seed: 20261122, capDocumentation: false });

  expect(stability.slice(0, 3).map(({ tool }) => tool)).toEqual(['dot-ai', 'holmesgpt', 'kubectl-ai']);
  expect(stability[0]!.rankProbabilities[0]).toBeGreaterThan(0.995);
  expect(stability[1]!.rankProbabilities[1]).toBeGreaterThan(0.99);
  expect(stability[2]!.rankProbabilities[2]).toBeCloseTo(0.85, 1);
  expect(stability.slice(3).map(({ place }) => place[1])).toEqual([6, 6, 6]);
  const k8sgpt = stability.find(({ tool }) => tool === 'k8sgpt')!;
  for (const [rank, share] of [0.14, 0.32, 0.31, 0.24].entries()) expect(k8sgpt.rankProbabilities[rank + 2]).toBeCloseTo(share, 1);
});

test('rank probabilities of a tool add up to 1 and the same seed repeats them', () => {
  const stability = rankStability(capabilities, { seed: 5, draws: 500 });

  for (const { rankProbabilities } of stability) expect(rankProbabilities.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
  expect(rankStability(capabilities, { seed: 5, draws: 500 })).toEqual(stability);
});

test('a tool that is ahead everywhere has its place for itself; two equal tools share one', () => {
  const rows = (values: readonly string[]) =>
    ['x', 'y'].map((criterion) => ({
      id: criterion,
      criterion,
      text: criterion,
      cells: Object.fromEntries(values.map((value, index) => [`t${index}`, { value, basis: 'code', evidence: ['a/b@1234567:c'] }])),
    }));
  const matrix = parseCapabilities({
    schema: 'tier0.capabilities/v1',
    rated: { date: '2026-11-22', rater: 'one' },
    tools: ['t0', 't1', 't2'].map((id) => ({ id, name: id, version: '1', license: 'MIT' })),
    criteria: ['x', 'y'].map((id) => ({ id, name: id, weight: 0.5 })),
    rows: rows(['yes', 'no', 'no']),
  });

  expect(rankStability(matrix, { seed: 1, draws: 200 }).map(({ place }) => place)).toEqual([
    [1, 1],
    [2, 3],
    [2, 3],
  ]);
});

test('a snapshot older than 180 days is stale; the working tree is not', () => {
  const now = Date.parse('2026-11-22T00:00:00Z');
  expect(staleDays('2025-11-21', now)).toBe(366);
  expect(staleDays('2026-08-22', now)).toBeUndefined();
  expect(staleDays(undefined, now)).toBeUndefined();
});

test('every path that tier0 cites about itself exists in this repository', async () => {
  expect(await checkOwnEvidence(resolve(import.meta.dirname, '../../../..'))).toEqual([]);
});

test('a cited path that does not exist is found', async () => {
  const missing = await checkOwnEvidence(import.meta.dirname);
  expect(missing.length).toBeGreaterThan(20);
  expect(missing[0]).toMatchObject({ tool: 'tier0' });
});

test('a claim without evidence, or from absence, is refused by name', () => {
  const file = (cell: object) => ({
    schema: 'tier0.capabilities/v1',
    rated: { date: '2026-11-22', rater: 'one' },
    tools: [{ id: 'a', name: 'A', version: '1', license: 'MIT' }],
    criteria: [{ id: 'c', name: 'C', weight: 1 }],
    rows: [{ id: 'r', criterion: 'c', text: 'can it', cells: { a: cell } }],
  });
  expect(() => parseCapabilities(file({ value: 'yes', basis: 'code' }))).toThrow('r.a: claims "yes" without evidence');
  expect(() => parseCapabilities(file({ value: 'yes', basis: 'absence', evidence: ['x'] }))).toThrow('from absence');
  expect(() => parseCapabilities(file({ value: 'yes', basis: 'code', evidence: ['../../etc/passwd'] }))).toThrow('neither');
});
