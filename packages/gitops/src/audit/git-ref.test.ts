import type { AuditEntry } from '@tier0/core';
import { describeAuditLog, testContext } from '@tier0/core/testing';
import { afterEach, expect, test } from 'vitest';
import { createTestRepository, type TestRepository } from '../testing/repository.ts';
import { createGitAuditLog } from './git-ref.ts';

const context = testContext();
const opened: TestRepository[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((repository) => repository.remove()));
});

async function newRepository(): Promise<TestRepository> {
  const repository = await createTestRepository();
  opened.push(repository);
  return repository;
}

function entry(key: string): AuditEntry {
  return { key, at: '2026-01-01T00:00:00.000Z', actor: 'tier0', action: 'proposed', subject: 'inc-a', detail: {} };
}

describeAuditLog('git ref', async () => {
  const repository = await newRepository();
  const open = () => createGitAuditLog({ mirror: repository.newMirror() });
  return { log: open(), reopen: open };
});

test('a ref that was set back is found by whoever saw more, and nothing is appended', async () => {
  const repository = await newRepository();
  const log = createGitAuditLog({ mirror: repository.newMirror() });
  await log.append(entry('a'), context);
  const mirror = repository.newMirror();
  await mirror.fetch(context);
  const before = await mirror.resolve('refs/tier0/audit', context);
  await log.append(entry('b'), context);
  await mirror.fetch(context);
  const tip = await mirror.resolve('refs/tier0/audit', context);
  await mirror.push([{ ref: 'refs/tier0/audit', commit: before, expected: tip }], context);
  expect(await log.verify(context)).toMatchObject({ sound: false, reason: expect.stringContaining('rewritten') });
  await expect(log.append(entry('c'), context)).rejects.toMatchObject({ code: 'CONFLICT' });
});

test('a commit that is no record is found', async () => {
  const repository = await newRepository();
  const log = createGitAuditLog({ mirror: repository.newMirror() });
  await log.append(entry('a'), context);
  const mirror = repository.newMirror();
  await mirror.fetch(context);
  const tip = (await mirror.resolve('refs/tier0/audit', context)) as string;
  const forged = await mirror.commitFiles(
    {
      parents: [tip],
      files: new Map(),
      message: '{"key":"b"}',
      author: { name: 'm', email: 'm@example.com' },
      date: '2026-01-01T00:00:00.000Z',
    },
    context,
  );
  await mirror.push([{ ref: 'refs/tier0/audit', commit: forged, expected: tip }], context);
  for (const seen of [log, createGitAuditLog({ mirror: repository.newMirror() })]) {
    expect(await seen.verify(context)).toMatchObject({ sound: false, sequence: 2 });
  }
});
