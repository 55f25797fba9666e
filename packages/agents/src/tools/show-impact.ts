import { z } from 'zod';
import { type AnyTool, defineTool } from '../loop/guard/tool.ts';
import { isItem, itemOf, linesAnswer, mayReadAll } from './answer.ts';
import type { OperationsWorld } from './operations-world.ts';

/** What a failure of an item reaches, or what can harm it. */
export function showImpactTool(world: OperationsWorld): AnyTool {
  return defineTool({
    name: 'show_impact',
    description: 'Lists what a failure of an item reaches (downstream), or what can harm it (upstream), nearest first.',
    input: z.strictObject({ item: z.string().max(500), direction: z.enum(['downstream', 'upstream']).default('downstream') }),
    risk: 'read',
    run: async ({ item: id, direction }) => {
      const reader = world.reader();
      const item = itemOf(world, reader, id);
      if (!isItem(item)) return item;
      const { items, truncated } = reader.impact(id, { direction, limit: 500 });
      const seen = items.filter(({ path }) => mayReadAll(world, path));
      const lines = seen.map(({ item: reached, distance, via }) => `${distance} ${reached} by ${via.at(-1) ?? ''}`);
      return linesAnswer(
        reader,
        truncated ? [...lines, 'the walk stopped at its bound: there is more'] : lines,
        seen.map((one) => one.item),
      );
    },
  });
}
