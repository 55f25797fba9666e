import type { AssistantMessage, JsonValue, ModelMessage, ModelRequest, ModelTool, ModelToolResult } from '@tier0/core';
import type { JsonObject, Wire } from '../wire/wire.ts';
import { refusalKind, retryAfterMs } from './refusal.ts';
import { createContentReader, isMadeUp } from './stream.ts';

export const GOOGLE = 'google';

/** Gemini's generateContent, one codec for REST and for both SDKs. */
export const googleWire: Wire = { name: GOOGLE, body: toBody, reader: createContentReader, refusalKind, retryAfterMs };

function toBody(request: ModelRequest): JsonObject {
  const { messages, tools = [], toolChoice = 'auto' } = request;
  const system = messages.flatMap((message) => (message.role === 'system' ? [{ text: message.content }] : []));
  return {
    contents: toContents(messages),
    ...(system.length > 0 ? { systemInstruction: { role: 'user', parts: system } } : {}),
    ...(tools.length > 0
      ? { tools: [{ functionDeclarations: tools.map(toTool) }], toolConfig: { functionCallingConfig: { mode: MODES[toolChoice] } } }
      : {}),
    generationConfig: toConfig(request),
  };
}

const MODES = { auto: 'AUTO', none: 'NONE', required: 'ANY' } as const;

function toTool({ name, description, parameters }: ModelTool): JsonValue {
  return { name, description, parametersJsonSchema: parameters };
}

function toConfig({ maxOutputTokens, responseSchema, effort }: ModelRequest): JsonObject {
  return {
    maxOutputTokens,
    ...(responseSchema === undefined ? {} : { responseMimeType: 'application/json', responseJsonSchema: responseSchema }),
    ...(effort === undefined ? {} : { thinkingConfig: { thinkingLevel: effort, includeThoughts: true } }),
  };
}

interface Content {
  readonly role: 'user' | 'model';
  readonly parts: readonly JsonValue[];
}

function toContents(messages: readonly ModelMessage[]): readonly JsonValue[] {
  const contents: Content[] = [];
  for (const message of messages) {
    if (message.role === 'system') continue;
    const content: Content = { role: message.role === 'assistant' ? 'model' : 'user', parts: toParts(message) };
    const last = contents.at(-1);
    if (last?.role === content.role) contents[contents.length - 1] = { role: content.role, parts: [...last.parts, ...content.parts] };
    else if (content.parts.length > 0) contents.push(content);
  }
  return contents as unknown as readonly JsonValue[];
}

function toParts(message: Exclude<ModelMessage, { role: 'system' }>): readonly JsonValue[] {
  if (message.role === 'assistant') return toModelParts(message);
  return message.role === 'user' ? [{ text: message.content }] : message.results.map(toResponse);
}

/** Older models know no ids: results are matched by their order then, and a made-up id must not be shown to them. */
function toResponse({ callId, name, text, isError }: ModelToolResult): JsonValue {
  const response: JsonObject = isError ? { error: text } : { result: text };
  return { functionResponse: isMadeUp(callId) ? { name, response } : { id: callId, name, response } };
}

function toModelParts({ providerData, parts }: AssistantMessage): readonly JsonValue[] {
  if (providerData?.wire === GOOGLE) return providerData.data as readonly JsonValue[];
  return parts.flatMap((part): JsonValue[] => {
    if (part.type === 'text') return part.text === '' ? [] : [{ text: part.text }];
    if (part.type === 'reasoning') return [];
    const { id, name, arguments: args } = part.call;
    return [{ functionCall: { ...(isMadeUp(id) ? {} : { id }), name, args } }];
  });
}
