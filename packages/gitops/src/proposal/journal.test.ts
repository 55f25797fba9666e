import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testContext } from '@tier0/core/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFileJournal, createMemoryJournal, type JournalEntry } from './journal.ts';

const context = testContext();
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tier0-journal-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function entry(key: string): JournalEntry {
  return { key, step: 'push', branch: 'tier0/x', commit: 'a'.repeat(40), at: '2026-01-01T00:00:00.000Z' };
}

describe.each([
  ['in memory', () => createMemoryJournal()],
  ['in a file', () => createFileJournal({ file: join(folder, 'deep', 'journal.jsonl') })],
])('a journal %s', (_name, make) => {
  test('says what was appended, in order', async () => {
    const journal = make();
    expect(await journal.read(context)).toEqual([]);
    await journal.append(entry('1'), context);
    await journal.append(entry('2'), context);
    expect(await journal.read(context)).toEqual([entry('1'), entry('2')]);
  });
});

test('several writers at once lose nothing', async () => {
  const file = join(folder, 'journal.jsonl');
  const writers = [createFileJournal({ file }), createFileJournal({ file })];
  await Promise.all(Array.from({ length: 40 }, (_, index) => writers[index % 2]?.append(entry(String(index)), context)));
  const keys = (await createFileJournal({ file }).read(context)).map((one) => one.key);
  expect(keys.sort()).toEqual(Array.from({ length: 40 }, (_, index) => String(index)).sort());
});

test('half a line, as a killed process leaves it, costs nothing before and nothing after', async () => {
  const file = join(folder, 'journal.jsonl');
  const journal = createFileJournal({ file });
  await journal.append(entry('1'), context);
  await appendFile(file, '\n{"key":"2","step":"pu');
  await journal.append(entry('3'), context);
  expect((await journal.read(context)).map((one) => one.key)).toEqual(['1', '3']);
});

test('garbage is no entry', async () => {
  const file = join(folder, 'journal.jsonl');
  await writeFile(file, '\0\0\0\n[1]\n{"key":1}\nnull\n');
  expect(await createFileJournal({ file }).read(context)).toEqual([]);
});

test('a folder that cannot be written is said before anything is done', async () => {
  await writeFile(join(folder, 'file'), '');
  const journal = createFileJournal({ file: join(folder, 'file', 'journal.jsonl') });
  await expect(journal.append(entry('1'), context)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});
