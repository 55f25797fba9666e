import { createFileTracker } from '@tier0/agents';
import { createFileIncidentRecord, isProposed, Tier0Error } from '@tier0/core';
import { createFileAuditLog, createLocalForge, createMirror, createProposalWriter } from '@tier0/gitops';
import { takeBackLoans } from '../operations/take-back-loans.ts';
import { AUTHOR } from '../play/play-scenario.ts';
import { PROGRAM } from '../program-name.ts';
import { gateSigner } from '../world/gate-key.ts';
import { stateFolder } from '../world/state-folder.ts';
import { type Command, parseOptions, refuseArguments } from './command.ts';

/** `tier0 expire`: opens the pull requests that take loans back. Meant for a schedule; running it again changes nothing. */
export const expire: Command = {
  name: 'expire',
  usage: `Usage: ${PROGRAM} expire [--out DIR] [--at TIME]

For every incident of a run (DIR, default: out; "${PROGRAM} run" keeps its own in out/run) whose change was temporary and merged and whose time is over, opens a pull request that takes
it back, unless its follow-up was closed as fixed. Run it from a schedule; a second run finds its own work.

  --at TIME   the moment to judge by, ISO 8601   (now)`,
  async run(args, environment) {
    const { values, positionals } = parseOptions('expire', args, { out: { type: 'string', default: 'out' }, at: { type: 'string' } });
    refuseArguments('expire', positionals);
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
    const signer = await gateSigner(folder);
    const at = (repository: string) => {
      const authorization = environment.variables.TIER0_GIT_AUTHORIZATION;
      const mirror = createMirror({ url: repository, directory: folder.mirror, authorization });
      const forge = createLocalForge({ mirror, signer });
      return { forge, writer: createProposalWriter({ mirror, forge }) };
    };
    for (const { incident, result } of await takeBackLoans({ record, tracker, audit, at, author: AUTHOR }, context)) {
      const what = isProposed(result) ? `pull request #${result.pullRequest.number}: ${result.pullRequest.title}` : result.reason;
      environment.terminal.write(`${incident}  ${result.status}  ${what}\n`);
    }
    return 0;
  },
};
