import { type JsonValue, type ModelMessage, type ModelRequest, redact } from '@tier0/core';

/** Messages are immutable and sent again at every step, so each is read once. */
const redacted = new WeakMap<ModelMessage, ModelMessage>();

/** The request without anything that looks like a secret, whoever wrote it. What a provider said itself goes back to it unchanged. */
export function redactRequest(request: ModelRequest): ModelRequest {
  return { ...request, messages: request.messages.map(redactMessage) };
}

function redactMessage(message: ModelMessage): ModelMessage {
  const known = redacted.get(message);
  if (known) return known;
  const clean = withoutSecrets(message);
  redacted.set(message, clean);
  return clean;
}

function withoutSecrets(message: ModelMessage): ModelMessage {
  if (message.role === 'tool') return { ...message, results: message.results.map((one) => ({ ...one, text: redact(one.text) })) };
  if (message.role !== 'assistant') return { ...message, content: redact(message.content) };
  const parts = message.parts.map((part) =>
    part.type === 'tool-call'
      ? { ...part, call: { ...part.call, arguments: redactJson(part.call.arguments) } }
      : { ...part, text: redact(part.text) },
  );
  return { ...message, parts };
}

/** The value with every leaf replaced that is secret by its look or by the key it stands under. */
export function redactJson(value: JsonValue, key = ''): JsonValue {
  if (typeof value === 'string') {
    return tellsSecret(key, value) ? '[redacted]' : redact(value);
  }
  if (Array.isArray(value)) return value.map((one: JsonValue) => redactJson(one, key));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, redactJson(one, name)]));
}

/** Written beside its key, in either way keys are written, the value would be taken for a secret. */
function tellsSecret(key: string, value: string): boolean {
  if (key === '' || redact(value) !== value) return false;
  return [`${key}=${value}`, `name: ${key}\nvalue: ${value}`].some((text) => redact(text) !== text);
}
