import { type CallContext, DEFAULT_POLICY, type Policy, PolicySchema } from '@tier0/core';
import { parseDocument } from 'yaml';
import type { Mirror } from '../git/mirror.ts';
import { type AllowedSigner, type SignatureVerdict, verifyCommit } from './verify-signature.ts';

/** Where an organisation says how changes are decided. */
export const POLICY_PATH = '.tier0/policy.yaml';

/** A policy, or what is wrong with its file. */
export type PolicyReading =
  | { readonly status: 'loaded'; readonly policy: Policy; readonly commit: string }
  /** No file: the default policy holds, people approve everything. */
  | { readonly status: 'absent'; readonly policy: Policy; readonly commit: string }
  | { readonly status: 'malformed'; readonly reason: string };

/** Reads the policy as it was at a commit. What the file leaves out is as in `DEFAULT_POLICY`; what it says must be understood in full. */
export async function readPolicy(mirror: Mirror, commit: string, context: CallContext): Promise<PolicyReading> {
  const bytes = await mirror.readFile(commit, POLICY_PATH, context);
  if (!bytes) return { status: 'absent', policy: DEFAULT_POLICY, commit };
  const parsed = parsePolicy(Buffer.from(bytes).toString('utf8'));
  return 'reason' in parsed ? { status: 'malformed', reason: parsed.reason } : { status: 'loaded', policy: parsed.policy, commit };
}

/** Who signed the policy file as it stands at a commit. Standing rules approve in people's place, so people sign them. */
export async function verifyPolicySignature(
  mirror: Mirror,
  commit: string,
  allowed: readonly AllowedSigner[],
  context: CallContext,
): Promise<SignatureVerdict> {
  const change = await mirror.lastChange(commit, POLICY_PATH, context);
  if (!change) return { status: 'unsigned', reason: `there is no ${POLICY_PATH}` };
  return verifyCommit(await mirror.readCommitObject(change, context), allowed);
}

/** Milliseconds an approval stays valid: what the policy says, or `atMostMs` where that is shorter. */
export function approvalValidMsOf(reading: PolicyReading | undefined, atMostMs: number | undefined): number {
  const allowedMs = reading && reading.status !== 'malformed' ? reading.policy.approvalValidMs : DEFAULT_POLICY.approvalValidMs;
  return Math.min(atMostMs ?? allowedMs, allowedMs);
}

function parsePolicy(text: string): { readonly policy: Policy } | { readonly reason: string } {
  const document = parseDocument(text, { logLevel: 'silent' });
  const error = document.errors[0];
  if (error) return { reason: `${POLICY_PATH} cannot be read: ${error.message.split('\n')[0]}` };
  const said: unknown = document.toJS({ maxAliasCount: 100 });
  if (said !== null && (typeof said !== 'object' || Array.isArray(said))) return { reason: `${POLICY_PATH} is not a map` };
  const result = PolicySchema.safeParse({ ...DEFAULT_POLICY, ...said });
  if (result.success) return { policy: result.data };
  const issue = result.error.issues[0];
  return { reason: `${POLICY_PATH} is not a policy: ${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'unknown'}` };
}
