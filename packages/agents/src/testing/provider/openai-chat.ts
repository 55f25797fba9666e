import { readField } from '@tier0/core';
import { z } from 'zod';
import { REFUSALS, refusalOf } from './openai-refusal.ts';
import type { AnsweredTurn, Pieces, ProviderWire, WireEvent } from './provider-wire.ts';

const Schema = z.record(z.string(), z.unknown());
const CallSchema = z.strictObject({
  id: z.string().min(1),
  type: z.literal('function'),
  function: z.strictObject({ name: z.string(), arguments: z.string() }),
  extra_content: z.strictObject({ google: z.strictObject({ thought_signature: z.string() }) }).optional(),
});
const MessageSchema = z.discriminatedUnion('role', [
  z.strictObject({ role: z.enum(['system']), content: z.string() }),
  z.strictObject({ role: z.enum(['user']), content: z.string() }),
  z.strictObject({ role: z.literal('assistant'), content: z.string(), tool_calls: z.array(CallSchema).min(1).optional() }),
  z.strictObject({ role: z.literal('tool'), content: z.string(), tool_call_id: z.string().min(1) }),
]);
const RequestSchema = z.strictObject({
  model: z.string().min(1),
  messages: z.array(MessageSchema).min(1),
  max_tokens: z.number().int().positive(),
  stream: z.literal(true),
  stream_options: z.strictObject({ include_usage: z.literal(true) }),
  tools: z
    .array(
      z.strictObject({
        type: z.literal('function'),
        function: z.strictObject({ name: z.string().regex(/^[\w-]{1,64}$/), description: z.string(), parameters: Schema }),
      }),
    )
    .min(1)
    .optional(),
  tool_choice: z.enum(['none', 'required']).optional(),
  response_format: z
    .strictObject({
      type: z.literal('json_schema'),
      json_schema: z.strictObject({ name: z.string().regex(/^[\w-]+$/), strict: z.literal(true), schema: Schema }),
    })
    .optional(),
  reasoning_effort: z.enum(['low', 'medium', 'high']).optional(),
});

const FINISH = { stop: 'stop', length: 'length', 'tool-calls': 'tool_calls', refusal: 'stop', pause: 'stop' } as const;

/** OpenAI Chat Completions. Signatures travel as a gateway to Gemini sends them: beside the call. */
export const openAiChatProvider: ProviderWire = {
  name: 'openai-chat',
  path: /^\/v1\/chat\/completions$/,
  keyHeader: 'authorization',
  request: RequestSchema,
  signatures: (body) => callsIn(body).flatMap((call) => call.extra_content?.google.thought_signature ?? []),
  problem: (body) => {
    const asked = callsIn(body).map((call) => call.id);
    const answered = messagesIn(body).flatMap((message) => (message.role === 'tool' ? [message.tool_call_id] : []));
    return JSON.stringify(asked) === JSON.stringify(answered) ? undefined : 'every call needs its result, in order';
  },
  answer: answerChat,
  errorEvent: () => ({ data: { error: { message: 'busy', type: 'server_error', code: 'server_error' } } }),
  refusal: (turn) => refusalOf(turn, REFUSALS),
  lastLine: 'data: [DONE]\n\n',
};

type Message = z.infer<typeof MessageSchema>;

function messagesIn(body: unknown): readonly Message[] {
  return readField(body, ['messages']) as readonly Message[];
}

function callsIn(body: unknown) {
  return messagesIn(body).flatMap((message) => (message.role === 'assistant' ? (message.tool_calls ?? []) : []));
}

function answerChat(turn: AnsweredTurn, pieces: Pieces): readonly WireEvent[] {
  const events: WireEvent[] = [chunk({ role: 'assistant', content: '' })];
  let signature: string | undefined;
  let index = 0;
  for (const part of turn.parts) {
    if (part.type === 'text') {
      const field = turn.finish === 'refusal' ? 'refusal' : 'content';
      events.push(...pieces(part.text).map((text) => chunk({ [field]: text })));
    } else if (part.type === 'reasoning') {
      signature = part.signature;
      events.push(...pieces(part.text).map((text) => chunk({ reasoning_content: text })));
    } else {
      const cut = turn.lastCallCut && part === turn.parts.at(-1);
      const extra = signature === undefined ? {} : { extra_content: { google: { thought_signature: signature } } };
      const text = JSON.stringify(part.arguments).slice(0, cut ? 12 : undefined);
      const call = { index, id: part.id, type: 'function', ...extra };
      events.push(chunk({ tool_calls: [{ ...call, function: { name: part.name, arguments: '' } }] }));
      events.push(...pieces(text).map((piece) => chunk({ tool_calls: [{ index, function: { arguments: piece } }] })));
      signature = undefined;
      index += 1;
    }
  }
  return turn.instead ? events : [...events, chunk({}, FINISH[turn.finish]), ...usageChunk(turn)];
}

function chunk(delta: unknown, finish: string | null = null): WireEvent {
  return {
    data: {
      id: 'chatcmpl-1',
      object: 'chat.completion.chunk',
      created: 1,
      model: 'm',
      choices: [{ index: 0, delta, finish_reason: finish }],
    },
  };
}

function usageChunk({ usage }: AnsweredTurn): readonly WireEvent[] {
  if (!usage) return [];
  const counts = {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    prompt_tokens_details: { cached_tokens: usage.cachedTokens },
    completion_tokens_details: { reasoning_tokens: usage.reasoningTokens },
  };
  return [{ data: { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [], usage: counts } }];
}
