import {
  isTier0Error,
  type JsonValue,
  type LanguageModel,
  type ModelEvent,
  type ModelMessage,
  type ModelRequest,
  readField,
  redact,
  Tier0Error,
} from '@tier0/core';
import { readEvents } from './server-sent-events.ts';

/** Which model is asked, at which address, and how long it may take. */
export interface OpenAiChatModelOptions {
  /** Address up to and including the version, e.g. `http://127.0.0.1:11434/v1`. */
  readonly baseUrl: string;
  readonly model: string;
  /** Sent as a bearer token; local servers need none. */
  readonly apiKey?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Milliseconds one answer may take in all. Default 120,000. */
  readonly timeoutMs?: number | undefined;
}

const MAX_BYTES = 8 * 1024 * 1024;

/** Any server that speaks OpenAI's Chat Completions: Ollama, vLLM, LM Studio, gateways, and OpenAI itself. */
export function createOpenAiChatModel(options: OpenAiChatModelOptions): LanguageModel {
  return {
    name: 'openai-chat',
    model: options.model,
    async *generate(request, { signal }) {
      const bounded = AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs ?? 120_000)]);
      try {
        yield* readAnswer(await post(options, request, bounded));
      } catch (error) {
        throw isTier0Error(error) ? error : failure(options, error, bounded);
      }
    },
  };
}

async function post(options: OpenAiChatModelOptions, request: ModelRequest, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  const response = await fetch(`${options.baseUrl.replace(/\/$/, '')}/chat/completions`, {
    method: 'POST',
    headers: {
      ...options.headers,
      ...(options.apiKey ? { authorization: `Bearer ${options.apiKey}` } : {}),
      'content-type': 'application/json',
      accept: 'text/event-stream',
    },
    body: JSON.stringify(toBody(options.model, request)),
    signal,
  });
  if (!response.ok || !response.body) throw await refusal(options, response);
  return response.body;
}

function toBody(model: string, request: ModelRequest): JsonValue {
  return {
    model,
    messages: request.messages.map(toWireMessage),
    max_tokens: request.maxOutputTokens,
    stream: true,
    stream_options: { include_usage: true },
    ...(request.tools?.length ? { tools: request.tools.map((tool) => ({ type: 'function', function: { ...tool } })) } : {}),
    ...(request.responseSchema === undefined
      ? {}
      : { response_format: { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema: request.responseSchema } } }),
  };
}

/** Nothing leaves unredacted, whoever wrote the message. */
function toWireMessage(message: ModelMessage): JsonValue {
  const content = redact(message.content);
  if (message.role === 'tool') return { role: 'tool', content, tool_call_id: message.toolCallId ?? '' };
  if (!message.toolCalls?.length) return { role: message.role, content };
  const calls = message.toolCalls.map(({ id, name, arguments: input }) => {
    return { id, type: 'function', function: { name, arguments: redact(JSON.stringify(input)) } };
  });
  return { role: message.role, content, tool_calls: calls };
}

interface PartialCall {
  id: string;
  name: string;
  input: string;
}

/** Reads the stream. Servers differ: usage, ids and the last `[DONE]` may be missing, arguments may come as an object. */
async function* readAnswer(body: AsyncIterable<Uint8Array>): AsyncGenerator<ModelEvent> {
  const calls = new Map<number, PartialCall>();
  let reason: string | undefined;
  const usage: { inputTokens?: number | undefined; outputTokens?: number | undefined } = {};
  for await (const data of readEvents(body, MAX_BYTES)) {
    if (data.trim() === '[DONE]') break;
    const chunk = parseChunk(data);
    usage.inputTokens = tokensAt(chunk, 'prompt_tokens') ?? usage.inputTokens;
    usage.outputTokens = tokensAt(chunk, 'completion_tokens') ?? usage.outputTokens;
    const choice = readField(chunk, ['choices', 0]);
    const text = readField(choice, ['delta', 'content']) ?? readField(choice, ['message', 'content']);
    if (typeof text === 'string' && text !== '') yield { type: 'text', text };
    collectCalls(calls, readField(choice, ['delta', 'tool_calls']) ?? readField(choice, ['message', 'tool_calls']));
    const finished = readField(choice, ['finish_reason']);
    if (typeof finished === 'string') reason = finished;
  }
  if (reason === undefined) throw malformed('the stream ended before the answer was finished');
  for (const [index, call] of calls)
    yield { type: 'tool-call', call: { id: call.id || `call-${index}`, name: call.name, arguments: parseArguments(call) } };
  yield { type: 'done', reason: doneReason(reason, calls.size > 0), ...usage };
}

