import { readFile } from 'node:fs/promises';
import type { AnyTool } from '@tier0/agents/loop';
import { connectMcpTools, listOfferedTools, type McpConnection } from '@tier0/agents/mcp';
import { Tier0Error } from '@tier0/core';
import { z } from 'zod';

const ServerSchema = z.strictObject({
  /** Goes in front of the names of its tools. */
  name: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/),
  command: z.string().min(1).optional(),
  args: z.array(z.string()).optional(),
  env: z.record(z.string(), z.string()).optional(),
  url: z.url().optional(),
  timeoutMs: z.int().positive().optional(),
  /** What may be used. Only what reads: nobody here could approve more. */
  tools: z
    .array(z.strictObject({ name: z.string().min(1), hash: z.string().regex(/^[0-9a-f]{64}$/), risk: z.literal('read') }))
    .default([]),
});

type Server = z.infer<typeof ServerSchema>;

/** Tools of other servers, and what of them is blocked. */
export interface JoinedServers {
  readonly tools: readonly AnyTool[];
  readonly blocked: readonly string[];
  close(): Promise<void>;
}

/** Connects to the servers of a file and takes over what is pinned. Throws INVALID_INPUT for the file, UNAVAILABLE for a server that is not there. */
export async function joinServers(file: string): Promise<JoinedServers> {
  const servers = await readServers(file);
  const joined: Awaited<ReturnType<typeof connectMcpTools>>[] = [];
  const close = async () => {
    for (const one of joined) await one.close().catch(() => undefined);
  };
  try {
    for (const server of servers) {
      const { name, tools, timeoutMs } = server;
      joined.push(await connectMcpTools({ name, tools, timeoutMs, connection: connectionOf(server) }));
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { tools: joined.flatMap(({ tools }) => tools), blocked: joined.flatMap(({ blocked }) => blocked), close };
}

/** The file with every tool that its servers offer now and say only reads: for a person to look at, shorten and keep. JSON. */
export async function pinServers(file: string): Promise<string> {
  const pinned = [];
  for (const server of await readServers(file)) {
    const offered = await listOfferedTools({ name: server.name, connection: connectionOf(server) });
    const tools = offered.filter(({ readOnly }) => readOnly).map(({ name, hash }) => ({ name, hash, risk: 'read' as const }));
    pinned.push({ ...server, tools });
  }
  return `${JSON.stringify(pinned, null, 2)}\n`;
}

async function readServers(file: string): Promise<readonly Server[]> {
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new Tier0Error({
      code: 'NOT_FOUND',
      message: `The file of servers ${file} cannot be read.`,
      hint: 'Name an existing file.',
      cause,
    });
  });
  const parsed = z.array(ServerSchema).safeParse(jsonIn(text));
  const flaw = parsed.success
    ? parsed.data.find(({ command, url }) => (command === undefined) === (url === undefined))
    : `${parsed.error.issues[0]?.path.join('.')}: ${parsed.error.issues[0]?.message}`;
  if (parsed.success && flaw === undefined) return parsed.data;
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: `The file of servers ${file} cannot be used: ${typeof flaw === 'string' ? flaw : 'a server has one of "command" and "url"'}.`,
    hint: 'Write [{"name": "kubernetes", "command": "kubernetes-mcp-server", "args": ["--read-only"]}], and pin its tools with "tier0 mcp pin".',
  });
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function connectionOf({ command, args, env, url = '' }: Server): McpConnection {
  return command === undefined ? { url } : { command, args, env };
}
