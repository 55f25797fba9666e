import { readField } from '@tier0/core';
import { z } from 'zod';
import { REFUSALS, refusalOf } from './openai-refusal.ts';
import type { AnsweredTurn, Pieces, ProviderWire, WireEvent } from './provider-wire.ts';

const Schema = z.record(z.string(), z.unknown());
const TextSchema = z.strictObject({ type: z.literal('output_text'), text: z.string(), annotations: z.array(z.never()).optional() });
const RefusalSchema = z.strictObject({ type: z.literal('refusal'), refusal: z.string() });
const ItemSchema = z.union([
  z.union([
    z.strictObject({
      type: z.literal('message'),
      role: z.enum(['user', 'developer']),
      content: z.array(z.strictObject({ type: z.literal('input_text'), text: z.string() })).min(1),
    }),
    z.strictObject({
      type: z.literal('message'),
      role: z.literal('assistant'),
      id: z.string().optional(),
      status: z.literal('completed').optional(),
      content: z.array(z.union([TextSchema, RefusalSchema])).min(1),
    }),
  ]),
  z.strictObject({
    type: z.literal('reasoning'),
    id: z.string(),
    summary: z.array(z.strictObject({ type: z.literal('summary_text'), text: z.string() })),
    encrypted_content: z.string(),
  }),
  z.strictObject({
    type: z.literal('function_call'),
    id: z.string().optional(),
    call_id: z.string().min(1),
    name: z.string().min(1),
    arguments: z.string(),
    status: z.literal('completed').optional(),
  }),
  z.strictObject({ type: z.literal('function_call_output'), call_id: z.string().min(1), output: z.string() }),
]);
const RequestSchema = z.strictObject({
  model: z.string().min(1),
  instructions: z.string().optional(),
  prompt_cache_key: z.string().max(64).optional(),
  input: z.array(ItemSchema).min(1),
  max_output_tokens: z.number().int().positive(),
  stream: z.literal(true),
  store: z.literal(false),
  include: z.tuple([z.literal('reasoning.encrypted_content')]),
  tools: z
    .array(
      z.strictObject({ type: z.literal('function'), name: z.string(), description: z.string(), parameters: Schema, strict: z.boolean() }),
    )
    .min(1)
    .optional(),
  tool_choice: z.enum(['auto', 'none', 'required']).optional(),
  text: z
    .strictObject({ format: z.strictObject({ type: z.literal('json_schema'), name: z.string(), strict: z.literal(true), schema: Schema }) })
    .optional(),
  reasoning: z.strictObject({ effort: z.enum(['low', 'medium', 'high']), summary: z.literal('auto') }).optional(),
});

/** OpenAI Responses. */
export const openAiResponsesProvider: ProviderWire = {
  name: 'openai-responses',
  path: /^\/v1\/responses$/,
  keyHeader: 'authorization',
  request: RequestSchema,
  signatures: (body) => itemsIn(body).flatMap((item) => (item.type === 'reasoning' ? [String(item.encrypted_content)] : [])),
  problem: (body) => {
    const asked = itemsIn(body).flatMap((item) => (item.type === 'function_call' ? [item.call_id] : []));
    const answered = itemsIn(body).flatMap((item) => (item.type === 'function_call_output' ? [item.call_id] : []));
    return JSON.stringify(asked) === JSON.stringify(answered) ? undefined : 'every call needs its output, in order';
  },
  answer: answerResponses,
  errorEvent: () => failed({ code: 'server_error', message: 'busy' }),
  refusal: (turn) => refusalOf(turn, REFUSALS),
};

function itemsIn(body: unknown): readonly Readonly<Record<string, unknown>>[] {
  return readField(body, ['input']) as readonly Readonly<Record<string, unknown>>[];
}

function failed(error: unknown): WireEvent {
  return typed({ type: 'response.failed', response: { id: 'resp_1', status: 'failed', error, output: [] } });
}

function typed(data: { readonly type: string } & Readonly<Record<string, unknown>>): WireEvent {
  return { event: data.type, data };
}

function answerResponses(turn: AnsweredTurn, pieces: Pieces): readonly WireEvent[] {
  const events: WireEvent[] = [typed({ type: 'response.created', response: { id: 'resp_1', status: 'in_progress', output: [] } })];
  const output: unknown[] = [];
  for (const [place, part] of turn.parts.entries()) {
    const at = { output_index: place, item_id: `item_${place}` };
    if (part.type === 'text' && turn.finish === 'refusal') {
      events.push(...pieces(part.text).map((delta) => typed({ type: 'response.refusal.delta', ...at, content_index: 0, delta })));
      output.push({
        type: 'message',
        role: 'assistant',
        id: at.item_id,
        status: 'completed',
        content: [{ type: 'refusal', refusal: part.text }],
      });
    } else if (part.type === 'text') {
      events.push(
        ...pieces(part.text).map((delta) => typed({ type: 'response.output_text.delta', ...at, content_index: 0, delta, logprobs: [] })),
      );
      output.push({
        type: 'message',
        role: 'assistant',
        id: at.item_id,
        status: 'completed',
        content: [{ type: 'output_text', text: part.text, annotations: [] }],
      });
    } else if (part.type === 'reasoning') {
      events.push(
        ...pieces(part.text).map((delta) => typed({ type: 'response.reasoning_summary_text.delta', ...at, summary_index: 0, delta })),
      );
      output.push({
        type: 'reasoning',
        id: at.item_id,
        summary: [{ type: 'summary_text', text: part.text }],
        encrypted_content: part.signature,
      });
    } else {
      const cut = turn.lastCallCut && part === turn.parts.at(-1);
      const input = JSON.stringify(part.arguments).slice(0, cut ? 12 : undefined);
      const call = { type: 'function_call', id: at.item_id, call_id: part.id, name: part.name };
      events.push(typed({ type: 'response.output_item.added', ...at, item: { ...call, arguments: '', status: 'in_progress' } }));
      events.push(...pieces(input).map((delta) => typed({ type: 'response.function_call_arguments.delta', ...at, delta })));
      output.push({ ...call, arguments: input, status: cut ? 'incomplete' : 'completed' });
    }
    if (!turn.instead) events.push(typed({ type: 'response.output_item.done', ...at, item: output.at(-1) }));
  }
  return turn.instead ? events : [...events, finished(turn, output)];
}

function finished({ finish, usage }: AnsweredTurn, output: readonly unknown[]): WireEvent {
  const counts = usage && {
    input_tokens: usage.inputTokens,
    input_tokens_details: { cached_tokens: usage.cachedTokens },
    output_tokens: usage.outputTokens,
    output_tokens_details: { reasoning_tokens: usage.reasoningTokens },
    total_tokens: usage.inputTokens + usage.outputTokens,
  };
  const isCut = finish === 'length';
  const status = isCut ? 'incomplete' : 'completed';
  const details = isCut ? { reason: 'max_output_tokens' } : null;
  return typed({
    type: `response.${status}`,
    response: { id: 'resp_1', status, incomplete_details: details, output, ...(counts ? { usage: counts } : {}) },
  });
}
