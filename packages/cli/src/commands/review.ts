import { Tier0Error } from '@tier0/core';
import { createLocalForge, createLocalForgeDesk, createMirror } from '@tier0/gitops';
import { catalogFromRepository } from '../world/catalog-from-repository.ts';
import { composeCatalog } from '../world/compose-loop.ts';
import { BASE_BRANCH, PROTECTION } from '../world/scenario-world.ts';
import { stateFolder } from '../world/state-folder.ts';
import { teamMembers } from '../world/team-members.ts';
import { type Command, parseOptions } from './command.ts';

/** `tier0 review`: the people's side of pull requests that are kept in the repository itself. */
export const review: Command = {
  name: 'review',
  summary: 'list, approve or close pull requests of the local forge',
  usage: `Usage: pnpm tier0 review [NUMBER --approve | NUMBER --close REASON] --as ACCOUNT [options]

Pull requests of the local forge live on refs of the repository; this is where people decide on them. Without a number it lists the open
ones. The forge's rules hold: code owners approve, nobody approves their own, and the last approval merges. It does not check who you are:
whoever may push to the repository can review in it.

  --repository URL   the repository          (what "npm start" left in out)
  --branch NAME      the protected branch    (main)
  --as ACCOUNT       who reviews
  --approve          approve pull request NUMBER
  --close REASON     close it without merging
  --out DIR          where the mirror is kept (out)`,
  async run(args, environment) {
    const { values, positionals } = parseOptions('review', args, {
      repository: { type: 'string' },
      branch: { type: 'string', default: BASE_BRANCH },
      as: { type: 'string' },
      approve: { type: 'boolean', default: false },
      close: { type: 'string' },
      out: { type: 'string', default: 'out' },
    });
    const folder = stateFolder(values.out);
    const context = { signal: environment.signal, now: () => Date.now() };
    const mirror = createMirror({
      url: values.repository ?? folder.repository,
      directory: `${folder.mirror}.review`,
      authorization: environment.variables.TIER0_GIT_AUTHORIZATION,
    });
    const catalog = await catalogFromRepository(mirror, values.branch, folder.state, context);
    const members = catalog ? teamMembers(await composeCatalog(catalog, context)) : {};
    const shared = { mirror, members, protection: PROTECTION };
    const [number] = positionals;
    if (number === undefined) {
      const open = await createLocalForge(shared).find({ status: 'open' }, context);
      for (const one of open) environment.terminal.write(`#${one.number}  ${one.title}\n`);
      if (open.length === 0) environment.terminal.write('no pull request is open\n');
      return 0;
    }
    if (!values.as || (values.close === undefined) === !values.approve) {
      throw new Tier0Error({
        code: 'INVALID_INPUT',
        message: 'Who decides, and what?',
        hint: 'Run "pnpm tier0 review 1 --approve --as ann".',
      });
    }
    const desk = createLocalForgeDesk(shared);
    if (values.close !== undefined) {
      await desk.closeByHuman(Number(number), values.as, values.close, context);
      environment.terminal.write(`#${number} is closed\n`);
      return 0;
    }
    const settled = await desk.submitReview(
      { number: Number(number), reviewer: values.as, state: 'approved', body: 'Approved on the command line.' },
      context,
    );
    const missing = settled.status === 'waiting' ? `: ${settled.reasons.join('; ')}` : '';
    environment.terminal.write(`#${number} is ${settled.status}${missing}\n`);
    return settled.status === 'merged' ? 0 : 1;
  },
};
