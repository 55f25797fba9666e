import { formatDuration, formatItemId, Tier0Error } from '@tier0/core';
import { askGraph } from '../operations/ask-graph.ts';
import { durationOf } from '../operations/instant.ts';
import { PROGRAM } from '../program-name.ts';
import type { Command } from './command.ts';
import { createAnswer, formatInstant } from './graph-answer.ts';
import { GRAPH_USAGE, itemAsked, readGraphQuestion } from './graph-question.ts';

/** `tier0 changes ITEM`. */
export const changes: Command = {
  name: 'changes',
  usage: `Usage: ${PROGRAM} changes ITEM [--window 24h] [--hops 3] [options]

Lists changes of the item and of what can harm it, nearest in the graph first, then newest.

  --window TIME        how far back from the asked moment                  (24h)
  --hops N             relations walked from the item                      (3)

${GRAPH_USAGE}

Example: ${PROGRAM} changes "Deployment default/web" --snapshot manifests --window 7d`,
  async run(args, environment) {
    const further = { window: { type: 'string' }, hops: { type: 'string' } } as const;
    const question = await readGraphQuestion('changes', args, { environment, further });
    const windowMs = durationOf(question.value('window') ?? '24h');
    const hops = Number(question.value('hops') ?? 3);
    if (windowMs === undefined || !Number.isInteger(hops) || hops < 0) {
      throw new Tier0Error({
        code: 'INVALID_INPUT',
        message: 'The window or the number of hops cannot be read.',
        hint: 'Write e.g. --window 24h --hops 3.',
      });
    }
    const asked = { ...itemAsked(question, 'changes'), windowMs, hops };
    const { at, item: id, changes: found, older } = askGraph(question, 'changes', asked);
    if (question.isJson) {
      environment.terminal.write(`${JSON.stringify({ at, item: id, changes: found })}\n`);
      return found.length > 0 ? 0 : 1;
    }
    const answer = createAnswer(environment.terminal);
    answer.heading(
      `${formatItemId(id)}: ${found.length} ${found.length === 1 ? 'change' : 'changes'} in ${formatDuration(windowMs)}, up to ${hops} relations away`,
    );
    answer.rows(
      found.map(({ change, distance }) => [
        formatInstant(change.at),
        distance === 0 ? 'itself' : `${distance} away`,
        formatItemId(change.item),
        `${change.summary}${change.actor ? ` (by ${change.actor})` : ''}`,
      ]),
    );
    if (older)
      answer.note(
        `The newest one before that: ${formatInstant(older.change.at)} ${formatItemId(older.change.item)}, ${older.change.summary}`,
      );
    answer.note(`as of ${formatInstant(at)} UTC`);
    return found.length > 0 ? 0 : 1;
  },
};
