import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CallContext, type JsonValue, type LanguageModel, type ModelMessage, type ModelToolCall, toTier0Error } from '@tier0/core';
import { z } from 'zod';
import type { ModelUse } from './tool-under-test.ts';

/** A model behind an address, for programs that speak to an OpenAI-compatible API. */
export interface ModelEndpoint {
  /** Base address, `http://127.0.0.1:PORT/v1`. */
  readonly url: string;
  /** What was asked of it until now. */
  use(): Required<Omit<ModelUse, 'costUsd'>>;
  /** Ends the server and its connections. */
  close(): Promise<void>;
}

const MAX_BYTES = 16 * 1024 * 1024;
const TextSchema = z
  .union([z.string(), z.array(z.object({ type: z.string(), text: z.string().optional() }))])
  .nullish()
  .transform((content) => (typeof content === 'string' ? content : (content ?? []).map(({ text = '' }) => text).join('\n')));
const CallSchema = z.object({ id: z.string(), function: z.object({ name: z.string(), arguments: z.string() }) });
const RequestSchema = z.object({
  model: z.string(),
  stream: z.boolean().nullish(),
  max_tokens: z.number().nullish(),
  max_completion_tokens: z.number().nullish(),
  messages: z
    .array(
      z.discriminatedUnion('role', [
        z.object({ role: z.enum(['system', 'developer']), content: TextSchema }),
        z.object({ role: z.literal('user'), content: TextSchema }),
        z.object({ role: z.literal('assistant'), content: TextSchema, tool_calls: z.array(CallSchema).nullish() }),
        z.object({ role: z.literal('tool'), content: TextSchema, tool_call_id: z.string() }),
      ]),
    )
    .min(1),
  tools: z
    .array(z.object({ function: z.object({ name: z.string(), description: z.string().nullish(), parameters: z.unknown().optional() }) }))
    .nullish(),
});
type ChatRequest = z.infer<typeof RequestSchema>;

/**
 * Puts a model behind an OpenAI-compatible address on this machine, so that a program which brings its own client gets the same model as everybody, and what
 * it sends is counted and looked through. Chat Completions only; what it does not know it refuses with 400.
 */
