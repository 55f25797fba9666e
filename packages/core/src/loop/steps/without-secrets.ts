import type { ProposalResult } from '../../ports/proposal-writer.ts';
import { redact } from '../../redact/redact.ts';

/** A diff quotes the lines around an edit, and those may hold secrets: they are removed before it is recorded or shown. */
export function withoutSecrets(result: ProposalResult): ProposalResult {
  return 'diff' in result ? { ...result, diff: redact(result.diff) } : result;
}
