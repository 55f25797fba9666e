import { type AssistantMessage, type JsonValue, type ModelMessage, type ModelRequest, readField } from '@tier0/core';
import type { JsonObject, Wire } from '../wire/wire.ts';
import type { OpenAiChatQuirks } from './quirks.ts';
import { refusalKind } from './refusal.ts';
import { createChatReader } from './stream.ts';

export const OPENAI_CHAT = 'openai-chat';

/** OpenAI's Chat Completions, with the quirks of the server that is asked. */
export function openAiChatWire(quirks: OpenAiChatQuirks = {}): Wire {
  return { name: OPENAI_CHAT, body: (request, model) => toBody(request, model, quirks), reader: createChatReader, refusalKind };
}

function toBody(request: ModelRequest, model: string, quirks: OpenAiChatQuirks): JsonObject {
  return {
    model,
    messages: toMessages(request, quirks),
    [quirks.maxCompletionTokens ? 'max_completion_tokens' : 'max_tokens']: request.maxOutputTokens,
    stream: true,
    ...(quirks.noUsage ? {} : { stream_options: { include_usage: true } }),
    ...toTools(request, quirks),
    ...(request.responseSchema === undefined || quirks.noSchema ? {} : { response_format: toFormat(request.responseSchema) }),
    ...(request.effort === undefined ? {} : { reasoning_effort: request.effort }),
  };
}

function toTools({ tools = [], toolChoice = 'auto' }: ModelRequest, quirks: OpenAiChatQuirks): JsonObject {
  if (tools.length === 0 || (quirks.noToolChoice && toolChoice === 'none')) return {};
  const described = tools.map(({ name, description, parameters }) => ({ type: 'function', function: { name, description, parameters } }));
  return { tools: described, ...(toolChoice === 'auto' || quirks.noToolChoice ? {} : { tool_choice: toolChoice }) };
}

function toFormat(schema: JsonValue): JsonValue {
  return { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema } };
}

function toMessages({ messages, responseSchema }: ModelRequest, quirks: OpenAiChatQuirks): readonly JsonValue[] {
  const asked = quirks.noSchema && responseSchema !== undefined ? [...messages, schemaInWords(responseSchema)] : messages;
  const written = asked.flatMap((message) => toWireMessages(message, quirks));
  return quirks.noSystemRole ? foldSystem(written) : written;
}

function schemaInWords(schema: JsonValue): ModelMessage {
  return {
    role: 'system',
    content: `Answer with one JSON value that satisfies this JSON Schema, and nothing else:\n${JSON.stringify(schema)}`,
  };
}

/** Instructions become the beginning of the question that follows them. */
function foldSystem(messages: readonly JsonObject[]): readonly JsonObject[] {
  const instructions = messages.filter((message) => message.role === 'system').map((message) => String(message.content));
  const others = messages.filter((message) => message.role !== 'system');
  const first = others.findIndex((message) => message.role === 'user');
  return others.map((message, index) =>
    index === first ? { ...message, content: [...instructions, String(message.content)].join('\n\n') } : message,
  );
}

function toWireMessages(message: ModelMessage, quirks: OpenAiChatQuirks): readonly JsonObject[] {
  if (message.role === 'tool') return message.results.map(({ callId, text }) => ({ role: 'tool', tool_call_id: callId, content: text }));
  if (message.role === 'assistant') return [toAssistant(message, quirks)];
  return [{ role: message.role, content: message.content }];
}

function toAssistant(message: AssistantMessage, quirks: OpenAiChatQuirks): JsonObject {
  const own = message.providerData?.wire === OPENAI_CHAT ? (message.providerData.data as JsonObject) : undefined;
  if (own) return withoutReasoning(own, quirks);
  const text = message.parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('');
  const calls = message.parts.flatMap((part) => (part.type === 'tool-call' ? [part.call] : []));
  const toolCalls = calls.map((call) => {
    return { id: call.id, type: 'function', function: { name: call.name, arguments: JSON.stringify(call.arguments) } };
  });
  return { role: 'assistant', content: text, ...(toolCalls.length > 0 ? { tool_calls: toolCalls } : {}) };
}

/** Most servers refuse or ignore thoughts in a question; only those that say so get them back. */
function withoutReasoning(message: JsonObject, quirks: OpenAiChatQuirks): JsonObject {
  if (quirks.wantsReasoning || readField(message, ['reasoning_content']) === undefined) return message;
  const { reasoning_content: _, ...rest } = message;
  return rest;
}
