import { formatItemId } from '@tier0/core';
import { askGraph } from '../operations/ask-graph.ts';
import { PROGRAM } from '../program-name.ts';
import type { Command } from './command.ts';
import { createAnswer, formatConfidence, formatInstant, formatPath } from './graph-answer.ts';
import { GRAPH_USAGE, itemAsked, readGraphQuestion } from './graph-question.ts';

/** `tier0 owner ITEM`. */
export const owner: Command = {
  name: 'owner',
  usage: `Usage: ${PROGRAM} owner ITEM [options]

Names the team that answers for the item, with the path that led to it.

${GRAPH_USAGE}

Example: ${PROGRAM} owner "Deployment default/web" --snapshot manifests --catalog catalog-info.yaml`,
  async run(args, environment) {
    const question = await readGraphQuestion('owner', args, { environment });
    const { at, item: id, owner: found, isKnown } = askGraph(question, 'owner', itemAsked(question, 'owner'));
    if (question.isJson) {
      environment.terminal.write(`${JSON.stringify({ at, item: id, owner: found ?? null })}\n`);
      return found ? 0 : 1;
    }
    const answer = createAnswer(environment.terminal);
    if (found && !isKnown) {
      answer.heading(
        `${formatItemId(found.team)} is named as the owner of ${formatItemId(id)}, and no catalog that was read has such a team.`,
      );
      answer.rows([[formatPath(found.path)]]);
      answer.note('Mend the reference in the catalog: spec.owner names a Group or a User, as group:default/NAME.');
    } else if (found) {
      answer.heading(`${formatItemId(found.team)} owns ${formatItemId(id)} (${formatConfidence(found.confidence)})`);
      answer.rows([[formatPath(found.path)]]);
    } else {
      answer.heading(`Nobody is known to own ${formatItemId(id)}.`);
      answer.note('Neither its relations nor its namespace, repository or cluster lead to a team. Is a catalog read (--catalog)?');
    }
    answer.note(`as of ${formatInstant(at)} UTC`);
    return found ? 0 : 1;
  },
};