export async function createModelEndpoint(model: LanguageModel, context: CallContext): Promise<ModelEndpoint> {
  const use = { calls: 0, inputTokens: 0, outputTokens: 0, sent: '' };
  const server = createServer((request, response) => {
    answer(request, { model, use, context }).then(
      ({ status, type, body }) => response.writeHead(status, { 'content-type': type }).end(body),
      (error) => refuse(response, error),
    );
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    use: () => ({ ...use }),
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

interface Behind {
  readonly model: LanguageModel;
  readonly use: { calls: number; inputTokens: number; outputTokens: number; sent: string };
  readonly context: CallContext;
}

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

async function answer(request: IncomingMessage, { model, use, context }: Behind): Promise<Reply> {
  if (request.method === 'GET' && request.url === '/v1/models')
    return json(200, { object: 'list', data: [{ id: model.model, object: 'model' }] });
  if (request.method !== 'POST' || request.url !== '/v1/chat/completions')
    return json(404, failure('There is only /v1/chat/completions here.'));
  const text = await bodyOf(request);
  const parsed = RequestSchema.safeParse(safeJson(text));
  if (!parsed.success) return json(400, failure(`${parsed.error.issues[0]?.path.join('.')}: ${parsed.error.issues[0]?.message}`));
  use.calls += 1;
  use.sent += `${text}\n`;
  const said = await generate(model, parsed.data, context);
  use.inputTokens += said.inputTokens;
  use.outputTokens += said.outputTokens;
  return parsed.data.stream === true ? streamed(said, parsed.data.model) : json(200, completion(said, parsed.data.model));
}

interface Said {
  readonly text: string;
  readonly calls: readonly ModelToolCall[];
  readonly inputTokens: number;
  readonly outputTokens: number;
}

async function generate(model: LanguageModel, request: ChatRequest, context: CallContext): Promise<Said> {
  const tools = (request.tools ?? []).map(({ function: { name, description, parameters } }) => ({
    name,
    description: description ?? '',
    parameters: (parameters ?? { type: 'object' }) as JsonValue,
  }));
  const maxOutputTokens = request.max_completion_tokens ?? request.max_tokens ?? 4_096;
  const said = { text: '', calls: [] as ModelToolCall[], inputTokens: 0, outputTokens: 0 };
  const asked = { messages: messagesOf(request), maxOutputTokens, ...(tools.length > 0 ? { tools } : {}) };
  for await (const event of model.generate(asked, context)) {
    if (event.type === 'error') throw new Error(event.failure.message);
    if (event.type === 'text') said.text += event.text;
    if (event.type === 'tool-call') said.calls.push(event.call);
    if (event.type === 'usage') {
      said.inputTokens += event.usage.inputTokens ?? 0;
      said.outputTokens += event.usage.outputTokens ?? 0;
    }
  }
  return said;
}

function messagesOf({ messages }: ChatRequest): readonly ModelMessage[] {
  const nameOf = new Map(
    messages.flatMap((message) =>
      message.role === 'assistant' ? (message.tool_calls ?? []).map(({ id, function: { name } }) => [id, name] as const) : [],
    ),
  );
  return messages.map((message): ModelMessage => {
    if (message.role === 'tool') {
      const { tool_call_id: callId, content: text } = message;
      return { role: 'tool', results: [{ callId, name: nameOf.get(callId) ?? 'unknown', text }] };
    }
    if (message.role !== 'assistant') return { role: message.role === 'user' ? 'user' : 'system', content: message.content };
    const calls = (message.tool_calls ?? []).map(({ id, function: { name, arguments: text } }) => ({
      type: 'tool-call' as const,
      call: { id, name, arguments: (safeJson(text) ?? {}) as JsonValue },
    }));
    return { role: 'assistant', parts: [...(message.content === '' ? [] : [{ type: 'text' as const, text: message.content }]), ...calls] };
  });
}

function messageOf({ text, calls }: Said) {
  const toolCalls = calls.map(({ id, name, arguments: input }, index) => ({
    index,
    id,
    type: 'function',
    function: { name, arguments: JSON.stringify(input) },
  }));
  return { role: 'assistant', content: text, ...(toolCalls.length > 0 ? { tool_calls: toolCalls } : {}) };
}

function completion(said: Said, model: string) {
  const finish = said.calls.length > 0 ? 'tool_calls' : 'stop';
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 0,
    model,
    choices: [{ index: 0, message: messageOf(said), finish_reason: finish }],
    usage: {
      prompt_tokens: said.inputTokens,
      completion_tokens: said.outputTokens,
      total_tokens: said.inputTokens + said.outputTokens,
    },
  };
}

/** The whole answer as one piece: nobody waits for it here. */
function streamed(said: Said, model: string): Reply {
  const { choices, usage, ...head } = completion(said, model);
  const base = { ...head, object: 'chat.completion.chunk' };
  const pieces = [
    { ...base, choices: [{ index: 0, delta: choices[0]!.message, finish_reason: null }] },
    { ...base, choices: [{ index: 0, delta: {}, finish_reason: choices[0]!.finish_reason }], usage },
  ];
  return {
    status: 200,
    type: 'text/event-stream',
    body: `${pieces.map((piece) => `data: ${JSON.stringify(piece)}\n\n`).join('')}data: [DONE]\n\n`,
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new Error(`The request is longer than ${MAX_BYTES} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function refuse(response: ServerResponse, error: unknown): void {
  response.writeHead(502, { 'content-type': 'application/json' }).end(JSON.stringify(failure(toTier0Error(error).message)));
}

function json(status: number, value: unknown): Reply {
  return { status, type: 'application/json', body: JSON.stringify(value) };
}

function failure(message: string) {
  return { error: { message, type: 'invalid_request_error' } };
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
