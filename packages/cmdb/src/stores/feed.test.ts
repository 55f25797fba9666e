import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { describeChangeFeed } from '../testing/describe-change-feed.ts';
import { createForgetfulFiles } from '../testing/forgetful-files.ts';
import { createFileFeedCursor, fileCursor } from './feed-cursor.ts';
import { createMemoryCmdbStore } from './memory.ts';
import { createSqliteCmdbStore } from './sqlite.ts';

const folder = mkdtempSync(join(tmpdir(), 'tier0-feed-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

describeChangeFeed('memory', createMemoryCmdbStore);
describeChangeFeed('sqlite', () => {
  const store = createSqliteCmdbStore({ file: join(folder, `${++files}.db`) });
  onTestFinished(() => store.close?.());
  return store;
});

test('a cursor file begins at 0, keeps what was written, and leaves nothing beside it', async () => {
  const own = mkdtempSync(join(folder, 'cursor-'));
  const file = join(own, 'cursor');
  const cursor = createFileFeedCursor({ file });
  expect(await cursor.read()).toBe(0);
  for (const sequence of [7, 123_456_789_012]) await cursor.write(sequence);
  expect(await createFileFeedCursor({ file }).read()).toBe(123_456_789_012);
  expect(readdirSync(own)).toEqual(['cursor']);
});

test('a file that is no cursor is said and left as it is', async () => {
  const file = join(folder, 'garbage');
  for (const text of ['', '12', 'x\n', '-1\n', `${'9'.repeat(40)}\n`]) {
    writeFileSync(file, text);
    await expect(createFileFeedCursor({ file }).read(), JSON.stringify(text)).rejects.toMatchObject({ code: 'MALFORMED_RESPONSE' });
    expect(readFileSync(file, 'utf8')).toBe(text);
  }
});

test('a cursor that was written survives a power cut', async () => {
  const layer = createForgetfulFiles();
  await fileCursor('/cursor', layer).write(3);
  layer.cutPower();
  expect(await fileCursor('/cursor', layer).read()).toBe(3);
});
