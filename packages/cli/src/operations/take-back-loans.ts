import {
  type AuditLog,
  type CallContext,
  type Forge,
  foldIncident,
  type IncidentRecord,
  isProposed,
  type ProposalResult,
  type ProposalWriter,
  type Tracker,
  toTimestamp,
} from '@tier0/core';
import { takeBackExpired } from '@tier0/gitops';

/** What loans are looked for in, and taken back with. */
export interface LoanKeeper {
  readonly record: IncidentRecord;
  readonly tracker: Tracker;
  readonly audit: AuditLog;
  /** Where the pull requests of a repository are. */
  readonly at: (repository: string) => { readonly writer: ProposalWriter; readonly forge: Forge };
  /** Account that proposes. */
  readonly author: string;
}

/** What became of one loan. */
export interface LoanResult {
  readonly incident: string;
  readonly result: ProposalResult;
}

/** Opens the pull requests that take back temporary changes whose time is over. Doing it again finds its own work. */
export async function takeBackLoans(keeper: LoanKeeper, context: CallContext): Promise<readonly LoanResult[]> {
  const results: LoanResult[] = [];
  for (const incident of await keeper.record.list(context)) {
    const result = await takeBackLoan(keeper, incident, context);
    if (result) results.push({ incident, result });
  }
  return results;
}

async function takeBackLoan(keeper: LoanKeeper, incident: string, context: CallContext): Promise<ProposalResult | undefined> {
  const { record, tracker, audit, at, author } = keeper;
  const { results } = foldIncident(incident, await record.read(incident, context));
  const proposal = results.gate?.proposal;
  const proposed = results.propose?.result;
  if (results.revert || !proposal?.expiresAt || !proposed || !isProposed(proposed)) return undefined;
  const { writer, forge } = at(proposal.repository);
  // The forge knows best whether and when it was merged; people may have done so after tier0 stopped looking.
  const { state } = await forge.read(proposed.pullRequest.number, context);
  if (state.status !== 'merged') return undefined;
  const ticket = proposal.followUp ? await tracker.find(proposal.followUp, context) : undefined;
  const loan = { proposal, mergeCommit: state.commit, followUpStatus: ticket?.status };
  const result = await takeBackExpired(writer, loan, context);
  if (!isProposed(result)) return result;
  await audit.append(
    {
      key: `${incident}:expire`,
      at: toTimestamp(context.now()),
      actor: author,
      action: 'proposed-expiry',
      subject: result.pullRequest.url,
      detail: { expiresAt: proposal.expiresAt, followUp: ticket?.status ?? null },
    },
    context,
  );
  return result;
}
