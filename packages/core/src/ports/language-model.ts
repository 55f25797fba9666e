import type { JsonValue } from '../model/json-value.ts';
import type { Adapter, CallContext } from './adapter.ts';

/** One message of a conversation with a model. */
export interface ModelMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content: string;
  /** Tool calls an assistant message made. */
  readonly toolCalls?: readonly ModelToolCall[] | undefined;
  /** The call a tool message answers. */
  readonly toolCallId?: string | undefined;
}

/** A model's wish to have a tool called; it is granted or not by the caller. */
export interface ModelToolCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: JsonValue;
}

/** A tool as it is described to a model. */
export interface ModelTool {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments. */
  readonly parameters: JsonValue;
}

/** One question to a model, complete: models remember nothing. */
export interface ModelRequest {
  readonly messages: readonly ModelMessage[];
  readonly tools?: readonly ModelTool[] | undefined;
  /** JSON Schema the answer must satisfy. */
  readonly responseSchema?: JsonValue | undefined;
  readonly maxOutputTokens: number;
}

export type ModelEvent =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool-call'; readonly call: ModelToolCall }
  | {
      readonly type: 'done';
      readonly reason: 'stop' | 'length' | 'tool-calls' | 'refused';
      /** Absent: the provider did not say. */
      readonly inputTokens?: number | undefined;
      readonly outputTokens?: number | undefined;
    };

/** A guest in the loop: it sees redacted evidence and must cite it. The stream always ends with `done` or throws a Tier0Error. */
export interface LanguageModel extends Adapter {
  /** Model id as the provider spells it. */
  readonly model: string;
  generate(request: ModelRequest, context: CallContext): AsyncIterable<ModelEvent>;
}
