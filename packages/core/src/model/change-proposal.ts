import { z } from 'zod';
import { digestOf } from '../digest/canonical-json.ts';
import { type BlastRadius, BlastRadiusSchema } from './blast-radius.ts';
import { type Evidence, EvidenceSchema } from './evidence.ts';
import { exactly } from './exactly.ts';
import { type FileEdit, FileEditSchema } from './file-edit.ts';
import { type RiskAssessment, RiskAssessmentSchema } from './risk.ts';

/** What a proposal says before its digest is computed. */
export interface ProposalContent {
  /** Incident it answers. */
  readonly incident: string;
  readonly title: string;
  /** Name of the account that proposes; it can never approve. */
  readonly author: string;
  /** Repository URL without credentials, and the branch to change. */
  readonly repository: string;
  readonly baseBranch: string;
  readonly edits: readonly FileEdit[];
  readonly why: string;
  readonly evidence: readonly Evidence[];
  readonly risk: RiskAssessment;
  readonly blastRadius: BlastRadius;
  readonly rollback: string;
  readonly disproof: string;
  /** Backstage or CODEOWNERS name of the team that owns what is changed; absent when nobody does. */
  readonly owner?: string | undefined;
  /** Id of the pattern the remedy comes from. */
  readonly pattern?: string | undefined;
  /** Ticket that asks people for the lasting fix. */
  readonly followUp?: string | undefined;
  /** When the change is to be taken back. ISO 8601, UTC. */
  readonly expiresAt?: string | undefined;
  /** ISO 8601, UTC. Commit dates are taken from it. */
  readonly createdAt: string;
}

/** File edits not yet approved (ITIL RFC, pull request). Approvals bind to `digest`. */
export interface ChangeProposal extends ProposalContent {
  /** SHA-256 over everything else, lower-case hex. */
  readonly digest: string;
}

const content = {
  incident: z.string().min(1),
  title: z.string().min(1),
  author: z.string().min(1),
  repository: z.string().min(1),
  baseBranch: z.string().min(1),
  edits: z.array(FileEditSchema),
  why: z.string(),
  evidence: z.array(EvidenceSchema),
  risk: RiskAssessmentSchema,
  blastRadius: BlastRadiusSchema,
  rollback: z.string(),
  disproof: z.string(),
  owner: z.string().optional(),
  pattern: z.string().optional(),
  followUp: z.string().optional(),
  expiresAt: z.iso.datetime().optional(),
  createdAt: z.iso.datetime(),
};

export const ChangeProposalSchema: z.ZodType<ChangeProposal> = exactly<ChangeProposal>()(
  z.strictObject({ ...content, digest: z.string().regex(/^[0-9a-f]{64}$/) }),
);

/** The digest that approvals of this content bind to. */
export function proposalDigest(proposal: ProposalContent | ChangeProposal): string {
  const { digest: _own, ...rest } = proposal as ChangeProposal;
  return digestOf(rest);
}

/** Seals content into a proposal by computing its digest. */
export function sealProposal(proposal: ProposalContent): ChangeProposal {
  return { ...proposal, digest: proposalDigest(proposal) };
}
