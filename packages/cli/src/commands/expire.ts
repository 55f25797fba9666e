import { createFileTracker } from '@tier0/agents';
import { createFileIncidentRecord, foldIncident, isProposed, Tier0Error, toTimestamp } from '@tier0/core';
import { createFileAuditLog, createLocalForge, createMirror, createProposalWriter, takeBackExpired } from '@tier0/gitops';
import { AUTHOR } from '../play/play-scenario.ts';
import { stateFolder } from '../world/state-folder.ts';
import { type Command, parseOptions } from './command.ts';

/** `tier0 expire`: opens the pull requests that take loans back. Meant for a schedule; running it again changes nothing. */
export const expire: Command = {
  name: 'expire',
  summary: 'take back temporary changes whose time is over',
  usage: `Usage: pnpm tier0 expire [--out DIR] [--at TIME]

For every incident of a run (DIR, default: out; "tier0 run" keeps its own in out/run) whose change was temporary and merged and whose time is over, opens a pull request that takes
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
    const audit = createFileAuditLog({ file: folder.audit });
    for (const incident of await record.list(context)) {
      const state = foldIncident(incident, await record.read(incident, context));
      const proposal = state.results.gate?.proposal;
      const proposed = state.results.propose?.result;
      if (state.results.revert || !proposal?.expiresAt || !proposed || !isProposed(proposed)) continue;
      const mirror = createMirror({
        url: proposal.repository,
        directory: folder.mirror,
        authorization: environment.variables.TIER0_GIT_AUTHORIZATION,
      });
      const forge = createLocalForge({ mirror });
      // The forge knows best whether and when it was merged; people may have done so after tier0 stopped looking.
      const { state: decided } = await forge.read(proposed.pullRequest.number, context);
      if (decided.status !== 'merged') continue;
      const ticket = proposal.followUp ? await tracker.find(proposal.followUp, context) : undefined;
      const loan = { proposal, mergeCommit: decided.commit, followUpStatus: ticket?.status };
      const result = await takeBackExpired(createProposalWriter({ mirror, forge }), loan, context);
      const taken = isProposed(result);
      const what = taken ? `pull request #${result.pullRequest.number}: ${result.pullRequest.title}` : result.reason;
      environment.terminal.write(`${incident}  ${result.status}  ${what}\n`);
      if (!taken) continue;
      const entry = {
        key: `${incident}:expire`,
        at: toTimestamp(nowMs),
        actor: AUTHOR,
        action: 'proposed-expiry',
        subject: result.pullRequest.url,
      };
      await audit.append({ ...entry, detail: { expiresAt: proposal.expiresAt, followUp: ticket?.status ?? null } }, context);
    }
    return 0;
  },
};
