import { createFileTracker } from '@tier0/agents';
import { createFileIncidentRecord, foldIncident, type IncidentState, Tier0Error } from '@tier0/core';
import { createLocalForge, createMirror, createProposalWriter, takeBackExpired } from '@tier0/gitops';
import { stateFolder } from '../world/state-folder.ts';
import { type Command, parseOptions } from './command.ts';

/** `tier0 expire`: opens the pull requests that take loans back. Meant for a schedule; running it again changes nothing. */
export const expire: Command = {
  name: 'expire',
  summary: 'take back temporary changes whose time is over',
  usage: `Usage: pnpm tier0 expire [--out DIR] [--at TIME]

For every resolved incident of a run (DIR, default: out) whose change was temporary and whose time is over, opens a pull request that takes
it back, unless its follow-up was closed as fixed. Run it from a schedule; a second run finds its own work.

  --at TIME   the moment to judge by, ISO 8601   (now)`,
  async run(args, environment) {
    const { values } = parseOptions('expire', args, { out: { type: 'string', default: 'out' }, at: { type: 'string' } });
    const nowMs = values.at === undefined ? Date.now() : Date.parse(values.at);
    if (Number.isNaN(nowMs))
      throw new Tier0Error({
        code: 'INVALID_INPUT',
        message: `"${values.at}" is not a time.`,
        hint: 'Write it like 2026-03-20T08:00:00Z.',
      });
    const context = { signal: environment.signal, now: () => nowMs };
    const folder = stateFolder(values.out);
    const record = createFileIncidentRecord({ directory: folder.incidents });
    const tracker = createFileTracker({ file: folder.tickets });
    for (const incident of await record.list(context)) {
      const state = foldIncident(incident, await record.read(incident, context));
      const loan = loanOf(state);
      if (!loan) continue;
      const mirror = createMirror({ url: loan.proposal.repository, directory: folder.mirror });
      const writer = createProposalWriter({ mirror, forge: createLocalForge({ mirror }) });
      const ticket = loan.proposal.followUp ? await tracker.find(loan.proposal.followUp, context) : undefined;
      const result = await takeBackExpired(writer, { ...loan, followUpStatus: ticket?.status }, context);
      const what = 'pullRequest' in result ? `pull request #${result.pullRequest.number}: ${result.pullRequest.title}` : result.reason;
      environment.terminal.write(`${incident}  ${result.status}  ${what}\n`);
    }
    return 0;
  },
};

function loanOf({ status, results }: IncidentState) {
  if (status !== 'resolved' || results.decide?.status !== 'merged' || !results.gate?.proposal.expiresAt) return undefined;
  return { proposal: results.gate.proposal, mergeCommit: results.decide.commit };
}
