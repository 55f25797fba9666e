import { type FinishReason, type JsonValue, type ModelEvent, type ModelUsage, readField } from '@tier0/core';
import { toToolCall } from '../wire/tool-arguments.ts';
import { type ChunkReader, ProviderRefusal } from '../wire/wire.ts';

interface Answer {
  /** Output items as they were finished, by their place. */
  readonly items: Map<number, JsonValue>;
  /** Id and name of calls that have begun, by their place. */
  readonly begun: Map<number, { readonly id: string; readonly name: string }>;
  /** Places whose text has come in pieces already. */
  readonly spoken: Set<string>;
  /** The last event's response. */
  response: unknown;
}

/** Reads the stream of a response. Event types that are not named here say nothing that the others do not. */
export function createResponsesReader(): ChunkReader {
  const answer: Answer = { items: new Map(), begun: new Map(), spoken: new Set(), response: undefined };
  return { read: (chunk) => READERS[String(readField(chunk, ['type']))]?.(answer, chunk) ?? [], end: () => endAnswer(answer) };
}

type Read = (answer: Answer, chunk: unknown) => readonly ModelEvent[];

const readText: Read = (_, chunk) => {
  const text = readField(chunk, ['delta']);
  return typeof text === 'string' && text !== '' ? [{ type: 'text', text }] : [];
};

const readThought: Read = (_, chunk) => {
  const text = readField(chunk, ['delta']);
  return typeof text === 'string' && text !== '' ? [{ type: 'reasoning', text }] : [];
};

const fail: Read = (_, chunk) => {
  throw new ProviderRefusal({ body: { error: readField(chunk, ['response', 'error']) ?? readField(chunk, ['error']) ?? chunk } });
};

const readEnd: Read = (answer, chunk) => {
  answer.response = readField(chunk, ['response']);
  return [];
};

const READERS: Readonly<Record<string, Read>> = {
  'response.output_item.added': (answer, chunk) => {
    const item = readField(chunk, ['item']);
    if (readField(item, ['type']) !== 'function_call') return [];
    answer.begun.set(placeOf(chunk), { id: String(readField(item, ['call_id'])), name: String(readField(item, ['name'])) });
    return [];
  },
  'response.function_call_arguments.delta': (answer, chunk) => {
    const call = answer.begun.get(placeOf(chunk));
    const text = readField(chunk, ['delta']);
    return call && typeof text === 'string' ? [{ type: 'tool-call-delta', ...call, text }] : [];
  },
  'response.output_item.done': readItem,
  'response.output_text.delta': readText,
  'response.refusal.delta': readText,
  'response.reasoning_summary_text.delta': readThought,
  'response.reasoning_text.delta': readThought,
  'response.completed': readEnd,
  'response.incomplete': readEnd,
  'response.failed': fail,
  error: fail,
};

function placeOf(chunk: unknown): number {
  return Number(readField(chunk, ['output_index']) ?? 0);
}

function readItem(answer: Answer, chunk: unknown): readonly ModelEvent[] {
  const item = readField(chunk, ['item']);
  answer.items.set(placeOf(chunk), item as JsonValue);
  if (readField(item, ['type']) !== 'function_call' || readField(item, ['status']) === 'incomplete') return [];
  const [id, name, input] = ['call_id', 'name', 'arguments'].map((field) => String(readField(item, [field]) ?? ''));
  return [{ type: 'tool-call', call: toToolCall(id as string, name as string, input as string) }];
}

function endAnswer(answer: Answer): readonly ModelEvent[] {
  if (answer.response === undefined) return [];
  const items = [...answer.items].sort(([a], [b]) => a - b).map(([, item]) => item);
  const raw = readField(answer.response, ['usage']) as JsonValue | undefined;
  const data = items.filter((item) => readField(item, ['status']) !== 'incomplete').map(withReadableCall);
  return [
    ...(raw ? [{ type: 'usage' as const, usage: toUsage(raw) }] : []),
    { type: 'finish', reason: finishReason(answer.response, items), providerData: { wire: 'openai-responses', data } },
  ];
}

/** The API refuses to see arguments again that are not JSON; its model is told by the tool's result. */
function withReadableCall(item: JsonValue): JsonValue {
  if (readField(item, ['type']) !== 'function_call') return item;
  const broken = toToolCall('', '', String(readField(item, ['arguments']))).problem !== undefined;
  return broken ? { ...(item as { readonly [key: string]: JsonValue }), arguments: '{}' } : item;
}

function finishReason(response: unknown, items: readonly JsonValue[]): FinishReason {
  const why = readField(response, ['incomplete_details', 'reason']);
  if (why === 'content_filter' || items.some(holdsRefusal)) return 'refusal';
  if (why !== undefined && why !== null) return 'length';
  return items.some((item) => readField(item, ['type']) === 'function_call') ? 'tool-calls' : 'stop';
}

function holdsRefusal(item: JsonValue): boolean {
  const content = readField(item, ['content']);
  return Array.isArray(content) && content.some((part) => readField(part, ['type']) === 'refusal');
}

/** Cached and reasoning tokens are parts of the totals here. */
function toUsage(raw: JsonValue): ModelUsage {
  const count = (...path: string[]) => {
    const value = readField(raw, path);
    return typeof value === 'number' ? value : undefined;
  };
  return {
    inputTokens: count('input_tokens'),
    cachedTokens: count('input_tokens_details', 'cached_tokens'),
    cacheWriteTokens: count('input_tokens_details', 'cache_write_tokens'),
    outputTokens: count('output_tokens'),
    reasoningTokens: count('output_tokens_details', 'reasoning_tokens'),
    raw,
  };
}
