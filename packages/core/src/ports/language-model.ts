import { Tier0Error, type Tier0ErrorCode } from '../errors/tier0-error.ts';
import type { JsonValue } from '../model/json-value.ts';
import type { Adapter, CallContext } from './adapter.ts';

/** What one provider wants to see again exactly as it said it: signatures, encrypted reasoning, item ids. Nobody else reads it. */
export interface ProviderData {
  /** The wire that understands it, e.g. `anthropic`. Another wire leaves it out. */
  readonly wire: string;
  readonly data: JsonValue;
}

/** A model's wish to have a tool called; it is granted or not by the caller. */
export interface ModelToolCall {
  /** Unique in the conversation. Made up by the adapter where the provider gives none. */
  readonly id: string;
  readonly name: string;
  readonly arguments: JsonValue;
  /** Why the arguments could not be read; `arguments` is then an empty object and the tool must not run. */
  readonly problem?: string | undefined;
}

/** A piece of what a model said, in the order it was said. */
export type AssistantPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string }
  | { readonly type: 'tool-call'; readonly call: ModelToolCall };

/** What a tool answered, for the call with the same id. */
export interface ModelToolResult {
  readonly callId: string;
  /** Name of the tool; some wires want it again. */
  readonly name: string;
  readonly text: string;
  readonly isError?: boolean | undefined;
}

/** Who runs the conversation: instructions, trusted. */
export interface SystemMessage {
  readonly role: 'system';
  readonly content: string;
}

/** Who asks. */
export interface UserMessage {
  readonly role: 'user';
  readonly content: string;
}

/** One turn of the model. */
export interface AssistantMessage {
  readonly role: 'assistant';
  readonly parts: readonly AssistantPart[];
  /** Sent back unchanged to the wire that gave it; every other wire is sent the parts. */
  readonly providerData?: ProviderData | undefined;
}

/** The results of all calls of one turn, in the order of the calls. */
export interface ToolMessage {
  readonly role: 'tool';
  readonly results: readonly ModelToolResult[];
}

/** One message of a conversation with a model. */
export type ModelMessage = SystemMessage | UserMessage | AssistantMessage | ToolMessage;

/** A tool as it is described to a model. */
export interface ModelTool {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments, an object. */
  readonly parameters: JsonValue;
}

/** One question to a model, complete: models remember nothing. */
export interface ModelRequest {
  readonly messages: readonly ModelMessage[];
  readonly tools?: readonly ModelTool[] | undefined;
  /** `none`: tools are known but may not be called in this turn. Default `auto`. */
  readonly toolChoice?: 'auto' | 'none' | 'required' | undefined;
  /** JSON Schema the answer must satisfy. */
  readonly responseSchema?: JsonValue | undefined;
  readonly maxOutputTokens: number;
  /** How much the model may think before it answers. Absent: as the provider has it by default. */
  readonly effort?: 'low' | 'medium' | 'high' | undefined;
}

/**
 * What a turn cost, counted one way for every provider. A count that the provider did not give is absent, never 0.
 */
export interface ModelUsage {
  /** All tokens read, those from and to a cache included. */
  readonly inputTokens?: number | undefined;
  /** Part of `inputTokens` that came from a cache. */
  readonly cachedTokens?: number | undefined;
  /** Part of `inputTokens` that was written to a cache. */
  readonly cacheWriteTokens?: number | undefined;
  /** All tokens written, reasoning included. */
  readonly outputTokens?: number | undefined;
  /** Part of `outputTokens` that was reasoning. */
  readonly reasoningTokens?: number | undefined;
  /** The counts as the provider sent them; never added to the others. */
  readonly raw?: JsonValue | undefined;
}

/** Why a turn ended. `pause`: the provider wants the turn sent back to go on. */
export type FinishReason = 'stop' | 'length' | 'tool-calls' | 'refusal' | 'pause';

/** Why a provider did not answer. `quota`: paid for too little, waiting does not help. */
export type ModelFailureKind =
  | 'rate-limit'
  | 'overloaded'
  | 'quota'
  | 'permission'
  | 'not-found'
  | 'context-overflow'
  | 'invalid-request'
  | 'malformed'
  | 'timeout'
  | 'unreachable';

/** A failed turn as a value. Its text never repeats what was asked or answered. */
export interface ModelFailure {
  readonly kind: ModelFailureKind;
  readonly code: Tier0ErrorCode;
  readonly message: string;
  readonly hint: string;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  /** Milliseconds the provider asks to wait; absent when it does not say. */
  readonly retryAfterMs?: number | undefined;
}

/** What a model says while it answers. Text, reasoning and tool-call deltas come in pieces of any size. */
export type ModelEvent =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string }
  /** A piece of the arguments, as text. Informative: `tool-call` follows with the whole. */
  | { readonly type: 'tool-call-delta'; readonly id: string; readonly name: string; readonly text: string }
  | { readonly type: 'tool-call'; readonly call: ModelToolCall }
  | { readonly type: 'usage'; readonly usage: ModelUsage }
  | { readonly type: 'finish'; readonly reason: FinishReason; readonly providerData?: ProviderData | undefined }
  | { readonly type: 'error'; readonly failure: ModelFailure };

/**
 * A guest in the loop: it sees redacted evidence and must cite it.
 * A stream ends with exactly one `finish` or `error`; it throws only when the caller's signal aborts. Adapters never try again: who calls decides.
 */
export interface LanguageModel extends Adapter {
  /** Model id as the provider spells it. */
  readonly model: string;
  /** One answer as a stream of events. Ends with the reason it ended for; throws a Tier0Error when the provider refuses or cannot be reached. */
  generate(request: ModelRequest, context: CallContext): AsyncIterable<ModelEvent>;
}

/** A failed turn as an error, for callers that cannot go on without the answer. */
export function modelError(failure: ModelFailure): Tier0Error {
  const { code, message, hint, retryable } = failure;
  return new Tier0Error({ code, message, hint, retryable });
}
