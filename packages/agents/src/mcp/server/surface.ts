import type { AnyTool } from '../../loop/guard/tool.ts';
import type { McpCaller } from './caller.ts';

/** Something that can be read by its address. */
export interface McpResource {
  readonly uri: string;
  readonly name: string;
  readonly description: string;
  readonly mimeType: string;
  /** The text as it is now. */
  read(): Promise<string>;
}

/** A ready-made question. */
export interface McpPrompt {
  readonly name: string;
  readonly description: string;
  readonly text: string;
}

/** What is offered to a caller over MCP: the tools of the registry, and what can be read. */
export interface McpSurface {
  readonly name: string;
  readonly version: string;
  /** What it throws is the end of the caller's request: tools whose bounds are not known are not offered. */
  readonly toolsFor: (caller: McpCaller) => readonly AnyTool[] | Promise<readonly AnyTool[]>;
  /** What this caller may read besides the resources of everybody. */
  readonly resourcesFor?: ((caller: McpCaller) => readonly McpResource[]) | undefined;
  readonly prompts?: readonly McpPrompt[] | undefined;
  /** Milliseconds one call may take. Default 30,000. */
  readonly toolMs?: number | undefined;
  /** Milliseconds a call may take that goes on as a task, with the time people take to answer. Default 12 hours. */
  readonly taskMs?: number | undefined;
  /** Characters of one answer at most. Default 24,000. */
  readonly answerCharacters?: number | undefined;
}
