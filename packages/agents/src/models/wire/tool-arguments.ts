import type { JsonValue, ModelToolCall } from '@tier0/core';

/** A whole call from the text of its arguments. Text that is not a JSON object is said in `problem`: such a call must not run. */
export function toToolCall(id: string, name: string, text: string): ModelToolCall {
  if (text.trim() === '') return { id, name, arguments: {} };
  const value = parseObject(text);
  return value === undefined ? { id, name, arguments: {}, problem: 'its arguments are not a JSON object' } : { id, name, arguments: value };
}

function parseObject(text: string): JsonValue | undefined {
  try {
    const value = JSON.parse(text) as JsonValue;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
