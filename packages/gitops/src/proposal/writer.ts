import {
  type ChangeProposal,
  type CommitStatus,
  type Forge,
  type GateReport,
  type ProposalResult,
  type ProposalWriter,
  proposalDigest,
} from '@tier0/core';
import type { CommitRequest, Mirror } from '../git/mirror.ts';
import type { CommitSigner } from '../git/sign.ts';
import { branchOf, type CommitAuthor, commitOf, proposalKey, titleOf } from '../governance/key.ts';
import { oneLine } from '../governance/markdown.ts';
import { fieldsOf } from './field-set.ts';
import { createMemoryJournal, type ProposalJournal } from './journal.ts';
import { type Plan, planEdits, resolveBase } from './plan.ts';
import { type ProposalLimits, type PublishOptions, publish, type Work } from './publish.ts';
import { renderBody } from './render.ts';
import { planRevert } from './revert.ts';

/** Name of the check that says what the gate decided. */
export const GATE_STATUS = 'tier0/gate';

/** Where proposals go, who is asked to review them, and how many may be open. */
export interface ProposalWriterOptions {
  readonly mirror: Mirror;
  readonly forge: Forge;
  /** Accounts or groups asked to review, besides the proposal's owner. */
  readonly reviewers?: readonly string[] | undefined;
  /** Name and address in commits. Default `tier0`. */
  readonly commitAuthor?: CommitAuthor | undefined;
  /** Signs the commits. Default: not signed. */
  readonly signer?: CommitSigner | undefined;
  /** Taking a change back is never held up by limits. */
  readonly limits?: ProposalLimits | undefined;
  /** Where steps are written down before they are taken. Default: in memory, so that the hourly limit counts this process only. */
  readonly journal?: ProposalJournal | undefined;
  /** Opens pull requests as drafts. Default false. */
  readonly draft?: boolean | undefined;
  /** Asks the forge to merge by itself once its own rules are satisfied. Default false. */
  readonly autoMerge?: boolean | undefined;
  /** Asks those who own the changed files, by CODEOWNERS on the base branch, to review. Default true. */
  readonly reviewersFromCodeOwners?: boolean | undefined;
}

const DEFAULT_AUTHOR: CommitAuthor = { name: 'tier0', email: 'tier0@users.noreply.invalid' };

/**
 * Writes proposals as pull requests, exactly once: branch, commit and marker are functions of the proposal, so a run that was killed at
 * any point is continued by the next one, and two runs make one pull request.
 */
export function createProposalWriter(options: ProposalWriterOptions): ProposalWriter {
  const { mirror } = options;
  const publishing: PublishOptions = {
    ...options,
    journal: options.journal ?? createMemoryJournal(),
    limits: options.limits ?? {},
    reviewersFromCodeOwners: options.reviewersFromCodeOwners ?? true,
  };
  return {
    async preview(proposal, context) {
      await mirror.fetch(context);
      const base = await resolveBase(mirror, proposal.baseBranch, context);
      const plan = await planEdits(mirror, proposal, base, context);
      if (plan.status !== 'planned') return plan;
      const commit = await mirror.commitFiles(requestFor(options, proposal, plan, base), context);
      return { status: 'preview', diff: await mirror.diff(base, commit, context) };
    },

    async propose({ proposal, gate }, context) {
      const refusal = refusalOf(proposal, gate);
      if (refusal) return { status: 'refused', reason: refusal };
      const key = proposalKey(proposal);
      const work: Work = {
        key,
        branch: branchOf(proposal.incident, key),
        baseBranch: proposal.baseBranch,
        author: proposal.author,
        incident: oneLine(proposal.incident),
        createdAt: proposal.createdAt,
        title: titleOf(proposal.title),
        body: renderBody(proposal, gate.decision),
        reviewers: [...new Set([...(proposal.owner ? [proposal.owner] : []), ...(options.reviewers ?? [])])],
        labels: ['tier0', `tier0/risk:${proposal.risk.level}`],
        status: gateStatus(gate),
        fields: fieldsOf(proposal),
        isLimited: true,
        async plan(base) {
          const plan = await planEdits(mirror, proposal, base, context);
          return plan.status === 'planned' ? requestFor(options, proposal, plan, base) : plan;
        },
      };
      return publish(publishing, work, context);
    },

    async revert(request, context) {
      const work = await planRevert(
        mirror,
        { ...request, author: options.commitAuthor ?? DEFAULT_AUTHOR, signer: options.signer },
        context,
      );
      if ('status' in work && typeof work.status === 'string') return work as ProposalResult;
      return publish(publishing, { ...(work as Work), reviewers: options.reviewers ?? [] }, context);
    },
  };
}

function requestFor(
  options: ProposalWriterOptions,
  proposal: ChangeProposal,
  plan: Plan & { status: 'planned' },
  parent: string,
): CommitRequest {
  const files = new Map([...plan.files].map(([path, file]) => [path, file.after]));
  return { ...commitOf(proposal, { parent, files, author: options.commitAuthor ?? DEFAULT_AUTHOR }), signer: options.signer };
}

function refusalOf(proposal: ChangeProposal, gate: GateReport): string | undefined {
  if (gate.decision.effect === 'deny') return `the gate denies it: ${gate.decision.reasons.join('; ')}`;
  const failed = gate.checks.find((check) => !check.passed);
  if (failed) return `the check "${failed.name}" failed: ${failed.detail}`;
  return proposalDigest(proposal) === proposal.digest ? undefined : 'the proposal was changed after it was sealed';
}

/** More than one approval is more than a forge can be told by rule: the check stays pending until the approval source counted them. */
function gateStatus(gate: GateReport): CommitStatus {
  const { requiredApprovals, reasons } = gate.decision;
  const state = requiredApprovals > 1 ? 'pending' : 'success';
  return { context: GATE_STATUS, state, description: (reasons[0] ?? '').slice(0, 140) };
}
