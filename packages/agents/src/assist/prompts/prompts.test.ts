import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ASK } from './ask.ts';
import { EXPLAIN } from './explain.ts';
import { INVESTIGATE } from './investigate.ts';
import type { Prompt } from './prompt.ts';
import { RECOMMEND } from './recommend.ts';

const PROMPTS: readonly Prompt[] = [ASK, EXPLAIN, INVESTIGATE, RECOMMEND];
const files = readdirSync(import.meta.dirname).filter((name) => name !== 'prompt.ts' && !name.endsWith('.test.ts'));

test('every prompt is a file of its own, and the bench has a row for it', () => {
  expect(PROMPTS.map(({ id }) => `${id}.ts`).sort()).toEqual(files.sort());
  const bench = readFileSync(join(import.meta.dirname, '../../../../../bench/prompts/main.ts'), 'utf8');
  for (const { id } of PROMPTS) expect(bench).toMatch(new RegExp(`for \\(const .*\\[.*\\b${id.toUpperCase()}\\b`));
});

/** What was said under which version. Other words are another version: raise it, and add its line here. */
const SAID: Readonly<Record<string, string>> = {
  'ask@1': '89a6bd27e804ff75',
  'explain@1': '8692e1a9cc72bde3',
  'investigate@1': '1fcd25c4c4d6a3f6',
  'recommend@1': 'd839d8e46fe98e01',
};

test.each(PROMPTS)('the words of $id are those of its version', ({ id, version, text }) => {
  expect(SAID[`${id}@${version}`]).toBe(createHash('sha256').update(text).digest('hex').slice(0, 16));
});
