import type { AssistantMessage, AssistantPart, FinishReason, ModelEvent, ModelFailure, ModelUsage } from '@tier0/core';

/** A whole turn of a model, or why there is none. */
export type ModelTurn =
  | { readonly state: 'said'; readonly message: AssistantMessage; readonly reason: FinishReason; readonly usage?: ModelUsage | undefined }
  | { readonly state: 'failed'; readonly failure: ModelFailure };

/** Reads a stream to its end. `heard` is told of every event, for those who show or time them. */
export async function collectTurn(stream: AsyncIterable<ModelEvent>, heard?: (event: ModelEvent) => void): Promise<ModelTurn> {
  const parts: AssistantPart[] = [];
  let usage: ModelUsage | undefined;
  for await (const event of stream) {
    heard?.(event);
    if (event.type === 'text' || event.type === 'reasoning') addText(parts, event);
    else if (event.type === 'tool-call') parts.push({ type: 'tool-call', call: event.call });
    else if (event.type === 'usage') usage = event.usage;
    else if (event.type === 'error') return { state: 'failed', failure: event.failure };
    else if (event.type === 'finish') {
      const own = event.providerData ? { providerData: event.providerData } : {};
      return { state: 'said', message: { role: 'assistant', parts, ...own }, reason: event.reason, ...(usage ? { usage } : {}) };
    }
  }
  return { state: 'failed', failure: UNFINISHED };
}

const UNFINISHED: ModelFailure = {
  kind: 'malformed',
  code: 'MALFORMED_RESPONSE',
  message: 'The model adapter ended its stream without finish or error.',
  hint: 'This is a defect of the adapter: every stream ends with one of them.',
  retryable: false,
};

function addText(parts: AssistantPart[], piece: { readonly type: 'text' | 'reasoning'; readonly text: string }): void {
  const last = parts.at(-1);
  if (last?.type === piece.type) parts[parts.length - 1] = { type: piece.type, text: last.text + piece.text };
  else parts.push({ type: piece.type, text: piece.text });
}

/** Everything a message says in words. */
export function textOf({ parts }: AssistantMessage): string {
  return parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
}
