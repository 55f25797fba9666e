import { formatItemId } from '@tier0/core';
import { PROGRAM } from '../program-name.ts';
import type { Command } from './command.ts';
import { createAnswer, formatInstant } from './graph-answer.ts';
import { askGraph, countOf, GRAPH_USAGE, itemOf } from './graph-question.ts';

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
    const question = await askGraph('impact', args, { environment, further: { upstream: { type: 'boolean' }, hops: { type: 'string' } } });
    const id = itemOf(question, 'impact');
    const isUpstream = question.value('upstream') === 'true';
    const hops = countOf(question, 'hops', 'impact');
    const { reader, isJson } = question;
    const found = reader.impact(id, {
      direction: isUpstream ? 'upstream' : 'downstream',
      ...(hops === undefined ? {} : { hops }),
    });
    if (isJson) {
      environment.terminal.write(`${JSON.stringify({ at: reader.at, ...found })}\n`);
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
    answer.note(`as of ${formatInstant(reader.at)} UTC`);
    return 0;
  },
};
