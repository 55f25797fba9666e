import { z } from 'zod';
import { type AnyTool, defineTool } from '../loop/guard/tool.ts';
import { isItem, itemOf, linesAnswer, wrong } from './answer.ts';
import type { OperationsWorld } from './operations-world.ts';

/** One item as it was at another moment. */
export function showItemAsOfTool(world: OperationsWorld): AnyTool {
  return defineTool({
    name: 'show_item_as_of',
    description: 'Shows the facts of one item as they were at another moment.',
    input: z.strictObject({ item: z.string().max(500), at: z.iso.datetime().describe('ISO 8601, UTC') }),
    risk: 'read',
    run: async ({ item: id, at }) => {
      try {
        const reader = world.reader().asOf(at);
        const item = itemOf(world, reader, id);
        if (!isItem(item)) return item;
        return linesAnswer(
          reader,
          Object.entries(item.columns).map(([name, value]) => `${name}: ${String(value).slice(0, 300)}`),
          [id],
        );
      } catch {
        return wrong('That moment cannot be looked at.');
      }
    },
  });
}
