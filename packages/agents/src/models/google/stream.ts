import {
  type FinishReason,
  type JsonValue,
  type ModelEvent,
  type ModelRequest,
  type ModelToolCall,
  type ModelUsage,
  readField,
} from '@tier0/core';
import { type ChunkReader, callsBefore, type JsonObject, ProviderRefusal, UnreadableAnswer } from '../wire/wire.ts';

interface Answer {
  /** The parts as they came: each keeps its own signature. */
  readonly parts: JsonObject[];
  readonly calls: ModelToolCall[];
  /** Calls of earlier turns. */
  readonly before: number;
  finish: string | undefined;
  usage: JsonValue | undefined;
}

const MADE_UP = 'tier0-call-';

/** Whether an id was made by `createContentReader` because the model gave none. */
export function isMadeUp(id: string): boolean {
  return id.startsWith(MADE_UP);
}

/** Reads raw chunks of generateContent. What an SDK makes of them afterwards loses signatures, so only the chunks are read. */
export function createContentReader(request: ModelRequest): ChunkReader {
  const answer: Answer = { parts: [], calls: [], finish: undefined, usage: undefined, before: callsBefore(request) };
  return { read: (chunk) => readChunk(answer, chunk), end: () => endAnswer(answer) };
}

function readChunk(answer: Answer, chunk: unknown): readonly ModelEvent[] {
  if (readField(chunk, ['error'])) throw new ProviderRefusal({ body: chunk });
  answer.usage = (readField(chunk, ['usageMetadata']) as JsonValue | undefined) ?? answer.usage;
  if (readField(chunk, ['promptFeedback', 'blockReason'])) answer.finish = 'SAFETY';
  const finish = readField(chunk, ['candidates', 0, 'finishReason']);
  if (typeof finish === 'string') answer.finish = finish;
  const parts = readField(chunk, ['candidates', 0, 'content', 'parts']);
  return Array.isArray(parts) ? parts.flatMap((part: JsonObject) => readPart(answer, part)) : [];
}

function readPart(answer: Answer, part: JsonObject): readonly ModelEvent[] {
  keep(answer.parts, part);
  const call = readField(part, ['functionCall']);
  if (call) return [callEvent(answer, call)];
  if (typeof part.text !== 'string' || part.text === '') return [];
  return [{ type: part.thought === true ? 'reasoning' : 'text', text: part.text }];
}

function callEvent(answer: Answer, call: unknown): ModelEvent {
  const id = readField(call, ['id']);
  const known = typeof id === 'string' && id !== '' ? id : `${MADE_UP}${answer.before + answer.calls.length}`;
  const made: ModelToolCall = {
    id: known,
    name: String(readField(call, ['name'])),
    arguments: (readField(call, ['args']) ?? {}) as JsonValue,
  };
  answer.calls.push(made);
  return { type: 'tool-call', call: made };
}

/** Plain text joins; a part with a signature stays what it is. */
function keep(parts: JsonObject[], part: JsonObject): void {
  const last = parts.at(-1);
  const joins = last !== undefined && isPlainText(last) && isPlainText(part) && last.thought === part.thought;
  if (joins) parts[parts.length - 1] = { ...last, text: String(last.text) + String(part.text) };
  else parts.push(part);
}

function isPlainText(part: JsonObject): boolean {
  return typeof part.text === 'string' && Object.keys(part).every((key) => key === 'text' || key === 'thought');
}

function endAnswer(answer: Answer): readonly ModelEvent[] {
  if (answer.finish === undefined) return [];
  if (answer.finish === 'MALFORMED_FUNCTION_CALL') throw new UnreadableAnswer('the model made a call that its provider cannot read');
  return [
    ...(answer.usage ? [{ type: 'usage' as const, usage: toUsage(answer.usage) }] : []),
    { type: 'finish', reason: finishReason(answer), providerData: { wire: 'google', data: answer.parts } },
  ];
}

const REFUSALS: ReadonlySet<string> = new Set([
  'SAFETY',
  'RECITATION',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'SPII',
  'LANGUAGE',
  'IMAGE_SAFETY',
]);

function finishReason({ finish = '', calls }: Answer): FinishReason {
  if (finish === 'MAX_TOKENS') return 'length';
  if (REFUSALS.has(finish)) return 'refusal';
  return calls.length > 0 ? 'tool-calls' : 'stop';
}

/** Cached tokens are part of the prompt; thoughts are not part of the candidates. */
function toUsage(raw: JsonValue): ModelUsage {
  const count = (name: string) => {
    const value = readField(raw, [name]);
    return typeof value === 'number' ? value : undefined;
  };
  const [prompt, tools, said, thought] = ['promptTokenCount', 'toolUsePromptTokenCount', 'candidatesTokenCount', 'thoughtsTokenCount'].map(
    count,
  );
  return {
    inputTokens: prompt === undefined ? undefined : prompt + (tools ?? 0),
    cachedTokens: count('cachedContentTokenCount'),
    outputTokens: said === undefined ? undefined : said + (thought ?? 0),
    reasoningTokens: thought,
    raw,
  };
}
