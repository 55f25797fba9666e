import { z } from 'zod';
import { type AnyTool, defineTool } from '../loop/guard/tool.ts';
import { isItem, itemOf, linesAnswer, mayReadAll } from './answer.ts';
import type { OperationsWorld } from './operations-world.ts';

/** One item: its columns, its health, what it is related to. */
export function showItemTool(world: OperationsWorld): AnyTool {
  return defineTool({
    name: 'show_item',
    description: 'Shows one item: facts, health, relations.',
    input: z.strictObject({ item: z.string().max(500) }),
    risk: 'read',
    run: async ({ item: id }) => {
      const reader = world.reader();
      const item = itemOf(world, reader, id);
      if (!isItem(item)) return item;
      const health = reader.health(id);
      const related = (['out', 'in'] as const).flatMap((direction) => reader.relations(id, direction));
      const seen = related.filter(({ from, to }) => mayReadAll(world, [from, to]));
      const reasons = mayReadAll(world, health.path) ? health.reasons : [];
      return linesAnswer(
        reader,
        [
          `${item.kind} ${item.name} in ${item.scope}, observed ${item.observedAt}`,
          ...Object.entries(item.columns).map(([name, value]) => `${name}: ${String(value).slice(0, 300)}`),
          `health: ${health.state}${reasons.length > 0 ? ` (${reasons.slice(0, 5).join('; ')})` : ''}`,
          ...seen.slice(0, 30).map(({ from, type, to }) => `${from} ${type} ${to}`),
        ],
        [id, ...seen.flatMap(({ from, to }) => [from, to])],
      );
    },
  });
}
