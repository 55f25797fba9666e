import { type FinishReason, type JsonValue, type ModelEvent, type ModelUsage, readField } from '@tier0/core';
import { toToolCall } from '../wire/tool-arguments.ts';
import { type ChunkReader, type JsonObject, ProviderRefusal } from '../wire/wire.ts';

/** A content block while it grows. `input` holds a call's arguments as text until it stops. */
interface Block {
  raw: Record<string, JsonValue>;
  input: string;
  stopped: boolean;
}

interface Answer {
  readonly blocks: Map<number, Block>;
  readonly usage: Record<string, JsonValue>;
  stopReason: string | undefined;
  over: boolean;
}

/** Reads the events of a message. */
export function createMessagesReader(): ChunkReader {
  const answer: Answer = { blocks: new Map(), usage: {}, stopReason: undefined, over: false };
  return { read: (chunk) => readEvent(answer, chunk), end: () => endAnswer(answer) };
}

function readEvent(answer: Answer, event: unknown): readonly ModelEvent[] {
  switch (readField(event, ['type'])) {
    case 'error':
      throw new ProviderRefusal({ body: event });
    case 'message_start':
      return addUsage(answer, readField(event, ['message', 'usage']));
    case 'content_block_start':
      return startBlock(answer, event);
    case 'content_block_delta':
      return growBlock(answer.blocks.get(placeOf(event)), readField(event, ['delta']));
    case 'content_block_stop':
      return stopBlock(answer.blocks.get(placeOf(event)));
    case 'message_delta':
      answer.stopReason = String(readField(event, ['delta', 'stop_reason']) ?? answer.stopReason ?? '');
      return addUsage(answer, readField(event, ['usage']));
    case 'message_stop':
      answer.over = true;
      return [];
    default:
      return [];
  }
}

function placeOf(event: unknown): number {
  return Number(readField(event, ['index']) ?? 0);
}

/** Later counts replace earlier ones: the API sends them as totals. */
function addUsage(answer: Answer, usage: unknown): readonly ModelEvent[] {
  for (const [name, value] of Object.entries((usage ?? {}) as Record<string, JsonValue>)) if (value !== null) answer.usage[name] = value;
  return [];
}

function startBlock(answer: Answer, event: unknown): readonly ModelEvent[] {
  const raw = { ...(readField(event, ['content_block']) as Record<string, JsonValue>) };
  answer.blocks.set(placeOf(event), { raw, input: '', stopped: false });
  if (raw.type === 'text' && raw.text) return [{ type: 'text', text: String(raw.text) }];
  return raw.type === 'thinking' && raw.thinking ? [{ type: 'reasoning', text: String(raw.thinking) }] : [];
}

function growBlock(block: Block | undefined, delta: unknown): readonly ModelEvent[] {
  if (!block) return [];
  const text = (field: string) => String(readField(delta, [field]) ?? '');
  switch (readField(delta, ['type'])) {
    case 'text_delta':
      block.raw.text = String(block.raw.text ?? '') + text('text');
      return [{ type: 'text', text: text('text') }];
    case 'thinking_delta':
      block.raw.thinking = String(block.raw.thinking ?? '') + text('thinking');
      return [{ type: 'reasoning', text: text('thinking') }];
    case 'signature_delta':
      block.raw.signature = String(block.raw.signature ?? '') + text('signature');
      return [];
    case 'input_json_delta':
      block.input += text('partial_json');
      return [{ type: 'tool-call-delta', id: String(block.raw.id), name: String(block.raw.name), text: text('partial_json') }];
    default:
      return [];
  }
}

function stopBlock(block: Block | undefined): readonly ModelEvent[] {
  if (!block) return [];
  block.stopped = true;
  return [];
}

/** Calls are reported at the end, when it is known whether the last one was cut. */
function endAnswer(answer: Answer): readonly ModelEvent[] {
  if (!answer.over || answer.stopReason === undefined) return [];
  const reason = REASONS[answer.stopReason] ?? 'stop';
  const blocks = [...answer.blocks].sort(([a], [b]) => a - b).map(([, block]) => block);
  const calls = new Map(blocks.filter(isCall).map((block) => [block, callOf(block)]));
  const whole = blocks.filter((block) => reason !== 'length' || calls.get(block)?.problem === undefined);
  const data = whole.map((block): JsonValue => ({ ...block.raw, ...inputOf(calls.get(block)) }));
  return [
    ...whole.flatMap((block): ModelEvent[] => {
      const call = calls.get(block);
      return call ? [{ type: 'tool-call', call }] : [];
    }),
    ...(Object.keys(answer.usage).length > 0 ? [{ type: 'usage' as const, usage: toUsage(answer.usage) }] : []),
    { type: 'finish', reason, providerData: { wire: 'anthropic', data } },
  ];
}

function isCall(block: Block): boolean {
  return block.raw.type === 'tool_use';
}

function callOf({ raw, input }: Block) {
  return toToolCall(String(raw.id), String(raw.name), input === '' ? JSON.stringify(raw.input ?? {}) : input);
}

function inputOf(call: ReturnType<typeof callOf> | undefined): JsonObject {
  return call ? { input: call.arguments } : {};
}

const REASONS: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool-calls',
  pause_turn: 'pause',
  refusal: 'refusal',
};

/** `input_tokens` leaves out what came from and went to the cache; here all of it is input. */
function toUsage(raw: Readonly<Record<string, JsonValue>>): ModelUsage {
  const count = (name: string) => (typeof raw[name] === 'number' ? raw[name] : undefined);
  const [fresh, cached, written] = [count('input_tokens'), count('cache_read_input_tokens'), count('cache_creation_input_tokens')];
  return {
    inputTokens: fresh === undefined ? undefined : fresh + (cached ?? 0) + (written ?? 0),
    cachedTokens: cached,
    cacheWriteTokens: written,
    outputTokens: count('output_tokens'),
    reasoningTokens: reasoningOf(raw.output_tokens_details),
    raw,
  };
}

function reasoningOf(details: JsonValue | undefined): number | undefined {
  const value = readField(details, ['thinking_tokens']) ?? readField(details, ['reasoning_tokens']);
  return typeof value === 'number' ? value : undefined;
}
