import type { AssistantMessage, JsonValue, ModelMessage, ModelRequest, ModelTool } from '@tier0/core';
import type { JsonObject, Wire } from '../wire/wire.ts';
import { refusalKind } from './refusal.ts';
import { createMessagesReader } from './stream.ts';

export const ANTHROPIC = 'anthropic';

/** Anthropic's Messages. */
export const anthropicWire: Wire = { name: ANTHROPIC, body: toBody, reader: createMessagesReader, refusalKind };

/** What stands before it is kept in the provider's cache. At most four are allowed; three are used: instructions, tools, conversation. */
const BREAKPOINT: JsonObject = { cache_control: { type: 'ephemeral' } };

function toBody(request: ModelRequest, model: string): JsonObject {
  const { messages, tools = [], toolChoice = 'auto' } = request;
  const system = messages.flatMap((message) => (message.role === 'system' ? [{ type: 'text', text: message.content }] : []));
  const output = toOutput(request);
  return {
    model,
    max_tokens: request.maxOutputTokens,
    stream: true,
    ...(system.length > 0 ? { system: markLast(system) } : {}),
    messages: markConversation(toTurns(messages)),
    ...(tools.length > 0 ? { tools: markLast(tools.map(toTool)), tool_choice: { type: CHOICES[toolChoice] } } : {}),
    ...(request.effort === undefined ? {} : { thinking: { type: 'adaptive' } }),
    ...(Object.keys(output).length > 0 ? { output_config: output } : {}),
  };
}

const CHOICES = { auto: 'auto', none: 'none', required: 'any' } as const;

function toTool({ name, description, parameters }: ModelTool): JsonObject {
  return { name, description, input_schema: parameters };
}

function toOutput({ responseSchema, effort }: ModelRequest): JsonObject {
  return {
    ...(responseSchema === undefined ? {} : { format: { type: 'json_schema', schema: responseSchema } }),
    ...(effort === undefined ? {} : { effort }),
  };
}

interface Turn {
  readonly role: 'user' | 'assistant';
  readonly content: readonly JsonValue[];
}

/** Roles take turns here: what follows in the same role joins, and all results of a turn stand in one message. */
function toTurns(messages: readonly ModelMessage[]): readonly Turn[] {
  const turns: Turn[] = [];
  for (const message of messages) {
    if (message.role === 'system') continue;
    const turn: Turn = { role: message.role === 'assistant' ? 'assistant' : 'user', content: toBlocks(message) };
    const last = turns.at(-1);
    if (last?.role === turn.role) turns[turns.length - 1] = { role: turn.role, content: [...last.content, ...turn.content] };
    else if (turn.content.length > 0) turns.push(turn);
  }
  return turns;
}

function toBlocks(message: Exclude<ModelMessage, { role: 'system' }>): readonly JsonValue[] {
  if (message.role === 'assistant') return toAssistantBlocks(message);
  if (message.role === 'user') return [{ type: 'text', text: message.content }];
  return message.results.map(({ callId, text, isError }) => {
    return { type: 'tool_result', tool_use_id: callId, content: text, ...(isError ? { is_error: true } : {}) };
  });
}

function toAssistantBlocks({ providerData, parts }: AssistantMessage): readonly JsonValue[] {
  if (providerData?.wire === ANTHROPIC) return providerData.data as readonly JsonValue[];
  return parts.flatMap((part): JsonValue[] => {
    if (part.type === 'tool-call') return [{ type: 'tool_use', id: part.call.id, name: part.call.name, input: part.call.arguments }];
    return part.type === 'text' && part.text !== '' ? [{ type: 'text', text: part.text }] : [];
  });
}

function markLast(blocks: readonly JsonObject[]): readonly JsonObject[] {
  return blocks.map((block, index) => (index === blocks.length - 1 ? { ...block, ...BREAKPOINT } : block));
}

/** What the provider said goes back unmarked; only a last word of ours gets the mark. */
function markConversation(turns: readonly Turn[]): readonly JsonObject[] {
  return turns.map((turn, index) => {
    const isOurs = index === turns.length - 1 && turn.role === 'user';
    return { role: turn.role, content: isOurs ? markLast(turn.content as readonly JsonObject[]) : turn.content };
  });
}
