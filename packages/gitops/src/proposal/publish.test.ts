import { generateKeyPairSync } from 'node:crypto';
import { type ChangeProposal, type FileEdit, type ProposalResult, parseFieldPath } from '@tier0/core';
import { ALLOWED, proposalFor, testContext } from '@tier0/core/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { createLocalForge } from '../forges/local.ts';
import { createLocalForgeDesk } from '../forges/local-desk.ts';
import { createSshSigner } from '../git/sign.ts';
import { createTestRepository, type TestRepository } from '../testing/repository.ts';
import { createMemoryJournal } from './journal.ts';
import { createProposalWriter, type ProposalWriterOptions } from './writer.ts';

const NOW = '2026-01-01T00:00:00.000Z';
const context = testContext(NOW);
const FILE = 'shop/payment.yaml';
const MANIFEST = 'spec:\n  limit: 512Mi\n  replicas: 2\n';
const opened: TestRepository[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((repository) => repository.remove()));
});

async function setUp(options: Partial<ProposalWriterOptions> = {}) {
  const repository = await createTestRepository({ [FILE]: MANIFEST, 'shop/other.yaml': 'a: 1\n' });
  opened.push(repository);
  const newWriter = (more: Partial<ProposalWriterOptions> = options) => {
    const mirror = repository.newMirror();
    return createProposalWriter({ mirror, forge: createLocalForge({ mirror }), ...more });
  };
  const mirror = repository.newMirror();
  const forge = createLocalForge({ mirror });
  const edit: FileEdit = {
    ...{ repository: repository.url, file: FILE, document: 0, path: parseFieldPath('spec.limit') },
    ...{ expectOld: '512Mi', value: '1Gi' },
  };
  const writer = newWriter();
  const propose = (proposal: ChangeProposal, by = writer, at = context) => by.propose({ proposal, gate: ALLOWED }, at);
  const open = () => forge.find({ status: 'open' }, context);
  return { repository, mirror, forge, desk: createLocalForgeDesk({ mirror }), edit, propose, newWriter, open };
}

function pullRequestOf(result: ProposalResult) {
  if (!('pullRequest' in result)) throw new Error(`${result.status}: ${result.reason}`);
  return result.pullRequest;
}

describe('one pull request a field', () => {
  test("another incident's change of the same field waits until the first is decided", async () => {
    const at = await setUp();
    const first = pullRequestOf(await at.propose(proposalFor(at.edit, 'main')));
    const other = proposalFor({ ...at.edit, value: '2Gi' }, 'main', { incident: 'inc-other' });
    expect(await at.propose(other)).toMatchObject({ status: 'limit-reached', reason: expect.stringContaining(first.url) });
    const elsewhere = proposalFor({ ...at.edit, path: parseFieldPath('spec.replicas'), expectOld: 2, value: 3 }, 'main', {
      incident: 'inc-other',
    });
    expect((await at.propose(elsewhere)).status).toBe('created');
    await at.desk.closeByHuman(first.number, 'ada', 'no', context);
    expect((await at.propose(other)).status).toBe('created');
  });

  test('a newer proposal of the same incident supersedes the older, which does not come back', async () => {
    const at = await setUp();
    const older = proposalFor(at.edit, 'main');
    const newer = proposalFor({ ...at.edit, value: '2Gi' }, 'main', { createdAt: '2026-01-01T00:10:00.000Z' });
    const first = pullRequestOf(await at.propose(older));
    const second = pullRequestOf(await at.propose(newer));
    expect((await at.forge.read(first.number, context)).state).toMatchObject({ status: 'closed', reason: `superseded by ${second.url}` });
    expect(await at.propose(older)).toMatchObject({ status: 'refused', reason: expect.stringContaining(second.url) });
    expect((await at.open()).map((one) => one.number)).toEqual([second.number]);
  });

  test('two writers that propose it at the same moment for two incidents leave one open', async () => {
    const at = await setUp();
    const proposals = ['inc-a', 'inc-b', 'inc-c'].map((incident) => proposalFor(at.edit, 'main', { incident }));
    const results = await Promise.all(proposals.map((proposal) => at.propose(proposal, at.newWriter()).catch(String)));
    expect(await at.open(), JSON.stringify(results)).toHaveLength(1);
  });
});

