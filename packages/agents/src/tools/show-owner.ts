import { z } from 'zod';
import { type AnyTool, defineTool } from '../loop/guard/tool.ts';
import { isItem, itemOf, linesAnswer, mayReadAll } from './answer.ts';
import type { OperationsWorld } from './operations-world.ts';

/** The team that answers for an item. */
export function showOwnerTool(world: OperationsWorld): AnyTool {
  return defineTool({
    name: 'show_owner',
    description: 'Says which team answers for an item, and how that was found out.',
    input: z.strictObject({ item: z.string().max(500) }),
    risk: 'read',
    run: async ({ item: id }) => {
      const reader = world.reader();
      const item = itemOf(world, reader, id);
      if (!isItem(item)) return item;
      const owner = reader.owner(id);
      if (!owner || !mayReadAll(world, owner.path)) return linesAnswer(reader, ['no owner is known']);
      return linesAnswer(reader, [`${owner.team}, confidence ${owner.confidence.toFixed(2)}, by ${owner.path.join(' > ')}`], owner.path);
    },
  });
}
