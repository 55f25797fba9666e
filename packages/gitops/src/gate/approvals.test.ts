import { type FileEdit, type PolicyDecision, parseFieldPath, Tier0Error } from '@tier0/core';
import { ALLOWED, proposalFor } from '@tier0/core/testing';
import { afterEach, expect, test } from 'vitest';
import { createLocalForge } from '../forges/local.ts';
import { createLocalForgeDesk } from '../forges/local-desk.ts';
import type { Protection } from '../forges/protection.ts';
import { createProposalWriter } from '../proposal/writer.ts';
import { createTestRepository, type TestRepository } from '../testing/repository.ts';
import { createForgeApprovals } from './approvals.ts';

const opened: TestRepository[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((repository) => repository.remove()));
});

/** A clock that runs a minute in every look, as in a demonstration. */
function fastContext() {
  let nowMs = Date.parse('2026-11-22T12:00:00.000Z');
  return {
    signal: new AbortController().signal,
    now: () => {
      nowMs += 1000;
      return nowMs;
    },
  };
}

const RULE =
  '{id: relief, remedy: r, pattern: p, maxRisk: low, maxBlastRadius: 1, minSuccessRate: 0.5, paths: [values.yaml], fields: [limit]}';
const DECISION: PolicyDecision = { ...ALLOWED.decision, approverGroup: '@payments' };

async function setUp(decision: PolicyDecision = DECISION, protection: Protection = {}) {
  const context = fastContext();
  const files = { 'values.yaml': 'limit: 1\n', CODEOWNERS: '* @payments\n', '.tier0/policy.yaml': `standingRules: [${RULE}]\n` };
  const repository = await createTestRepository(files);
  opened.push(repository);
  const mirror = repository.newMirror();
  const members = { payments: ['ada', 'grace'] };
  const forge = createLocalForge({ mirror, members, protection });
  const desk = createLocalForgeDesk({ mirror, members, protection });
  const edit: FileEdit = {
    repository: repository.url,
    file: 'values.yaml',
    document: 0,
    path: parseFieldPath('limit'),
    expectOld: 1,
    value: 2,
  };
  const proposal = proposalFor(edit, 'main');
  const result = await createProposalWriter({ mirror, forge }).propose({ proposal, gate: { ...ALLOWED, decision } }, context);
  if (!('pullRequest' in result)) throw new Error(result.status);
  const { pullRequest } = result;
  const submitStandingApproval = desk.submitStandingApproval;
  const approvals = createForgeApprovals({ forge, members, mirror, pollMs: 5, submitStandingApproval });
  const decide = (timeoutMs: number, standingApproval?: Parameters<typeof desk.submitStandingApproval>[1]) =>
    approvals.decide({ proposal, pullRequest, decision, standingApproval, timeoutMs }, context);
  const review = (reviewer: string, state: 'approved' | 'changes-requested' = 'approved') =>
    desk.submitReview({ number: pullRequest.number, reviewer, state }, context);
  return { repository, context, forge, desk, proposal, pullRequest, decide, review };
}

const HOUR = 60 * 60 * 1000;

test('an approval of an owner merges, and says who counted', async () => {
  const at = await setUp();
  const deciding = at.decide(HOUR);
  await at.review('ada');
  expect(await deciding).toMatchObject({ status: 'merged', approvals: [{ approver: 'ada', proposalDigest: at.proposal.digest }] });
});

test('where two must approve, one is not enough', async () => {
  const at = await setUp({ ...DECISION, requiredApprovals: 2 });
  await at.review('ada');
  expect(await at.decide(30_000)).toMatchObject({ status: 'timed-out', reason: expect.stringContaining('1 of 2 approvals') });
  await at.review('grace');
  expect(await at.decide(HOUR)).toMatchObject({ status: 'merged', approvals: [{ approver: 'ada' }, { approver: 'grace' }] });
});

test('an approval that does not count is named', async () => {
  const at = await setUp();
  await at.review('mallory');
  expect(await at.decide(30_000)).toMatchObject({
    status: 'timed-out',
    reason: expect.stringContaining('mallory: is not a member of @payments'),
  });
});

