import type { Client, Tool as McpTool } from '@modelcontextprotocol/client';
import { digestOf, type JsonValue, Tier0Error } from '@tier0/core';
import { z } from 'zod';
import type { AnyTool, ToolAnswer, ToolRisk } from '../../loop/guard/tool.ts';
import type { McpConnection } from './connection.ts';
import { openMcpClient } from './open-client.ts';

/** A tool of a server that may be used, as it was when somebody looked at it. */
export interface PinnedTool {
  readonly name: string;
  /** `definitionHash` of the definition that was looked at. A tool that no longer has it is blocked. */
  readonly hash: string;
  /** What it does is for who pins it to say: annotations of servers are claims. */
  readonly risk: ToolRisk;
}

/** One server whose tools join the registry. */
export interface McpToolsOptions {
  /** Goes in front of the names of its tools: `kubernetes`. */
  readonly name: string;
  readonly connection: McpConnection;
  /** The allow-list. What is not on it does not exist. */
  readonly tools: readonly PinnedTool[];
  /** Milliseconds one call may take. Default 30,000. */
  readonly timeoutMs?: number | undefined;
}

/** The tools of a server, and those that are blocked because they are not what was pinned. */
export interface McpTools {
  readonly tools: readonly AnyTool[];
  /** One line each, for people. */
  readonly blocked: readonly string[];
  /** Ends the connections to the servers. */
  close(): Promise<void>;
}

/** Everything that a model is told of a tool. */
export interface ToolDefinition {
  readonly name: string;
  readonly description?: string | undefined;
  readonly inputSchema: unknown;
  readonly outputSchema?: unknown;
}

/** SHA-256 over name, description and schemas of a tool. */
export function definitionHash({ name, description, inputSchema, outputSchema }: ToolDefinition): string {
  return digestOf({ name, description: description ?? '', inputSchema, outputSchema: outputSchema ?? null });
}

/** A tool as a server offers it now, with the hash to pin it by. */
export interface OfferedTool extends ToolDefinition {
  readonly hash: string;
  /** Whether the server says that it only reads: a claim, for a person to judge. */
  readonly readOnly: boolean;
}

/** What a server offers, for a person to look at and to pin from. Throws UNAVAILABLE when it cannot be reached. */
export async function listOfferedTools(options: Pick<McpToolsOptions, 'name' | 'connection'>): Promise<readonly OfferedTool[]> {
  const client = await connect(options);
  try {
    const { tools } = await client.listTools();
    return tools.map((tool) => {
      const { name, description, inputSchema, outputSchema } = tool;
      const readOnly = tool.annotations?.readOnlyHint === true;
      return { name, description, inputSchema, outputSchema, hash: definitionHash(tool), readOnly };
    });
  } finally {
    await client.close();
  }
}

/** Connects to a server of either era and takes over the tools that are still what was pinned. Throws UNAVAILABLE when it cannot be reached. */
export async function connectMcpTools(options: McpToolsOptions): Promise<McpTools> {
  const client = await connect(options);
  const offered = new Map((await client.listTools()).tools.map((tool) => [tool.name, tool]));
  const tools: AnyTool[] = [];
  const blocked: string[] = [];
  for (const pinned of options.tools) {
    const tool = offered.get(pinned.name);
    const why = whyBlocked(pinned, tool);
    if (tool && why === undefined) tools.push(toTool(client, tool, { pinned, options }));
    else blocked.push(`${options.name}: ${pinned.name} is blocked: ${why}`);
  }
  return { tools, blocked, close: () => client.close() };
}

function whyBlocked({ hash }: PinnedTool, tool: McpTool | undefined): string | undefined {
  if (!tool) return 'the server does not offer it';
  return definitionHash(tool) === hash ? undefined : 'its definition changed since it was looked at';
}

async function connect({ name, connection }: Pick<McpToolsOptions, 'name' | 'connection'>): Promise<Client> {
  try {
    return await openMcpClient({ connection });
  } catch (cause) {
    throw new Tier0Error({
      code: 'UNAVAILABLE',
      message: `The MCP server "${name}" cannot be reached.`,
      hint: 'Check that it runs and speaks MCP over Streamable HTTP or standard input and output.',
      cause,
    });
  }
}

interface Joining {
  readonly pinned: PinnedTool;
  readonly options: McpToolsOptions;
}

function toTool(client: Client, tool: McpTool, { pinned, options }: Joining): AnyTool {
  return {
    name: `${options.name}_${tool.name}`
      .toLowerCase()
      .replace(/[^a-z0-9_-]/g, '_')
      .slice(0, 64),
    description: (tool.description ?? '').slice(0, 1_000),
    // The server judges its own arguments; a model is told its schema as it is.
    input: z.record(z.string(), z.unknown()),
    parameters: tool.inputSchema as JsonValue,
    risk: pinned.risk,
    untrusted: true,
    timeoutMs: options.timeoutMs ?? 30_000,
    target: () => `${options.name}/${tool.name}`,
    run: async (input: Record<string, unknown>, { signal }): Promise<ToolAnswer> => {
      const result = await client.callTool({ name: tool.name, arguments: input }, { signal, timeout: options.timeoutMs ?? 30_000 });
      return { text: result.content.map(tellContent).join('\n'), ...(result.isError ? { isError: true } : {}) };
    },
  };
}

function tellContent(content: { readonly type: string; readonly text?: unknown }): string {
  return content.type === 'text' ? String(content.text) : `[${content.type}]`;
}