function parseChunk(data: string): unknown {
  let chunk: unknown;
  try {
    chunk = JSON.parse(data);
  } catch {
    throw malformed('a piece of the stream is not JSON');
  }
  const error = readField(chunk, ['error']);
  if (error)
    throw malformed(
      `the server reports an error in mid-stream: ${redact(String(readField(error, ['message']) ?? 'unknown')).slice(0, 200)}`,
    );
  return chunk;
}

function tokensAt(chunk: unknown, name: string): number | undefined {
  const tokens = readField(chunk, ['usage', name]);
  return typeof tokens === 'number' ? tokens : undefined;
}

function collectCalls(calls: Map<number, PartialCall>, pieces: unknown): void {
  for (const [position, piece] of (Array.isArray(pieces) ? pieces : []).entries()) {
    const index = readField(piece, ['index']);
    const key = typeof index === 'number' ? index : position;
    const call = calls.get(key) ?? { id: '', name: '', input: '' };
    const id = readField(piece, ['id']);
    const name = readField(piece, ['function', 'name']);
    const input = readField(piece, ['function', 'arguments']);
    calls.set(key, {
      id: typeof id === 'string' && id !== '' ? id : call.id,
      name: typeof name === 'string' ? name || call.name : call.name,
      input: call.input + (typeof input === 'string' ? input : input === undefined || input === null ? '' : JSON.stringify(input)),
    });
  }
}

function parseArguments(call: PartialCall): JsonValue {
  try {
    return call.input.trim() === '' ? {} : (JSON.parse(call.input) as JsonValue);
  } catch {
    throw malformed(`the arguments of the call to ${call.name} are not JSON`);
  }
}

function doneReason(reason: string, hasCalls: boolean): 'stop' | 'length' | 'tool-calls' | 'refused' {
  if (reason === 'length') return 'length';
  if (reason === 'content_filter') return 'refused';
  return hasCalls ? 'tool-calls' : 'stop';
}

function malformed(why: string): Tier0Error {
  return new Tier0Error({
    code: 'MALFORMED_RESPONSE',
    message: `The model server's answer cannot be read: ${why}.`,
    hint: 'Check that the address speaks OpenAI Chat Completions with streaming.',
  });
}

async function refusal(options: OpenAiChatModelOptions, response: Response): Promise<Tier0Error> {
  await response.body?.cancel();
  const { status } = response;
  const message = `The model server ${hostOf(options)} answered ${status} for model "${options.model}".`;
  if (status === 429) {
    const wait = response.headers.get('retry-after');
    return new Tier0Error({
      code: 'RATE_LIMITED',
      message,
      hint: wait ? `Try again after ${wait} s.` : 'Try again later, or ask less often.',
    });
  }
  if (status === 401 || status === 403)
    return new Tier0Error({ code: 'PERMISSION_DENIED', message, hint: 'Check the API key and what it may use.' });
  if (status === 404)
    return new Tier0Error({ code: 'NOT_FOUND', message, hint: 'Check the base address (it ends in /v1) and the model name.' });
  if (status >= 500)
    return new Tier0Error({ code: 'UNAVAILABLE', message, hint: 'Check that the model server is healthy, then try again.' });
  return new Tier0Error({
    code: 'INVALID_INPUT',
    message,
    hint: 'The server does not accept the request: check the model name and its limits.',
  });
}

function failure(options: OpenAiChatModelOptions, cause: unknown, signal: AbortSignal): Tier0Error {
  const where = `the model server ${hostOf(options)}`;
  if (signal.aborted) {
    return new Tier0Error({
      code: 'TIMEOUT',
      message: `Waiting for ${where} was ended.`,
      hint: 'Allow more time, or use a faster model.',
      cause,
    });
  }
  return new Tier0Error({
    code: 'UNAVAILABLE',
    message: `Cannot reach ${where}.`,
    hint: 'Check the address and that the server runs.',
    cause,
  });
}

function hostOf(options: OpenAiChatModelOptions): string {
  return URL.canParse(options.baseUrl) ? new URL(options.baseUrl).host : 'with an invalid address';
}