describe('a base branch that moved', () => {
  test('in another place of the file: the commit is made again on top of it', async () => {
    const at = await setUp();
    const proposal = proposalFor(at.edit, 'main');
    const before = pullRequestOf(await at.propose(proposal));
    const base = await at.repository.commit('main', { [FILE]: MANIFEST.replace('replicas: 2', 'replicas: 3') });
    const result = await at.propose(proposal);
    expect(result.status).toBe('updated');
    const after = pullRequestOf(result);
    expect(after.number).toBe(before.number);
    expect((await at.mirror.readCommit((await at.forge.read(after.number, context)).headCommit, context)).parents).toEqual([base]);
    expect(await at.repository.read(after.sourceBranch, FILE)).toBe('spec:\n  limit: 1Gi\n  replicas: 3\n');
  });

  test('and has another value there: nothing is written', async () => {
    const at = await setUp();
    const proposal = proposalFor(at.edit, 'main');
    const { headCommit, number } = pullRequestOf(await at.propose(proposal));
    await at.repository.commit('main', { [FILE]: MANIFEST.replace('512Mi', '768Mi') });
    expect((await at.propose(proposal)).status).toBe('precondition-failed');
    expect((await at.forge.read(number, context)).headCommit).toBe(headCommit);
  });

  test('and says it already: the pull request is withdrawn, unless people worked on it', async () => {
    const at = await setUp();
    const proposal = proposalFor(at.edit, 'main');
    const mine = pullRequestOf(await at.propose(proposal));
    const other = proposalFor({ ...at.edit, path: parseFieldPath('spec.replicas'), expectOld: 2, value: 3 }, 'main', { incident: 'inc-2' });
    const theirs = pullRequestOf(await at.propose(other));
    await at.repository.commit(theirs.sourceBranch, { 'shop/more.yaml': 'b: 1\n' });
    await at.repository.commit('main', { [FILE]: 'spec:\n  limit: 1Gi\n  replicas: 3\n' });
    expect((await at.propose(proposal)).status).toBe('no-change');
    expect((await at.propose(other)).status).toBe('no-change');
    expect((await at.forge.read(mine.number, context)).state).toMatchObject({ status: 'closed', by: 'tier0' });
    expect((await at.forge.read(theirs.number, context)).state.status).toBe('open');
  });
});

describe('the journal', () => {
  test('holds every remote step before it is taken', async () => {
    const journal = createMemoryJournal();
    const at = await setUp({ journal });
    await at.propose(proposalFor(at.edit, 'main'));
    expect((await journal.read(context)).map((entry) => entry.step)).toEqual(['push', 'status', 'open']);
  });

  test('that cannot be written stops the step', async () => {
    const append = () => Promise.reject(new Error('disk full'));
    const at = await setUp({ journal: { append, read: async () => [] } });
    await expect(at.propose(proposalFor(at.edit, 'main'))).rejects.toThrow('disk full');
    await at.mirror.fetch(context);
    expect([...(await at.mirror.listRefs('refs/heads/tier0/', context))]).toEqual([]);
  });

  test('knows our own commit again when it would be made otherwise today', async () => {
    const journal = createMemoryJournal();
    const at = await setUp({ journal });
    const proposal = proposalFor(at.edit, 'main');
    const { sourceBranch } = pullRequestOf(await at.propose(proposal));
    const renamed = { journal, commitAuthor: { name: 'other', email: 'other@example.com' } };
    expect((await at.propose(proposal, at.newWriter({ commitAuthor: renamed.commitAuthor }))).status).toBe('human-edited');
    expect((await at.propose(proposal, at.newWriter(renamed))).status).toBe('updated');
    await at.repository.commit(sourceBranch, { [FILE]: 'spec: {}\n' });
    expect((await at.propose(proposal, at.newWriter(renamed))).status).toBe('human-edited');
  });

  test('counts what was opened within the hour', async () => {
    const at = await setUp({ limits: { perHour: 1 } });
    const first = proposalFor(at.edit, 'main');
    const second = proposalFor({ ...at.edit, path: parseFieldPath('spec.replicas'), expectOld: 2, value: 3 }, 'main', {
      incident: 'inc-2',
    });
    expect((await at.propose(first)).status).toBe('created');
    expect((await at.propose(second)).status).toBe('limit-reached');
    expect((await at.propose(first)).status).toBe('adopted');
    expect((await at.propose(second, undefined, testContext('2026-01-01T01:00:01.000Z'))).status).toBe('created');
  });
});

test('a signed commit has the same id in every run', async () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const signer = createSshSigner({ privateKey });
  const at = await setUp({ signer });
  const proposal = proposalFor(at.edit, 'main');
  const { headCommit } = pullRequestOf(await at.propose(proposal));
  const again = await at.propose(proposal, at.newWriter({ signer }));
  expect(again).toMatchObject({ status: 'adopted', pullRequest: { headCommit } });
});

test('asked for, it is a draft that merges by itself', async () => {
  const at = await setUp({ draft: true, autoMerge: true });
  const { number } = pullRequestOf(await at.propose(proposalFor(at.edit, 'main')));
  expect(await at.forge.read(number, context)).toMatchObject({ draft: true, autoMerge: true });
  expect(await at.desk.submitReview({ number, reviewer: 'ada', state: 'approved' }, context)).toMatchObject({ reasons: ['it is a draft'] });
  await at.desk.markReady(number, context);
  expect(await at.desk.settle(number, context)).toMatchObject({ status: 'merged' });
});
