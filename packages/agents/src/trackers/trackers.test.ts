import { appendFile, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeTracker, testContext } from '@tier0/core/testing';
import { expect, test } from 'vitest';
import { createFileTracker } from './file.ts';
import { createMemoryTracker } from './memory.ts';

const file = async () => join(await mkdtemp(join(tmpdir(), 'tickets-')), 'tickets.jsonl');

describeTracker('memory', createMemoryTracker);
describeTracker('file', async () => createFileTracker({ file: await file() }));

test('tickets survive the process, and half a line left by a crash is dropped', async () => {
  const path = await file();
  const draft = { key: 'a', title: 'Upgrade', body: '', labels: [] };
  await createFileTracker({ file: path }).open(draft, testContext());
  await appendFile(path, '{"ticket":{"id":"T-2"');
  const tracker = createFileTracker({ file: path });
  expect((await tracker.open(draft, testContext())).id).toBe('T-1');
  expect((await tracker.open({ ...draft, key: 'b' }, testContext())).id).toBe('T-2');
  expect((await createFileTracker({ file: path }).find('b', testContext()))?.id).toBe('T-2');
});
