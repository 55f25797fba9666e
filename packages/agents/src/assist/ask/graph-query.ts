import { z } from 'zod';

/** Which items are meant: by id, or by kind, name and namespace. */
const Which = z.strictObject({
  kind: z.string().max(100).optional(),
  name: z.string().max(253).optional(),
  namespace: z.string().max(253).optional(),
  label: z.string().max(200).optional().describe('key=value'),
});

/** A question to the graph, typed. What it means is fixed here and not by whoever asks. */
export type GraphQuery = z.infer<typeof GraphQuerySchema>;

export const GraphQuerySchema = z.discriminatedUnion('ask', [
  z.strictObject({ ask: z.literal('list'), items: Which }),
  z.strictObject({ ask: z.literal('count'), items: Which }),
  z.strictObject({ ask: z.literal('owner'), items: Which }),
  z.strictObject({
    ask: z.literal('impact'),
    items: Which,
    direction: z.enum(['downstream', 'upstream']),
    kind: z.string().max(100).optional(),
  }),
  z.strictObject({
    ask: z.literal('changes'),
    items: Which,
    hours: z
      .number()
      .positive()
      .max(24 * 365),
  }),
  z.strictObject({ ask: z.literal('column'), items: Which, column: z.string().max(100) }),
  z.strictObject({ ask: z.literal('unclear'), why: z.string().max(300) }),
]);
