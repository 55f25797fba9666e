import { appendFile, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testContext } from '../../testing/call-context.ts';
import { describeIncidentRecord } from '../../testing/incident-record.ts';
import type { IncidentEntry } from '../incident-entry.ts';
import { createFileIncidentRecord } from './file.ts';
import { createMemoryIncidentRecord } from './memory.ts';

const folder = () => mkdtemp(join(tmpdir(), 'tier0-record-'));
const entry = (sequence: number): IncidentEntry => ({
  incident: 'inc-a',
  sequence,
  at: '2026-01-01T00:00:00.000Z',
  phase: 'started',
  step: 'open',
});

describeIncidentRecord('memory', async () => createMemoryIncidentRecord());
describeIncidentRecord('file', async () => createFileIncidentRecord({ directory: await folder() }));

test('a line torn by a crash is cut off, and the next entry takes its place', async () => {
  const directory = await folder();
  const record = createFileIncidentRecord({ directory });
  await record.append(entry(1), testContext());
  await appendFile(join(directory, 'inc-a.jsonl'), '{"incident":"inc-a","sequ');
  expect(await record.read('inc-a', testContext())).toHaveLength(1);
  await record.append(entry(2), testContext());
  expect(await record.read('inc-a', testContext())).toHaveLength(2);
});

test('a damaged line is named with file and line, and nothing is appended after it', async () => {
  const directory = await folder();
  const file = join(directory, 'inc-a.jsonl');
  const record = createFileIncidentRecord({ directory });
  await record.append(entry(1), testContext());
  await writeFile(file, `${await readFile(file, 'utf8')}not json\n`);
  const before = await readFile(file, 'utf8');
  await expect(record.append(entry(2), testContext())).rejects.toMatchObject({
    code: 'MALFORMED_RESPONSE',
    message: expect.stringContaining('inc-a.jsonl:2'),
  });
  expect(await readFile(file, 'utf8')).toBe(before);
});

test('an incident id cannot leave the folder', async () => {
  const record = createFileIncidentRecord({ directory: await folder() });
  await expect(async () => record.read('../../etc/passwd', testContext())).rejects.toMatchObject({ code: 'INVALID_INPUT' });
});
