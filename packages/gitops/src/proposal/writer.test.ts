import { join } from 'node:path';
import { type FileEdit, parseFieldPath } from '@tier0/core';
import { ALLOWED, describeProposalWriter, proposalFor, testContext } from '@tier0/core/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { createLocalForge } from '../forges/local.ts';
import { createLocalForgeDesk } from '../forges/local-desk.ts';
import { createTestRepository, type TestRepository } from '../testing/repository.ts';
import { runKilledWriter } from '../testing/run-killed-writer.ts';
import { takeBackExpired } from './expiry.ts';
import { createProposalWriter, type ProposalWriterOptions } from './writer.ts';

const context = testContext('2026-01-01T00:00:00.000Z');
const FILE = 'shop/payment.yaml';
const MANIFEST = '# payment\nspec:\n  limit: 512Mi # twice\n  other: 1\n';
const opened: TestRepository[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((repository) => repository.remove()));
});

async function setUp(limits: ProposalWriterOptions['limits'] = {}) {
  const repository = await createTestRepository({ [FILE]: MANIFEST, 'shop/other.yaml': 'a: 1\n' });
  opened.push(repository);
  const mirror = repository.newMirror();
  const forge = createLocalForge({ mirror });
  const desk = createLocalForgeDesk({ mirror });
  const edit: FileEdit = {
    repository: repository.url,
    file: FILE,
    document: 0,
    path: parseFieldPath('spec.limit'),
    expectOld: '512Mi',
    value: '1Gi',
  };
  return { repository, mirror, forge, desk, edit, writer: createProposalWriter({ mirror, forge, limits }) };
}

describeProposalWriter('local forge', async () => {
  const { repository, desk, edit, writer } = await setUp();
  let edits = 0;
  return {
    writer,
    edit,
    baseBranch: 'main',
    read: async () => (await repository.read('main', FILE)) ?? '',
    commitAsPerson: async (branch) =>
      void (await repository.commit(branch, { [FILE]: `${await repository.read(branch, FILE)}more: ${++edits}\n` })),
    closeAsPerson: async (number) => void (await desk.closeByHuman(number, 'ada', 'no', context)),
    merge: async (number) => {
      const result = await desk.submitReview({ number, reviewer: 'ada', state: 'approved' }, context);
      if (result.status !== 'merged') throw new Error(JSON.stringify(result));
      return result.commit;
    },
  };
});

function killed(at: Awaited<ReturnType<typeof setUp>>) {
  return { url: at.repository.url, directory: join(at.repository.directory, 'killed') };
}

describe('a run that is killed', () => {
  test.each(['push', 'status', 'create'])(
    'after %s is continued by the next one: one branch, one pull request, one commit',
    async (step) => {
      const at = await setUp();
      const proposal = proposalFor(at.edit, 'main');
      expect(await runKilledWriter(killed(at), proposal, step)).toBe('SIGKILL');
      const result = await at.writer.propose({ proposal, gate: ALLOWED }, context);
      expect(result.status).toBe('adopted');
      expect([...(await at.mirror.listRefs('refs/heads/tier0/', context))]).toHaveLength(1);
      const found = await at.forge.find({}, context);
      expect(found).toHaveLength(1);
      expect(await at.desk.submitReview({ number: found[0]?.number ?? 0, reviewer: 'ada', state: 'approved' }, context)).toMatchObject({
        status: 'merged',
      });
      expect(await at.repository.read('main', FILE)).toBe(MANIFEST.replace('512Mi', '1Gi'));
    },
  );

  test('and whose base branch moved meanwhile is continued too', async () => {
    const at = await setUp();
    const proposal = proposalFor(at.edit, 'main');
    await runKilledWriter(killed(at), proposal, 'push');
    await at.repository.commit('main', { 'shop/other.yaml': 'a: 2\n' });
    const result = await at.writer.propose({ proposal, gate: ALLOWED }, context);
    expect(result).toMatchObject({ status: 'adopted', diff: expect.stringContaining('-  limit: 512Mi # twice\n+  limit: 1Gi # twice\n') });
  });
});

test('the diff is one line, and a human commit is never pushed over', async () => {
  const at = await setUp();
  const proposal = proposalFor(at.edit, 'main');
  const result = await at.writer.propose({ proposal, gate: ALLOWED }, context);
  if (!('diff' in result)) throw new Error(result.status);
  expect(result.diff.split('\n').filter((line) => /^[+-](?![+-])/.test(line))).toEqual([
    '-  limit: 512Mi # twice',
    '+  limit: 1Gi # twice',
  ]);
  const human = await at.repository.commit(result.pullRequest.sourceBranch, { [FILE]: 'spec:\n  limit: 2Gi\n' });
  await at.writer.propose({ proposal, gate: ALLOWED }, context);
  await at.mirror.fetch(context);
  expect(await at.mirror.resolve(result.pullRequest.sourceBranch, context)).toBe(human);
});

