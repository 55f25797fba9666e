import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCmdb, createSqliteCmdbStore } from '@tier0/cmdb';
import { makeYear } from '@tier0/cmdb/testing';
import { testContext } from '@tier0/core/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { REPOSITORY_ROOT } from '../repository-root.ts';
import { createTestEnvironment } from '../testing/test-environment.ts';
import { changes } from './changes.ts';
import type { Command } from './command.ts';
import { diff } from './diff.ts';
import { createAnswer } from './graph-answer.ts';
import { impact } from './impact.ts';
import { owner } from './owner.ts';

const scenario = join(REPOSITORY_ROOT, 'scenarios/written/bad-image');
const SNAPSHOT = [
  '--snapshot',
  join(scenario, 'cluster'),
  '--cluster',
  'production',
  '--catalog',
  join(scenario, 'repo/catalog/catalog-info.yaml'),
];
const year = makeYear({ services: 20, seed: 5, incidents: 3 });
let folder = '';
let store: readonly string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tier0-graph-commands-'));
  const file = join(folder, 'cmdb.db');
  const sqlite = createSqliteCmdbStore({ file });
  const cmdb = createCmdb({ sources: [], store: sqlite });
  for (const { at, facts } of year.commits) await cmdb.record(facts, testContext(at));
  await sqlite.close?.();
  store = ['--store', file];
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function ask(command: Command, ...args: readonly string[]) {
  const environment = createTestEnvironment();
  const code = await command.run(args, environment);
  return { code, text: environment.output() };
}

test('impact lists what fails with an item, nearest first, as text and as JSON', async () => {
  const { code, text } = await ask(impact, 'Deployment shop/payment', ...SNAPSHOT);
  expect(code).toBe(0);
  expect(text).toMatch(/^Deployment shop\/payment: its failure reaches \d+ items\n {2}1 /);
  expect(text).toMatch(/Service shop\/payment +selects, through Pod/);
  const json = JSON.parse((await ask(impact, 'Deployment', 'shop/payment', ...SNAPSHOT, '--output', 'json')).text);
  expect(json.items[0].distance).toBe(1);
  const untimed = (answer: string) => answer.replace(/as of .*/, '');
  expect(untimed((await ask(impact, 'Deployment/shop/payment', ...SNAPSHOT)).text)).toBe(untimed(text));
  expect((await ask(impact, 'Deployment shop/payment', ...SNAPSHOT, '--upstream')).text).toContain('can harm it');
});

test('owner names the team with the path to it; without one it says so and ends with 1', async () => {
  const found = await ask(owner, 'kind:Deployment name:payment', ...SNAPSHOT);
  expect(found).toMatchObject({ code: 0, text: expect.stringContaining('Deployment shop/payment → component payment → group payments') });
  const none = await ask(owner, 'Deployment shop/payment', ...SNAPSHOT.slice(0, 4));
  expect(none).toMatchObject({ code: 1, text: expect.stringContaining('Nobody is known to own') });
});

test('a catalog alone answers by itself: the cluster that the environment names is not asked', async () => {
  const environment = { ...createTestEnvironment(), variables: { KUBECONFIG: join(folder, 'no-such-kubeconfig') } };
  const catalog = join(scenario, 'repo/catalog/catalog-info.yaml');
  expect(await owner.run(['kind:Component name:payment', '--catalog', catalog], environment)).toBe(0);
  expect(environment.output()).toMatch(/^group payments owns component payment/);
  await expect(owner.run(['kind:Component name:payment'], environment)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('owner and changes answer for a moment of the past, from a recorded store', async () => {
  const [first] = year.owners;
  const told = await ask(owner, first?.item ?? '', '--at', first?.at ?? '', ...store, '--output', 'json');
  expect(JSON.parse(told.text).owner.team).toBe(first?.team);
  const [incident] = year.incidents;
  const near = await ask(changes, incident?.item ?? '', '--at', incident?.at ?? '', '--window', '60m', ...store, '--output', 'json');
  expect(JSON.parse(near.text).changes.map(({ change }: { change: { id: string } }) => change.id)).toContain(incident?.culprit);
});

test('diff shows what came and went between two moments', async () => {
  const { code, text } = await ask(diff, '--from', '2026-01-01T00:00:00Z', '--to', '2026-12-01T00:00:00Z', ...store);
  expect(code).toBe(0);
  expect(text).toMatch(/\+ {2}component service-\d+ ownedBy group team-\d/);
  expect((await ask(diff, 'nowhere', '--from', '1d', ...store)).code).toBe(1);
});

test('a question to the store leaves it as it was', async () => {
  const sqlite = createSqliteCmdbStore({ file: store[1] ?? '' });
  const before = await sqlite.latest(testContext());
  await ask(owner, year.owners[0]?.item ?? '', ...store);
  expect(await sqlite.latest(testContext())).toBe(before);
  await sqlite.close?.();
});

test.each([
  [owner, [], 'NOT_FOUND', 'What is to be read? There is no kubeconfig'],
  [owner, ['payment', ...SNAPSHOT], 'INVALID_INPUT', 'may be 8 items'],
  [owner, ['nope', ...SNAPSHOT], 'NOT_FOUND', 'No item matches'],
  [owner, ['x', '--store', '/nowhere/cmdb.db'], 'NOT_FOUND', '/nowhere/cmdb.db'],
  [owner, ['x', ...SNAPSHOT, '--at', 'soon'], 'INVALID_INPUT', 'neither an instant'],
  [owner, ['x', ...SNAPSHOT, '--store', 'cmdb.db'], 'INVALID_INPUT', 'read alone'],
  [owner, ['x', ...SNAPSHOT, '--output', 'xml'], 'INVALID_INPUT', 'one of text, json'],
  [impact, ['Deployment shop/payment', ...SNAPSHOT, '--hops', 'many'], 'INVALID_INPUT', '--hops is a whole number'],
  [changes, ['Deployment shop/payment', ...SNAPSHOT, '--window', 'long'], 'INVALID_INPUT', 'window'],
  [diff, SNAPSHOT, 'INVALID_INPUT', 'Since when'],
] as const)('%o with %j says what to do', async (command, args, code, message) => {
  await expect(ask(command, ...args)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
});

test('control characters of a cluster do not reach the terminal', () => {
  const environment = createTestEnvironment();
  createAnswer(environment.terminal).rows([['\u001b[2Jevil', 'x']]);
  expect(environment.output()).not.toContain('\u001b');
});
