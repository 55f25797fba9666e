import { type CallContext, type ProposalResult, type ProposalWriter, pause } from '@tier0/core';

/** Real milliseconds between two tries. */
const AGAIN_MS = 15_000;

/** A writer that waits where a limit is reached, instead of giving the incident away: the others will be decided some time. */
export function createPatientWriter(writer: ProposalWriter, onWait: (reason: string) => void, againMs = AGAIN_MS): ProposalWriter {
  const patiently = async (write: () => Promise<ProposalResult>, { signal }: CallContext): Promise<ProposalResult> => {
    for (;;) {
      const result = await write();
      if (result.status !== 'limit-reached') return result;
      onWait(result.reason);
      await pause(againMs, signal);
    }
  };
  return {
    preview: (proposal, context) => writer.preview(proposal, context),
    propose: (request, context) => patiently(() => writer.propose(request, context), context),
    revert: (request, context) => patiently(() => writer.revert(request, context), context),
  };
}