test("a commit that only keeps our trailers is a human's", async () => {
  const at = await setUp();
  const proposal = proposalFor(at.edit, 'main');
  const result = await at.writer.propose({ proposal, gate: ALLOWED }, context);
  if (!('pullRequest' in result)) throw new Error(result.status);
  const { pullRequest } = result;
  const ours = await at.mirror.readCommit(pullRequest.headCommit, context);
  const amended = await at.mirror.commitFiles(
    {
      parents: ours.parents,
      files: new Map([[FILE, 'spec: {limit: 9Gi}\n']]),
      message: ours.message,
      author: { name: ours.authorName, email: ours.authorEmail },
      date: ours.date,
    },
    context,
  );
  await at.mirror.push([{ ref: `refs/heads/${pullRequest.sourceBranch}`, commit: amended, expected: pullRequest.headCommit }], context);
  expect((await at.writer.propose({ proposal, gate: ALLOWED }, context)).status).toBe('human-edited');
});

test('as many pull requests as the limit allows, and no more', async () => {
  const at = await setUp({ openPullRequests: 1 });
  await at.writer.propose({ proposal: proposalFor(at.edit, 'main'), gate: ALLOWED }, context);
  const other = proposalFor(at.edit, 'main', { incident: 'inc-other' });
  expect((await at.writer.propose({ proposal: other, gate: ALLOWED }, context)).status).toBe('limit-reached');
});

test('taking a change back is not held up by the limit', async () => {
  const at = await setUp({ openPullRequests: 1 });
  const proposal = proposalFor(at.edit, 'main');
  const result = await at.writer.propose({ proposal, gate: ALLOWED }, context);
  if (!('pullRequest' in result)) throw new Error(result.status);
  const merged = await at.desk.submitReview({ number: result.pullRequest.number, reviewer: 'ada', state: 'approved' }, context);
  if (merged.status !== 'merged') throw new Error(merged.status);
  const elsewhere = { ...at.edit, file: 'shop/other.yaml', path: parseFieldPath('a'), expectOld: 1, value: 2 };
  const other = proposalFor(elsewhere, 'main', { incident: 'inc-other' });
  expect((await at.writer.propose({ proposal: other, gate: ALLOWED }, context)).status).toBe('created');
  const third = proposalFor(elsewhere, 'main', { incident: 'inc-third' });
  expect((await at.writer.propose({ proposal: third, gate: ALLOWED }, context)).status).toBe('limit-reached');
  expect((await at.writer.revert({ proposal, mergeCommit: merged.commit, reason: 'it made things worse' }, context)).status).toBe(
    'created',
  );
});

test.each(['.tier0/policy.yaml', '.github/workflows/x.yaml', 'CODEOWNERS', '../outside.yaml', '/etc/passwd'])(
  '%s is never changed',
  async (file) => {
    const at = await setUp();
    const proposal = proposalFor({ ...at.edit, file }, 'main');
    expect((await at.writer.propose({ proposal, gate: ALLOWED }, context)).status).toBe('refused');
  },
);

test('more than one approval keeps the check pending', async () => {
  const at = await setUp();
  const gate = { ...ALLOWED, decision: { ...ALLOWED.decision, requiredApprovals: 2 } };
  const result = await at.writer.propose({ proposal: proposalFor(at.edit, 'main'), gate }, context);
  if (!('pullRequest' in result)) throw new Error(result.status);
  const { number } = result.pullRequest;
  const review = await at.desk.submitReview({ number, reviewer: 'ada', state: 'approved' }, context);
  expect(review).toMatchObject({ status: 'waiting', reasons: ['the check tier0/gate is pending'] });
});

test('a loan is taken back when its time is over and the lasting fix is not in', async () => {
  const at = await setUp();
  const proposal = proposalFor(at.edit, 'main', { expiresAt: '2026-01-02T00:00:00.000Z', followUp: 'T-1' });
  const result = await at.writer.propose({ proposal, gate: ALLOWED }, context);
  if (!('pullRequest' in result)) throw new Error(result.status);
  const merged = await at.desk.submitReview({ number: result.pullRequest.number, reviewer: 'ada', state: 'approved' }, context);
  if (merged.status !== 'merged') throw new Error(merged.status);
  const request = { proposal, mergeCommit: merged.commit };
  const later = testContext('2026-01-03T00:00:00.000Z');
  expect((await takeBackExpired(at.writer, { ...request, followUpStatus: 'open' }, context)).status).toBe('no-change');
  expect((await takeBackExpired(at.writer, { ...request, followUpStatus: 'fixed' }, later)).status).toBe('no-change');
  expect((await takeBackExpired(at.writer, { ...request, followUpStatus: 'closed' }, later)).status).toBe('created');
  expect((await takeBackExpired(at.writer, { ...request, followUpStatus: 'closed' }, later)).status).toBe('adopted');
});
