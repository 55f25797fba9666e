import type { CallContext, JsonValue } from '@tier0/core';
import type { z } from 'zod';

/** What a tool may do: look, change something, or change something that cannot be taken back. */
export type ToolRisk = 'read' | 'write' | 'destructive';

/** What a call is told beside its input. */
export interface ToolContext extends CallContext {
  readonly run: string;
  /** Which call of the run: turn and place. */
  readonly call: string;
  /** The same for every try of this call, also after a crash: an effect with this key is done once. */
  readonly idempotencyKey: string;
  /** Says how far the call is, for whoever waits. Absent: nobody listens. */
  readonly report?: ((words: string) => void) | undefined;
  /** Asks the person at the client, who may take long. Absent: nobody can be asked, which is no yes. */
  readonly ask?: ((question: ToolQuestion) => Promise<ToolReply>) | undefined;
}

/** A form of a few fields for a person. */
export interface ToolQuestion {
  readonly message: string;
  readonly fields: Readonly<Record<string, 'string' | 'boolean' | 'number'>>;
}

/** What a person said. A form that was accepted has every field that was asked for, and no other. */
export type ToolReply =
  | { readonly action: 'accept'; readonly content: Readonly<Record<string, string | boolean | number>> }
  | { readonly action: 'decline' | 'cancel' };

/** What a tool says to the model. */
export interface ToolAnswer {
  readonly text: string;
  readonly isError?: boolean | undefined;
  /** Ids a claim may cite: evidence and items that this answer showed. */
  readonly cites?: readonly string[] | undefined;
}

/** Something a model may ask for. Who it is and what it may do is decided here and not by the model. */
export interface Tool<Input = unknown> {
  /** `verb_noun`, at most 64 characters of `a-z`, `0-9`, `_` and `-`. */
  readonly name: string;
  readonly description: string;
  readonly input: z.ZodType<Input>;
  /** JSON Schema shown to a model instead of what `input` says, for tools that others define. */
  readonly parameters?: JsonValue | undefined;
  readonly risk: ToolRisk;
  /** Whether the answer is text that tier0 did not write: logs, events, names, tickets, documents. Default true. */
  readonly untrusted?: boolean | undefined;
  /** What a call would touch, for approvals: an item id, a repository. */
  readonly target?: ((input: Input) => string) | undefined;
  /** Milliseconds one call may take. Default: the run's limit. */
  readonly timeoutMs?: number | undefined;
  /**
   * For calls that take longer than a connection lives. `optional`: a client that can come back gets a task instead of an answer, others
   * wait. `required`: others are told that they cannot make the call. Default: the answer is waited for.
   */
  readonly task?: 'optional' | 'required' | undefined;
  /** A call that fails as expected answers with `isError`; what is thrown is reported as a failure of the tool. */
  run(input: Input, context: ToolContext): Promise<ToolAnswer>;
  /**
   * For tools with an effect: what became of a call that was started and never finished. Undefined: nothing happened, so it may be done.
   * A tool without it is never started a second time.
   */
  recover?(input: Input, context: ToolContext): Promise<ToolAnswer | undefined>;
}

/** A tool with its input's type forgotten, as registries hold it. */
// biome-ignore lint/suspicious/noExplicitAny: a registry holds tools of every input; each checks its own.
export type AnyTool = Tool<any>;

/** Keeps the type of a tool's input while it is written. */
export function defineTool<Input>(tool: Tool<Input>): Tool<Input> {
  return tool;
}
