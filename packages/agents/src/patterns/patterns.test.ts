import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PatternSchema } from '@tier0/core';
import { describePatternLibrary, testContext } from '@tier0/core/testing';
import { expect, test } from 'vitest';
import { LEAK_PATTERNS } from '../fixtures/leak-patterns.ts';
import { createFilePatternLibrary } from './file.ts';
import { createMemoryPatternLibrary } from './memory.ts';
import { SEED_PATTERNS } from './seed.ts';
import { satisfies } from './version-range.ts';

const folder = () => mkdtemp(join(tmpdir(), 'patterns-'));

describePatternLibrary('memory', (patterns) => createMemoryPatternLibrary({ patterns }));
describePatternLibrary('file', async (seed) => createFilePatternLibrary({ file: join(await folder(), 'patterns.json'), seed }));

test.each([
  ['3.2.0', '>=3.2.0 <3.2.9', true],
  ['3.2.8', '>=3.2.0 <3.2.9', true],
  ['3.2.9', '>=3.2.0 <3.2.9', false],
  ['3.2.10', '>=3.2.0 <3.2.9', false],
  ['3.2.0-rc.1', '>=3.2.0', false],
  ['v1.2', '=1.2.0', true],
  ['1.0.0-alpha.9', '<1.0.0-alpha.10', true],
  ['latest', '>=0.0.0', false],
  ['1.0.0', '', false],
])('version %s in %s: %s', (version, range, expected) => {
  expect(satisfies(version, range)).toBe(expected);
});

test('every shipped pattern is valid, and only the one of the right version fits a leak', async () => {
  for (const pattern of SEED_PATTERNS) expect(PatternSchema.parse(pattern)).toEqual(pattern);
  const library = createMemoryPatternLibrary({ patterns: [...SEED_PATTERNS, ...LEAK_PATTERNS] });
  const found = await library.search({ cause: 'memory-leak', software: { paykit: '3.2.4' }, text: 'memory' }, testContext());
  expect(found.map((match) => match.pattern.id)).toEqual(['paykit-session-cache-leak']);
});

test('what was learned survives the process, and a damaged file is left as it is', async () => {
  const file = join(await folder(), 'patterns.json');
  const [seed] = SEED_PATTERNS;
  const occurrence = { incident: 'INC-1', at: '2026-11-22T12:00:00.000Z', succeeded: true };
  await createFilePatternLibrary({ file, seed: SEED_PATTERNS }).record(seed?.id ?? '', occurrence, testContext());
  expect((await createFilePatternLibrary({ file, seed: SEED_PATTERNS }).get(seed?.id ?? '', testContext()))?.occurrences).toEqual([
    occurrence,
  ]);
  expect(await readdir(join(file, '..'))).toEqual(['patterns.json']);
  await writeFile(file, '{"half":');
  const damaged = createFilePatternLibrary({ file, seed: SEED_PATTERNS });
  await expect(damaged.record(seed?.id ?? '', occurrence, testContext())).rejects.toMatchObject({ code: 'MALFORMED_RESPONSE' });
  expect(await readFile(file, 'utf8')).toBe('{"half":');
});
