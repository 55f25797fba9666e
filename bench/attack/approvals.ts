import { type CodeOwners, parseCodeOwners } from '@tier0/gitops';
import { APPROVAL_ATTACKS, type ApprovalRow, CODE_OWNERS_CASES, EVERYDAY_FLOWS, playApprovalCase } from '@tier0/gitops/testing';

/** How many of a kind were tried, and how many of them ended as they must. */
export interface AttackRow {
  readonly kind: string;
  readonly tried: number;
  readonly held: number;
}

/** Attacks on approval, none of which may merge, and what people do every day, all of which must. */
export async function approvalRows(): Promise<readonly AttackRow[]> {
  return [await countOf('approval attacks', APPROVAL_ATTACKS, false), await countOf('everyday flows', EVERYDAY_FLOWS, true)];
}

/** A case that throws has neither merged nor held. */
async function countOf(kind: string, rows: readonly ApprovalRow[], merges: boolean): Promise<AttackRow> {
  let held = 0;
  for (const row of rows) {
    const merged = await playApprovalCase(row).catch(() => undefined);
    if (merged === merges) held += 1;
  }
  return { kind, tried: rows.length, held };
}

/** What each forge's documents say about CODEOWNERS, by grammar. */
export async function codeOwnersRows(): Promise<readonly AttackRow[]> {
  return (['github', 'gitlab', 'gitea'] as const).map((dialect) => {
    const results = CODE_OWNERS_CASES.filter((one) => one.dialect === dialect).flatMap(({ text, paths }) => {
      const owners = parseCodeOwners(text, dialect);
      return Object.entries(paths).map(([path, expected]) => isAs(expected, owners.requirementsOf(path)));
    });
    return { kind: `CODEOWNERS of ${dialect}`, tried: results.length, held: results.filter(Boolean).length };
  });
}

function isAs(expected: readonly string[], found: ReturnType<CodeOwners['requirementsOf']>): boolean {
  const spoken = found.map(({ owners, approvals, notUnderstood }) =>
    notUnderstood === undefined ? `${approvals === 1 ? '' : `${approvals}x`}${owners.join('|')}` : '?',
  );
  return spoken.length === expected.length && spoken.every((said, index) => said === expected[index]);
}
