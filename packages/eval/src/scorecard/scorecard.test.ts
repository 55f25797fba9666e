import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { newFile } from '../arena/fixtures/small-run.ts';
import { validateFile } from '../yaml/validate-file.ts';
import { addCapabilities, withWeights } from './additions.ts';
import { composeStacks, readBuildingBlocks } from './building-blocks.ts';
import { type Capabilities, type Cell, parseCapabilities } from './capabilities.ts';
import { checkOwnEvidence } from './own-evidence.ts';
import { decideCells } from './probes.ts';
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

test('one cell that cites a file which is not there fails the check, by row, tool and path', async () => {
  const [row, ...rest] = capabilities.rows;
  const changed = {
    ...row!,
    cells: { ...row!.cells, tier0: { ...row!.cells.tier0!, evidence: [{ path: 'packages/nowhere/at-all.ts' }] } },
  };
  const missing = await checkOwnEvidence(resolve(import.meta.dirname, '../../../..'), { ...capabilities, rows: [changed, ...rest] });
  expect(missing).toEqual([{ row: row!.id, tool: 'tier0', path: 'packages/nowhere/at-all.ts' }]);
});

test('every row says why it matters and what makes a yes; every path that a building block is connected by exists', async () => {
  expect(capabilities.rows.filter(({ motivation, decided }) => !motivation || !decided).map(({ id }) => id)).toEqual([]);
  const { blocks } = await readBuildingBlocks();
  const root = resolve(import.meta.dirname, '../../../..');
  expect(blocks.flatMap(({ connected }) => connected ?? []).filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test('a user adds a tool, a criterion and ratings in one file; what is not rated is unknown and costs coverage, not stars', async () => {
  const file = newFile('mine.yaml');
  writeFileSync(file, ADDITIONS);
  const mine = await addCapabilities(capabilities, file);
  expect(await validateFile(file)).toEqual([]);
  expect(mine.criteria.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 12);
  const scores = scoreCapabilities(mine);
  const score = scores.find(({ tool }) => tool === 'mine')!;
  expect(score.criteria.find(({ criterion }) => criterion === 'price')).toMatchObject({ stars: 5, coverage: 1 });
  expect(score.criteria.find(({ criterion }) => criterion === 'cmdb')).toMatchObject({ stars: undefined, coverage: 0 });
  expect(scores.find(({ tool }) => tool === 'dot-ai')!.criteria.find(({ criterion }) => criterion === 'price')!.stars).toBeUndefined();
});

test('mistakes in such a file are told with their lines', async () => {
  const file = newFile('wrong.yaml');
  const wrong = ADDITIONS.replace('criterion: price', 'criterion: prise')
    .replace('introspection:', 'introspektion:')
    .replace('mine: { value: "yes", basis: code, evidence: [x] }', 'mine: { value: "yes", basis: code }');
  writeFileSync(file, wrong);
  const lines = (await validateFile(file)).map(({ line, message }) => `${line}: ${message}`);
  expect(lines).toEqual([
    expect.stringMatching(/^11: there is no criterion "prise"/),
    expect.stringMatching(/^15: there is no row "introspektion"/),
    expect.stringMatching(/^13: .*without evidence/),
  ]);
  await expect(addCapabilities(capabilities, file)).rejects.toThrow(/wrong\.yaml:11:\d+: .* and 2 more/);
});

test('a weight file moves the total and the rest is scaled; a criterion that is not there is told with its line', async () => {
  const file = newFile('weights.yaml');
  writeFileSync(file, 'schema: tier0.weights/v1\nweights:\n  cmdb: 1\n  k8s-native: 0\n');
  const heavy = await withWeights(capabilities, file);
  expect(heavy.criteria.map(({ id }) => id)).not.toContain('k8s-native');
  const total = (matrix: Capabilities) => scoreCapabilities(matrix).find(({ tool }) => tool === 'tier0')!.total;
  expect(total(heavy)).toBeGreaterThan(total(capabilities));
  writeFileSync(file, 'schema: tier0.weights/v1\nweights:\n  cmbd: 1\n');
  await expect(withWeights(capabilities, file)).rejects.toThrow(/:3:3: weights\.cmbd: there is no criterion "cmbd"/);
});

test('stacks: everything that can be covered is, then with the least integration; equal sets are all told', () => {
  const block = (id: string, covers: Record<string, 'yes' | 'partial'>, effort: number, connected?: string) => ({
    id,
    name: id,
    covers,
    effort,
    ...(connected === undefined ? {} : { connected }),
  });
  const needs = ['a', 'b', 'c'].map((id) => ({ id, name: id }));
  const blocks = [
    block('x', { a: 'yes' }, 1),
    block('y', { a: 'yes' }, 1),
    block('known', { b: 'yes' }, 3, 'path'),
    block('dear', { a: 'yes', b: 'yes' }, 3),
  ];
  const stacks = composeStacks({ needs, blocks }, ['a', 'b', 'c']);
  expect(stacks.map((stack) => stack.blocks.map(({ id }) => id).join('+'))).toEqual(['dear']);
  expect(stacks[0]).toMatchObject({ missing: ['c'], integration: 3 });
  expect(composeStacks({ needs, blocks }, ['a']).map((stack) => stack.blocks[0]?.id)).toEqual(['x', 'y']);
});

test('a probe that does not hold takes a yes away; one that holds makes it measured and no better', () => {
  const finding = (outcome: 'True' | 'False') => ({ probe: 'writes-nothing', tool: 'tier0', outcome, message: 'm' });
  const cellAfter = (outcome: 'True' | 'False') =>
    decideCells(capabilities, [finding(outcome)], '2026-11-30').rows.find(({ id }) => id === 'least-privilege-default')!.cells.tier0;
  expect(cellAfter('True')).toMatchObject({ value: 'yes', basis: 'measured', rater: 'probe writes-nothing' });
  expect(cellAfter('False')).toMatchObject({ value: 'no', basis: 'measured' });
});

const ADDITIONS = `schema: tier0.capability-additions/v1
rated: { date: "2026-11-30", rater: me }
tools:
  - { id: mine, name: Mine, version: "1", license: MIT }
criteria:
  - { id: price, name: Price, weight: 0.2 }
rows:
  - id: free
    # costs nothing
    text: Costs nothing
    criterion: price
    cells:
      mine: { value: "yes", basis: code, evidence: [x] }
cells:
  introspection:
    mine: { value: partial, basis: docs, evidence: [x] }
`;

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
