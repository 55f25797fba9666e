import { formatItemId, Tier0Error } from '@tier0/core';
import { askGraph } from '../operations/ask-graph.ts';
import { PROGRAM } from '../program-name.ts';
import type { Command } from './command.ts';
import { createAnswer, formatInstant } from './graph-answer.ts';
import { GRAPH_USAGE, readGraphQuestion } from './graph-question.ts';

/** `tier0 diff [SCOPE] --from T1 --to T2`. */
export const diff: Command = {
  name: 'diff',
  usage: `Usage: ${PROGRAM} diff [SCOPE] --from TIME [--to TIME] --store FILE [options]

Lists items and relations that came (+), went (-) or changed (~) between two moments, within a scope such as production/shop.

  --from TIME          the earlier moment: an instant, or 30m, 24h, 7d ago
  --to TIME            the later moment                                    (the newest)

${GRAPH_USAGE}

Example: ${PROGRAM} diff production/shop --from 24h --store out/cmdb.db`,
  async run(args, environment) {
    const further = { from: { type: 'string' }, to: { type: 'string' } } as const;
    const question = await readGraphQuestion('diff', args, { environment, further });
    const { isJson, positionals } = question;
    const from = question.value('from');
    if (from === undefined) {
      throw new Tier0Error({
        code: 'INVALID_INPUT',
        message: 'Since when?',
        hint: 'Name --from, e.g. --from 24h or --from 2026-11-22T02:00:00Z.',
      });
    }
    const to = question.value('to') ?? question.value('at');
    const [scope] = positionals;
    const asked = askGraph(question, 'diff', { from, to, scope });
    const { diff: found } = asked;
    const size =
      found.added.length + found.removed.length + found.changed.length + found.relations.added.length + found.relations.removed.length;
    if (isJson) {
      environment.terminal.write(`${JSON.stringify({ from: asked.from, to: asked.to, ...(scope ? { scope } : {}), ...found })}\n`);
      return size > 0 ? 0 : 1;
    }
    const answer = createAnswer(environment.terminal);
    const counts = `${found.added.length} came, ${found.removed.length} went, ${found.changed.length} changed`;
    answer.heading(`${scope ?? 'everything'}: ${counts}, from ${formatInstant(asked.from)} to ${formatInstant(asked.to)} UTC`);
    const marked = (mark: string, ids: readonly string[]) => ids.map((id) => [mark, formatItemId(id)]);
    answer.rows([...marked('+', found.added), ...marked('-', found.removed), ...marked('~', found.changed)]);
    const related = [
      ...found.relations.added.map((relation) => ['+', relation] as const),
      ...found.relations.removed.map((relation) => ['-', relation] as const),
    ];
    if (related.length > 0) answer.heading('relations');
    answer.rows(related.map(([mark, relation]) => [mark, `${formatItemId(relation.from)} ${relation.type} ${formatItemId(relation.to)}`]));
    return size > 0 ? 0 : 1;
  },
};
