import { formatItemId } from '@tier0/core';
import { askGraph } from '../operations/ask-graph.ts';
import { PROGRAM } from '../program-name.ts';
import type { Command } from './command.ts';
import { createAnswer, formatInstant } from './graph-answer.ts';
import { countOf, GRAPH_USAGE, itemAsked, readGraphQuestion } from './graph-question.ts';

/** `tier0 impact ITEM`. */
export const impact: Command = {
  name: 'impact',
  usage: `Usage: ${PROGRAM} impact ITEM [options]

Lists what a failure of the item can reach, nearest first, with the relations it travels along.

  --upstream           the other way: what can harm the item
  --hops N             relations walked at most                            (16)

${GRAPH_USAGE}

Example: ${PROGRAM} impact "Deployment default/web" --snapshot manifests`,
  async run(args, environment) {
    const further = { upstream: { type: 'boolean' }, hops: { type: 'string' } } as const;
    const question = await readGraphQuestion('impact', args, { environment, further });
    const isUpstream = question.value('upstream') === 'true';
    const hops = countOf(question, 'hops', 'impact');
    const asked = { ...itemAsked(question, 'impact'), direction: isUpstream ? 'upstream' : 'downstream', hops } as const;
    const { at, item: id, impact: found } = askGraph(question, 'impact', asked);
    if (question.isJson) {
      environment.terminal.write(`${JSON.stringify({ at, ...found })}\n`);
      return 0;
    }
    const answer = createAnswer(environment.terminal);
    const count = `${found.items.length}${found.truncated ? ' or more' : ''} ${found.items.length === 1 ? 'item' : 'items'}`;
    answer.heading(`${formatItemId(id)}: ${isUpstream ? `${count} can harm it` : `its failure reaches ${count}`}`);
    answer.rows(
      found.items.map(({ item, distance, via, path }) => [
        String(distance),
        formatItemId(item),
        `${via.at(-1) ?? ''}${path.length > 2 ? `, through ${formatItemId(path.at(-2) ?? '')}` : ''}`,
      ]),
    );
    answer.note(`as of ${formatInstant(at)} UTC`);
    return 0;
  },
};
