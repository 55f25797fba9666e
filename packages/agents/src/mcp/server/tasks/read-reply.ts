import { z } from 'zod';
import type { ToolQuestion, ToolReply } from '../../../loop/guard/tool.ts';

const FIELDS = { string: z.string().max(10_000), boolean: z.boolean(), number: z.number() } as const;

const Said = z.discriminatedUnion('action', [
  z.looseObject({ action: z.literal('accept'), content: z.record(z.string(), z.unknown()) }),
  z.looseObject({ action: z.literal('decline') }),
  z.looseObject({ action: z.literal('cancel') }),
]);

/** Reads what a client says that a person said. Undefined: it is no answer to this question, which stays open. */
export function readReply(said: unknown, { fields }: ToolQuestion): ToolReply | undefined {
  const parsed = Said.safeParse(said);
  if (!parsed.success) return undefined;
  if (parsed.data.action !== 'accept') return { action: parsed.data.action };
  const form = z.object(Object.fromEntries(Object.entries(fields).map(([name, type]) => [name, FIELDS[type]])));
  const content = form.safeParse(parsed.data.content);
  return content.success ? { action: 'accept', content: content.data } : undefined;
}

/** The question as the protocol writes it. */
export function toElicitation({ message, fields }: ToolQuestion) {
  const properties = Object.fromEntries(Object.entries(fields).map(([name, type]) => [name, { type }]));
  return { mode: 'form' as const, message, requestedSchema: { type: 'object' as const, properties, required: Object.keys(fields) } };
}
