import { type CallContext, type FileEdit, type GateReport, type JsonValue, type PolicyDecision, parseQuantity } from '@tier0/core';
import type { Mirror } from '../git/mirror.ts';

/** Texts shorter than this stand in every repository. */
const SHORT = 4;
/** Texts looked for at most; more of them count as never seen. */
const MAX_TEXTS = 20;

/**
 * Texts that an edit brings in and that no file of the repository ever held: what only the cluster says, where whoever may write a ReplicaSet
 * may have put it. Numbers, amounts and instants are worked out, not copied, and do not count.
 */
export async function foreignTexts(
  { mirror, base }: { readonly mirror: Mirror; readonly base: string },
  edits: readonly FileEdit[],
  context: CallContext,
): Promise<readonly string[]> {
  const texts = [...new Set(edits.flatMap((edit) => broughtIn(edit)))];
  const foreign: string[] = [];
  for (const [index, text] of texts.entries()) if (index >= MAX_TEXTS || !(await mirror.everHeld(text, base, context))) foreign.push(text);
  return foreign;
}

function broughtIn({ expectOld, value }: FileEdit): readonly string[] {
  const old = new Set(textsOf(expectOld));
  return textsOf(value).filter((text) => !old.has(text));
}

function textsOf(value: JsonValue | undefined): readonly string[] {
  if (typeof value === 'string') return isCopied(value) ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value as Readonly<Record<string, JsonValue>>).flatMap(textsOf);
}

function isCopied(text: string): boolean {
  const isInstant = /^\d{4}-\d\d-\d\dT/.test(text);
  return text.length >= SHORT && !isInstant && parseQuantity(text) === undefined;
}

/** What only the cluster says is decided by the owner, whatever a rule allows: nothing approves it by itself. */
export function withOwnerAsked(report: GateReport, foreign: readonly string[], owner: string | undefined): GateReport {
  if (foreign.length === 0 || report.decision.effect === 'deny') return report;
  const reason = `no file of this repository ever held ${foreign.map((text) => JSON.stringify(text)).join(', ')}: only the cluster says it, so its owner decides`;
  const { decision, standingApproval: _none, ...rest } = report;
  const asked: PolicyDecision = {
    ...decision,
    effect: 'require-approval',
    reasons: [...decision.reasons, reason],
    requiredApprovals: Math.max(1, decision.requiredApprovals),
    ...(decision.approverGroup === undefined && owner !== undefined ? { approverGroup: owner } : {}),
  };
  return { ...rest, decision: asked };
}
