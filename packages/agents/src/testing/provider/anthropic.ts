import { type ModelFailureKind, readField } from '@tier0/core';
import { z } from 'zod';
import type { AnsweredTurn, Pieces, ProviderWire, WireEvent } from './provider-wire.ts';

const Cache = { cache_control: z.strictObject({ type: z.literal('ephemeral') }).optional() };
const Schema = z.record(z.string(), z.unknown());
const TextSchema = z.strictObject({ type: z.literal('text'), text: z.string().min(1), ...Cache });
const UserBlockSchema = z.discriminatedUnion('type', [
  TextSchema,
  z.strictObject({
    type: z.literal('tool_result'),
    tool_use_id: z.string(),
    content: z.string(),
    is_error: z.boolean().optional(),
    ...Cache,
  }),
]);
const AssistantBlockSchema = z.discriminatedUnion('type', [
  TextSchema,
  z.strictObject({ type: z.literal('thinking'), thinking: z.string(), signature: z.string().min(1) }),
  z.strictObject({ type: z.literal('redacted_thinking'), data: z.string() }),
  z.strictObject({ type: z.literal('tool_use'), id: z.string(), name: z.string(), input: Schema }),
]);
const MessageSchema = z.discriminatedUnion('role', [
  z.strictObject({ role: z.literal('user'), content: z.array(UserBlockSchema).min(1) }),
  z.strictObject({ role: z.literal('assistant'), content: z.array(AssistantBlockSchema).min(1) }),
]);
const RequestSchema = z.strictObject({
  model: z.string().min(1),
  max_tokens: z.number().int().positive(),
  stream: z.literal(true),
  system: z.array(TextSchema).optional(),
  messages: z.array(MessageSchema).min(1),
  tools: z.array(z.strictObject({ name: z.string(), description: z.string(), input_schema: Schema, ...Cache })).optional(),
  tool_choice: z.strictObject({ type: z.enum(['auto', 'none', 'any']) }).optional(),
  thinking: z.strictObject({ type: z.literal('adaptive') }).optional(),
  output_config: z
    .strictObject({
      effort: z.enum(['low', 'medium', 'high']).optional(),
      format: z.strictObject({ type: z.literal('json_schema'), schema: Schema }).optional(),
    })
    .optional(),
});

type Message = z.infer<typeof MessageSchema>;

/** Anthropic Messages. */
export const anthropicProvider: ProviderWire = {
  name: 'anthropic',
  path: /^\/v1\/messages$/,
  keyHeader: 'authorization',
  request: RequestSchema,
  signatures: (body) => blocksIn(body).flatMap((block) => (block.type === 'thinking' ? [block.signature] : [])),
  problem: problemWith,
  answer: answerMessages,
  errorEvent: () => typed({ type: 'error', error: { type: 'overloaded_error', message: 'busy' } }),
  refusal: ({ refuse, retryAfterS }) => {
    const [status, type, message] = REFUSALS[refuse] ?? [500, 'api_error', 'broken'];
    const headers: Readonly<Record<string, string>> = retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) };
    return { status, headers, body: { type: 'error', error: { type, message } } };
  },
};

const REFUSALS: Readonly<Partial<Record<ModelFailureKind, readonly [number, string, string]>>> = {
  'rate-limit': [429, 'rate_limit_error', 'slow down'],
  quota: [400, 'invalid_request_error', 'Your credit balance is too low to access the API.'],
  overloaded: [529, 'overloaded_error', 'busy'],
  permission: [401, 'authentication_error', 'bad key'],
  'not-found': [404, 'not_found_error', 'model: m'],
  'context-overflow': [400, 'invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum'],
  'invalid-request': [400, 'invalid_request_error', 'max_tokens: too large'],
};

function messagesIn(body: unknown): readonly Message[] {
  return readField(body, ['messages']) as readonly Message[];
}

function blocksIn(body: unknown) {
  return messagesIn(body).flatMap((message) => message.content as readonly z.infer<typeof AssistantBlockSchema | typeof UserBlockSchema>[]);
}

/** Roles alternate, the results of all calls stand in the next message, and at most four breakpoints are set. */
function problemWith(body: unknown): string | undefined {
  const messages = messagesIn(body);
  if (messages.some((message, index) => message.role !== (index % 2 === 0 ? 'user' : 'assistant'))) return 'roles must alternate';
  for (const [index, message] of messages.entries()) {
    if (message.role !== 'assistant') continue;
    const asked = message.content.flatMap((block) => (block.type === 'tool_use' ? [block.id] : []));
    const next = messages[index + 1]?.content ?? [];
    const answered = next.flatMap((block) => (block.type === 'tool_result' ? [block.tool_use_id] : []));
    if (JSON.stringify(asked) !== JSON.stringify(answered)) return 'tool_use without tool_result in the next message';
  }
  const breakpoints = (JSON.stringify(body).match(/"cache_control"/g) ?? []).length;
  return breakpoints > 4 ? 'more than four cache breakpoints' : undefined;
}

function typed(data: { readonly type: string } & Readonly<Record<string, unknown>>): WireEvent {
  return { event: data.type, data };
}

const FINISH = { stop: 'end_turn', length: 'max_tokens', 'tool-calls': 'tool_use', refusal: 'refusal', pause: 'pause_turn' } as const;

function answerMessages(turn: AnsweredTurn, pieces: Pieces): readonly WireEvent[] {
  const { usage } = turn;
  const input = usage && {
    input_tokens: usage.inputTokens - usage.cachedTokens,
    cache_read_input_tokens: usage.cachedTokens,
    cache_creation_input_tokens: 0,
    output_tokens: 1,
  };
  const message = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'm',
    content: [],
    stop_reason: null,
    ...(input ? { usage: input } : {}),
  };
  const events: WireEvent[] = [typed({ type: 'message_start', message }), typed({ type: 'ping' })];
  for (const [index, part] of turn.parts.entries()) events.push(...blockEvents(turn, part, index, pieces));
  if (turn.instead) return events;
  const counts = usage && { output_tokens: usage.outputTokens, output_tokens_details: { thinking_tokens: usage.reasoningTokens } };
  const delta = {
    type: 'message_delta',
    delta: { stop_reason: FINISH[turn.finish], stop_sequence: null },
    ...(counts ? { usage: counts } : {}),
  };
  return [...events, typed(delta), typed({ type: 'message_stop' })];
}

function blockEvents(turn: AnsweredTurn, part: AnsweredTurn['parts'][number], index: number, pieces: Pieces): readonly WireEvent[] {
  const delta = (body: unknown) => typed({ type: 'content_block_delta', index, delta: body });
  const start = (block: unknown) => typed({ type: 'content_block_start', index, content_block: block });
  const stop = turn.instead ? [] : [typed({ type: 'content_block_stop', index })];
  if (part.type === 'text') {
    return [start({ type: 'text', text: '' }), ...pieces(part.text).map((text) => delta({ type: 'text_delta', text })), ...stop];
  }
  if (part.type === 'reasoning') {
    const words = pieces(part.text).map((thinking) => delta({ type: 'thinking_delta', thinking }));
    return [
      start({ type: 'thinking', thinking: '', signature: '' }),
      ...words,
      delta({ type: 'signature_delta', signature: part.signature }),
      ...stop,
    ];
  }
  const cut = turn.lastCallCut && part === turn.parts.at(-1);
  const input = pieces(JSON.stringify(part.arguments).slice(0, cut ? 12 : undefined));
  const block = { type: 'tool_use', id: part.id, name: part.name, input: {} };
  return [start(block), ...input.map((partial_json) => delta({ type: 'input_json_delta', partial_json })), ...stop];
}