test('an approval of another commit is not one of this content', async () => {
  const at = await setUp({ ...DECISION, requiredApprovals: 2 });
  await at.review('ada');
  await at.repository.commit(at.pullRequest.sourceBranch, { 'values.yaml': 'limit: 99\n' }, 'mallory');
  await at.review('grace');
  expect(await at.decide(30_000)).toMatchObject({
    status: 'timed-out',
    reason: expect.stringContaining('grace: approved another content'),
  });
  expect((await at.forge.read(at.pullRequest.number, at.context)).state.status).toBe('open');
});

test('a person says no by closing or by asking for changes', async () => {
  const closing = await setUp();
  await closing.desk.closeByHuman(closing.pullRequest.number, 'ada', 'no', closing.context);
  expect(await closing.decide(HOUR)).toMatchObject({ status: 'rejected', by: 'ada' });
  const asking = await setUp();
  await asking.review('grace', 'changes-requested');
  expect(await asking.decide(HOUR)).toMatchObject({ status: 'rejected', by: 'grace' });
});

test('a standing rule approves through the forge, and what the forge refuses is left to people', async () => {
  for (const allowStandingRules of [true, false]) {
    const at = await setUp(DECISION, { allowStandingRules });
    const base = await at.repository.mirror.resolve('main', at.context);
    const approver = `rule:relief@${base}`;
    const standing = {
      approver,
      proposalDigest: at.proposal.digest,
      at: '2026-11-22T12:00:00.000Z',
      expiresAt: '2026-11-23T12:00:00.000Z',
    };
    const result = await at.decide(30_000, standing);
    expect(result).toMatchObject(allowStandingRules ? { status: 'merged', approvals: [{ approver }] } : { status: 'timed-out' });
  }
});

test('the policy says how long an approval is valid, and one that cannot be read satisfies nobody', async () => {
  const at = await setUp({ ...DECISION, requiredApprovals: 2 });
  await at.repository.commit('main', { '.tier0/policy.yaml': 'approvalValidMs: 60000\n' });
  await at.review('ada');
  for (let seconds = 0; seconds < 60; seconds++) at.context.now();
  expect(await at.decide(10_000)).toMatchObject({ status: 'timed-out', reason: expect.stringContaining('ada: the approval expired') });
  await at.repository.commit('main', { '.tier0/policy.yaml': 'approvalValidMs: soon\n' });
  await at.review('ada');
  await at.review('grace');
  expect(await at.decide(10_000)).toMatchObject({ status: 'timed-out', reason: expect.stringContaining('is not a policy') });
});

test('a standing rule that the forge takes and does not count: why is told when nobody decides', async () => {
  const at = await setUp({ ...DECISION, effect: 'require-approval', requiredApprovals: 1 }, { allowStandingRules: true });
  const now = at.context.now();
  const standing = {
    approver: `rule:relief@${'c'.repeat(40)}`,
    proposalDigest: at.proposal.digest,
    at: new Date(now).toISOString(),
    expiresAt: new Date(now + 60_000).toISOString(),
  };
  const result = await at.decide(3_000, standing);
  expect(result).toMatchObject({ status: 'timed-out', reason: expect.stringContaining('the approval of rule:relief') });
  expect(JSON.stringify(result)).toContain('is not part of main');
});

test('a forge that stumbles twice is asked again; one that stays away fails the waiting', async () => {
  const at = await setUp();
  const down = new Tier0Error({ code: 'UNAVAILABLE', message: 'The forge is away.', hint: 'Wait.' });
  let failing = 2;
  const forge = {
    ...at.forge,
    read: async (...asked: Parameters<typeof at.forge.read>) => (failing-- > 0 ? Promise.reject(down) : at.forge.read(...asked)),
  };
  const waiting = () =>
    createForgeApprovals({ forge, members: { payments: ['ada'] }, pollMs: 1 }).decide(
      { proposal: at.proposal, pullRequest: at.pullRequest, decision: DECISION, timeoutMs: HOUR },
      at.context,
    );
  await at.review('ada');
  expect(await waiting()).toMatchObject({ status: 'merged' });
  failing = 3;
  await expect(waiting()).rejects.toThrow('The forge is away.');
});
