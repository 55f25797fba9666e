import type { CallContext, JsonValue } from '@tier0/core';
import type { McpAnswer } from './mcp-session.ts';
import type { ModelUse } from './tool-under-test.ts';

/** A tool that a model may call while it looks for the cause. */
export interface LoopTool {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments, an object. */
  readonly parameters: JsonValue;
  /** One call; a refusal of the tool is an answer that is marked as one. */
  call(input: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<McpAnswer>;
}

/** What a model is set to do. */
export interface LoopWork {
  /** What it must do and in which form it answers. Trusted. */
  readonly instructions: string;
  readonly question: string;
  readonly tools: readonly LoopTool[];
}

/** How it ended. */
export interface LoopEnd {
  /** Its last words. */
  readonly answer: string;
  /** Why there is no answer of its own; undefined when it came to an end by itself. */
  readonly gaveUp?: string | undefined;
  readonly use: ModelUse;
}

/** A model that works with tools until it has answered. One loop drives every set of tools, so that what differs between rows are the tools. */
export interface ToolLoop {
  /** Id of the model. */
  readonly model: string;
  /** A scripted model has no luck in it, so one repeat is enough. */
  readonly isScripted: boolean;
  /** Lets the model work until it has answered or may not go on. Throws when the signal aborts. */
  run(work: LoopWork, context: CallContext): Promise<LoopEnd>;
}
