import { type FinishReason, type JsonValue, type ModelEvent, type ModelRequest, type ModelUsage, readField } from '@tier0/core';
import { toToolCall } from '../wire/tool-arguments.ts';
import { type ChunkReader, callsBefore, type JsonObject, ProviderRefusal } from '../wire/wire.ts';

interface PartialCall {
  id: string;
  name: string;
  input: string;
  /** What a gateway wants back beside the call, e.g. a thought signature. */
  extra?: JsonValue | undefined;
}

interface Answer {
  text: string;
  reasoning: string;
  refused: boolean;
  finish: string | undefined;
  usage: JsonValue | undefined;
  readonly calls: Map<number, PartialCall>;
  /** Calls of earlier turns. */
  readonly before: number;
}

/** Reads Chat Completions. Servers differ: usage, ids and the last `[DONE]` may be missing, arguments may come whole or as an object. */
export function createChatReader(request: ModelRequest): ChunkReader {
  const answer: Answer = {
    text: '',
    reasoning: '',
    refused: false,
    finish: undefined,
    usage: undefined,
    calls: new Map(),
    before: callsBefore(request),
  };
  return { read: (chunk) => readChunk(answer, chunk), end: () => endAnswer(answer) };
}

function readChunk(answer: Answer, chunk: unknown): readonly ModelEvent[] {
  if (readField(chunk, ['error'])) throw new ProviderRefusal({ body: chunk });
  answer.usage = (readField(chunk, ['usage']) as JsonValue | undefined) ?? answer.usage;
  const choice = readField(chunk, ['choices', 0]);
  const delta = readField(choice, ['delta']) ?? readField(choice, ['message']);
  const finish = readField(choice, ['finish_reason']);
  if (typeof finish === 'string') answer.finish = finish;
  return [...readWords(answer, delta), ...readCalls(answer, readField(delta, ['tool_calls']))];
}

function readWords(answer: Answer, delta: unknown): readonly ModelEvent[] {
  const reasoning = textAt(delta, 'reasoning_content') || textAt(delta, 'reasoning');
  const refusal = textAt(delta, 'refusal');
  const text = textAt(delta, 'content') + refusal;
  if (refusal !== '') answer.refused = true;
  answer.text += text;
  answer.reasoning += reasoning;
  const thoughts: readonly ModelEvent[] = reasoning === '' ? [] : [{ type: 'reasoning', text: reasoning }];
  return text === '' ? thoughts : [...thoughts, { type: 'text', text }];
}

function textAt(delta: unknown, field: string): string {
  const value = readField(delta, [field]);
  return typeof value === 'string' ? value : '';
}

function readCalls(answer: Answer, pieces: unknown): readonly ModelEvent[] {
  if (!Array.isArray(pieces)) return [];
  return pieces.flatMap((piece: unknown, position) => {
    const index = readField(piece, ['index']);
    const key = typeof index === 'number' ? index : position;
    const call = answer.calls.get(key) ?? { id: `call-${answer.before + key}`, name: '', input: '' };
    answer.calls.set(key, call);
    return addPiece(call, piece);
  });
}

function addPiece(call: PartialCall, piece: unknown): readonly ModelEvent[] {
  const input = readField(piece, ['function', 'arguments']);
  const text = typeof input === 'string' ? input : input === undefined || input === null ? '' : JSON.stringify(input);
  call.id = textAt(piece, 'id') || call.id;
  call.name = textAt(readField(piece, ['function']), 'name') || call.name;
  call.extra = (readField(piece, ['extra_content']) as JsonValue | undefined) ?? call.extra;
  call.input += text;
  return text === '' ? [] : [{ type: 'tool-call-delta', id: call.id, name: call.name, text }];
}

function endAnswer(answer: Answer): readonly ModelEvent[] {
  const { finish } = answer;
  if (finish === undefined) return [];
  const cut = finish === 'length';
  const calls = [...answer.calls.values()].map((raw) => ({ raw, call: toToolCall(raw.id, raw.name, raw.input) }));
  const whole = calls.filter(({ call }) => !cut || call.problem === undefined);
  const usage = answer.usage ? [{ type: 'usage' as const, usage: toUsage(answer.usage) }] : [];
  const reason = finishReason(answer, whole.length > 0);
  const data = toAssistant(
    answer,
    whole.map(({ raw, call }) => (call.problem ? { ...raw, input: '{}' } : raw)),
  );
  return [
    ...whole.map(({ call }) => ({ type: 'tool-call' as const, call })),
    ...usage,
    { type: 'finish', reason, providerData: { wire: 'openai-chat', data } },
  ];
}

function finishReason({ finish, refused }: Answer, hasCalls: boolean): FinishReason {
  if (finish === 'length') return 'length';
  if (finish === 'content_filter' || refused) return 'refusal';
  return hasCalls ? 'tool-calls' : 'stop';
}

/** The turn as the server wants to see it again. */
function toAssistant(answer: Answer, calls: readonly PartialCall[]): JsonObject {
  const toolCalls = calls.map(({ id, name, input, extra }) => {
    return { id, type: 'function', function: { name, arguments: input || '{}' }, ...(extra === undefined ? {} : { extra_content: extra }) };
  });
  return {
    role: 'assistant',
    content: answer.text,
    ...(answer.reasoning === '' ? {} : { reasoning_content: answer.reasoning }),
    ...(toolCalls.length > 0 ? { tool_calls: toolCalls } : {}),
  };
}

/** Cached and reasoning tokens are parts of the totals here. */
function toUsage(raw: JsonValue): ModelUsage {
  const count = (...path: string[]) => {
    const value = readField(raw, path);
    return typeof value === 'number' ? value : undefined;
  };
  return {
    inputTokens: count('prompt_tokens'),
    cachedTokens: count('prompt_tokens_details', 'cached_tokens'),
    outputTokens: count('completion_tokens'),
    reasoningTokens: count('completion_tokens_details', 'reasoning_tokens'),
    raw,
  };
}
