import { z } from 'zod';
import { type AnyTool, defineTool } from '../loop/guard/tool.ts';
import { linesAnswer, mayReadAll, wrong } from './answer.ts';
import type { OperationsWorld } from './operations-world.ts';

/** Items that match a query. */
export function findItemsTool(world: OperationsWorld): AnyTool {
  return defineTool({
    name: 'find_items',
    description: 'Finds items by a query whose parts must all hold: `kind:Pod name:web label:app=shop`. Gives ids.',
    input: z.strictObject({ query: z.string().max(500) }),
    risk: 'read',
    run: async ({ query }) => {
      const reader = world.reader();
      try {
        const items = reader.query(query).filter(({ id }) => mayReadAll(world, [id]));
        return linesAnswer(
          reader,
          items.map(({ id }) => id),
          items.map(({ id }) => id),
        );
      } catch {
        return wrong('The query cannot be read. Parts are key:value, e.g. kind:Deployment name:web label:app=shop.');
      }
    },
  });
}
