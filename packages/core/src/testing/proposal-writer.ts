import { describe, expect, test } from 'vitest';
import { type ChangeProposal, type ProposalContent, sealProposal } from '../model/change-proposal.ts';
import type { FileEdit } from '../model/file-edit.ts';
import type { GateReport } from '../ports/gate.ts';
import type { ProposalResult, ProposalWriter } from '../ports/proposal-writer.ts';
import { testContext } from './call-context.ts';

/** A writer over a repository that declares one field, and the people around it. */
export interface ProposalWriterUnderTest {
  readonly writer: ProposalWriter;
  /** Changes the declared field from its present value. */
  readonly edit: FileEdit;
  readonly baseBranch: string;
  /** What the base branch says in the field's file. */
  read(): Promise<string>;
  /** A person changes the field's file on a branch. */
  commitAsPerson(branch: string): Promise<void>;
  /** Closes the pull request unmerged, as a person would. */
  closeAsPerson(number: number): Promise<void>;
  /** A person approves; returns the merge commit. */
  merge(number: number): Promise<string>;
}

/** A report of the gate that lets everything pass. */
export const ALLOWED: GateReport = {
  checks: [{ name: 'rehearsal', passed: true, detail: 'cause gone' }],
  decision: { effect: 'require-approval', reasons: ['production change of low risk needs 1 approval'], requiredApprovals: 1 },
  trust: [],
};

/** A sealed proposal of one edit. */
export function proposalFor(edit: FileEdit, baseBranch: string, change: Partial<ProposalContent> = {}): ChangeProposal {
  return sealProposal({
    incident: 'inc-payment',
    title: 'Raise the memory limit',
    author: 'tier0',
    repository: edit.repository,
    baseBranch,
    edits: [edit],
    why: 'It runs out of memory.',
    evidence: [],
    risk: { level: 'low', score: 10, factors: [{ name: 'field', points: 10, reason: 'resources' }] },
    blastRadius: { subject: 'kubernetes:c/shop/Deployment/payment', items: [], truncated: false },
    rollback: 'Restore the old limit.',
    disproof: 'Memory keeps growing.',
    createdAt: '2026-01-01T00:00:00.000Z',
    ...change,
  });
}

function numberOf(result: ProposalResult): number {
  if (!('pullRequest' in result)) throw new Error(`no pull request: ${result.status}: ${result.reason}`);
  return result.pullRequest.number;
}

/** What every `ProposalWriter` must do. */
export function describeProposalWriter(name: string, make: () => Promise<ProposalWriterUnderTest>): void {
  const context = testContext('2026-01-01T00:00:00.000Z');
  const propose = (on: ProposalWriterUnderTest, proposal = proposalFor(on.edit, on.baseBranch)) =>
    on.writer.propose({ proposal, gate: ALLOWED }, context);

  describe(`ProposalWriter contract: ${name}`, () => {
    test('a preview shows the diff and writes nothing', async () => {
      const on = await make();
      const before = await on.read();
      const preview = await on.writer.preview(proposalFor(on.edit, on.baseBranch), context);
      expect(preview).toMatchObject({ status: 'preview', diff: expect.stringContaining(String(on.edit.value)) });
      expect(await on.read()).toBe(before);
      expect((await propose(on)).status).toBe('created');
    });

    test("a second run finds the first one's work", async () => {
      const on = await make();
      const first = await propose(on);
      const second = await propose(on);
      expect([first.status, second.status]).toEqual(['created', 'adopted']);
      expect(numberOf(second)).toBe(numberOf(first));
    });

    test('two runs at once make one pull request', async () => {
      const on = await make();
      const results = await Promise.all([propose(on), propose(on)]);
      expect(new Set(results.map(numberOf)).size).toBe(1);
    });

    test('the same change in other words updates the pull request', async () => {
      const on = await make();
      const first = await propose(on);
      const second = await propose(on, proposalFor(on.edit, on.baseBranch, { why: 'More is known now.', title: 'Other words' }));
      expect(second).toMatchObject({ status: 'updated', pullRequest: { number: numberOf(first), title: 'Other words' } });
      const heads = [first, second].map((result) => ('pullRequest' in result ? result.pullRequest.headCommit : ''));
      expect(heads[0]).not.toBe(heads[1]);
    });

    test('work of people on the branch is left alone', async () => {
      const on = await make();
      const first = await propose(on);
      if (!('pullRequest' in first)) throw new Error(first.status);
      await on.commitAsPerson(first.pullRequest.sourceBranch);
      expect((await propose(on)).status).toBe('human-edited');
    });

    test('what people closed stays closed', async () => {
      const on = await make();
      await on.closeAsPerson(numberOf(await propose(on)));
      expect((await propose(on)).status).toBe('closed-by-human');
    });

    test('an old value that moved stops it', async () => {
      const on = await make();
      const proposal = proposalFor({ ...on.edit, expectOld: 'something else' }, on.baseBranch);
      expect((await propose(on, proposal)).status).toBe('precondition-failed');
    });

    test('nothing to change is no pull request', async () => {
      const on = await make();
      const proposal = proposalFor({ ...on.edit, value: on.edit.expectOld }, on.baseBranch);
      expect((await propose(on, proposal)).status).toBe('no-change');
      expect((await propose(on, proposalFor(on.edit, on.baseBranch, { edits: [] }))).status).toBe('no-change');
    });

    test('a denied, failed or altered proposal is refused', async () => {
      const on = await make();
      const proposal = proposalFor(on.edit, on.baseBranch);
      const denied: GateReport = { ...ALLOWED, decision: { effect: 'deny', reasons: ['frozen'], requiredApprovals: 0 } };
      expect((await on.writer.propose({ proposal, gate: denied }, context)).status).toBe('refused');
      expect((await on.writer.propose({ proposal: { ...proposal, why: 'altered' }, gate: ALLOWED }, context)).status).toBe('refused');
    });

    test('a revert restores the bytes, once, and is itself never reverted', async () => {
      const on = await make();
      const before = await on.read();
      const proposal = proposalFor(on.edit, on.baseBranch);
      const mergeCommit = await on.merge(numberOf(await propose(on, proposal)));
      expect(await on.read()).not.toBe(before);
      const request = { proposal, mergeCommit, reason: 'the symptom stayed' };
      const first = await on.writer.revert(request, context);
      const second = await on.writer.revert(request, context);
      expect([first.status, second.status]).toEqual(['created', 'adopted']);
      const revertCommit = await on.merge(numberOf(first));
      expect(await on.read()).toBe(before);
      expect((await on.writer.revert({ ...request, mergeCommit: revertCommit }, context)).status).toBe('refused');
    });

    test('a revert never undoes what people did since', async () => {
      const on = await make();
      const proposal = proposalFor(on.edit, on.baseBranch);
      const mergeCommit = await on.merge(numberOf(await propose(on, proposal)));
      await on.commitAsPerson(on.baseBranch);
      const result = await on.writer.revert({ proposal, mergeCommit, reason: 'the symptom stayed' }, context);
      expect(result.status).toBe('precondition-failed');
    });

    test('a merged proposal is found again after a crash', async () => {
      const on = await make();
      const number = numberOf(await propose(on));
      await on.merge(number);
      expect(await propose(on)).toMatchObject({ status: 'adopted', pullRequest: { number, state: { status: 'merged' } } });
    });
  });
}
