import { z } from 'zod';
import { type AnyTool, defineTool } from '../loop/guard/tool.ts';
import { isItem, itemOf } from './answer.ts';
import type { OperationsWorld } from './operations-world.ts';

/** The only tool with an effect: it ends in a ChangeProposal, which the gate and people still judge. */
export function proposeChangeTool(world: OperationsWorld): AnyTool {
  const propose = world.propose as NonNullable<OperationsWorld['propose']>;
  const input = z.strictObject({
    item: z.string().max(500),
    fieldPath: z.string().max(500).describe('e.g. spec.replicas'),
    value: z.string().max(4_000).describe('JSON text of the wanted value.'),
    why: z.string().max(1_000),
  });
  return defineTool({
    name: 'propose_change',
    description: 'Proposes to change one field of one item. People decide; nothing is changed by this.',
    input,
    risk: 'write',
    target: ({ item }) => item,
    run: async (wish, context) => {
      const item = itemOf(world, world.reader(), wish.item);
      if (!isItem(item)) return item;
      return { text: await propose(wish, context.idempotencyKey, context), cites: [wish.item] };
    },
    // Asked again with the same key, the writer finds its own proposal.
    recover: async (wish, context) => ({ text: await propose(wish, context.idempotencyKey, context), cites: [wish.item] }),
  });
}
