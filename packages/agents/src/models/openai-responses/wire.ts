import { type AssistantMessage, type JsonValue, type ModelMessage, type ModelRequest, sha256 } from '@tier0/core';
import { refusalKind } from '../openai-chat/refusal.ts';
import type { JsonObject, Wire } from '../wire/wire.ts';
import { createResponsesReader } from './stream.ts';

export const OPENAI_RESPONSES = 'openai-responses';

/** OpenAI's Responses without state at the provider: reasoning comes back encrypted and is sent again. */
export const openAiResponsesWire: Wire = { name: OPENAI_RESPONSES, body: toBody, reader: createResponsesReader, refusalKind };

function toBody(request: ModelRequest, model: string): JsonObject {
  const { messages, tools = [], toolChoice = 'auto', responseSchema, effort } = request;
  const [first, ...rest] = messages;
  const instructions = first?.role === 'system' ? first.content : undefined;
  return {
    model,
    ...(instructions === undefined ? {} : { instructions, prompt_cache_key: sha256(instructions).slice(0, 32) }),
    input: (instructions === undefined ? messages : rest).flatMap(toItems),
    max_output_tokens: request.maxOutputTokens,
    stream: true,
    store: false,
    include: ['reasoning.encrypted_content'],
    ...(tools.length > 0 ? { tools: tools.map(toTool), tool_choice: toolChoice } : {}),
    ...(responseSchema === undefined ? {} : { text: { format: toFormat(responseSchema) } }),
    ...(effort === undefined ? {} : { reasoning: { effort, summary: 'auto' } }),
  };
}

function toTool({ name, description, parameters }: NonNullable<ModelRequest['tools']>[number]): JsonValue {
  return { type: 'function', name, description, parameters, strict: false };
}

function toFormat(schema: JsonValue): JsonValue {
  return { type: 'json_schema', name: 'answer', strict: true, schema };
}

function toItems(message: ModelMessage): readonly JsonValue[] {
  if (message.role === 'tool')
    return message.results.map(({ callId, text }) => ({ type: 'function_call_output', call_id: callId, output: text }));
  if (message.role === 'assistant') return toOutputItems(message);
  const role = message.role === 'system' ? 'developer' : 'user';
  return [{ type: 'message', role, content: [{ type: 'input_text', text: message.content }] }];
}

function toOutputItems({ providerData, parts }: AssistantMessage): readonly JsonValue[] {
  if (providerData?.wire === OPENAI_RESPONSES) return providerData.data as readonly JsonValue[];
  return parts.flatMap((part): JsonValue[] => {
    if (part.type === 'text') return [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: part.text }] }];
    if (part.type === 'reasoning') return [];
    const { id, name, arguments: input } = part.call;
    return [{ type: 'function_call', call_id: id, name, arguments: JSON.stringify(input) }];
  });
}
