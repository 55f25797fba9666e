import { formatDuration, formatItemId, type NearbyChange, Tier0Error } from '@tier0/core';
import { PROGRAM } from '../program-name.ts';
import type { Command } from './command.ts';
import { createAnswer, formatInstant } from './graph-answer.ts';
import { askGraph, durationOf, GRAPH_USAGE, itemOf } from './graph-question.ts';

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
    const question = await askGraph('changes', args, { environment, further: { window: { type: 'string' }, hops: { type: 'string' } } });
    const windowMs = durationOf(question.value('window') ?? '24h');
    const hops = Number(question.value('hops') ?? 3);
    if (windowMs === undefined || !Number.isInteger(hops) || hops < 0) {
      throw new Tier0Error({
        code: 'INVALID_INPUT',
        message: 'The window or the number of hops cannot be read.',
        hint: 'Write e.g. --window 24h --hops 3.',
      });
    }
    const id = itemOf(question, 'changes');
    const { reader, isJson } = question;
    const found = reader.whatChanged(id, { windowMs, hops });
    if (isJson) {
      environment.terminal.write(`${JSON.stringify({ at: reader.at, item: id, changes: found })}\n`);
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
    const [older] = found.length > 0 ? [] : newestFirst(reader.whatChanged(id, { windowMs: Number.POSITIVE_INFINITY, hops }));
    if (older)
      answer.note(
        `The newest one before that: ${formatInstant(older.change.at)} ${formatItemId(older.change.item)}, ${older.change.summary}`,
      );
    answer.note(`as of ${formatInstant(reader.at)} UTC`);
    return found.length > 0 ? 0 : 1;
  },
};

function newestFirst(found: readonly NearbyChange[]): readonly NearbyChange[] {
  return [...found].sort((a, b) => (a.change.at < b.change.at ? 1 : -1));
}
