import type {
  CallToolResult,
  InputRequiredResult,
  McpServer,
  RequestStateCodec,
  ServerCapabilities,
  ServerContext,
} from '@modelcontextprotocol/server';
import { digestOf, isTier0Error, redact } from '@tier0/core';
import type { AnyTool } from '../../loop/guard/tool.ts';
import { withinLimit } from '../../loop/within-limit.ts';
import { serverSdk } from '../sdk.ts';
import type { McpCaller } from './caller.ts';
import type { McpSurface } from './surface.ts';

/** Which way a client is asked: before 2026-07-28 by a request of its own, since then by the answer. */
export type McpEra = 'legacy' | 'modern';

/** One caller's view of a surface, ready to be connected. */
export interface McpServerOptions {
  readonly surface: McpSurface;
  readonly caller: McpCaller;
  readonly era: McpEra;
  /** Seals what a client carries from one round to the next. One key for the life of the process. */
  readonly seal: Uint8Array;
  /** Capabilities beside tools, resources and prompts, for those who register more on the server. */
  readonly capabilities?: ServerCapabilities | undefined;
}

/** A server that offers what the surface has for this caller. A tool the caller may not use is not even listed. */
export async function createMcpServer(options: McpServerOptions): Promise<McpServer> {
  const sdk = await serverSdk();
  const { surface, caller } = options;
  const codec = sdk.createRequestStateCodec<string>({ key: options.seal });
  const server = new sdk.McpServer(
    { name: surface.name, version: surface.version },
    { capabilities: { tools: {}, resources: {}, prompts: {}, ...options.capabilities }, requestState: { verify: codec.verify } },
  );
  for (const tool of surface.toolsFor(caller)) if (mayUse(caller, tool)) registerTool(server, tool, { options, sdk, codec });
  for (const resource of surface.resourcesFor?.(caller) ?? []) {
    const { name, uri, description, mimeType } = resource;
    server.registerResource(name, uri, { description, mimeType }, async () => ({
      contents: [{ uri, mimeType, text: redact(await resource.read()) }],
    }));
  }
  for (const { name, description, text } of surface.prompts ?? []) {
    server.registerPrompt(name, { description }, async () => ({ messages: [{ role: 'user', content: { type: 'text', text } }] }));
  }
  return server;
}

function mayUse({ scopes }: McpCaller, { risk }: AnyTool): boolean {
  return risk === 'read' ? scopes.includes('read') : scopes.includes('propose') && risk === 'write';
}

interface Serving {
  readonly options: McpServerOptions;
  readonly sdk: Awaited<ReturnType<typeof serverSdk>>;
  readonly codec: RequestStateCodec<string>;
}

function registerTool(server: McpServer, tool: AnyTool, serving: Serving): void {
  const reads = tool.risk === 'read';
  const annotations = { readOnlyHint: reads, destructiveHint: tool.risk === 'destructive', idempotentHint: reads, openWorldHint: false };
  const { name, description, input } = tool;
  server.registerTool(name, { description, inputSchema: input as never, annotations }, (async (args: unknown, context: ServerContext) => {
    return answer(tool, args, { ...serving, context });
  }) as never);
}

interface Answering extends Serving {
  readonly context: ServerContext;
}

async function answer(tool: AnyTool, input: unknown, answering: Answering): Promise<CallToolResult | InputRequiredResult> {
  if (tool.risk !== 'read') {
    const consent = await askConsent(tool, input, answering);
    if (typeof consent !== 'string') return consent;
    if (consent !== 'yes') return told(`Not done: ${consent}.`, true);
  }
  return run(tool, input, answering);
}

async function run(tool: AnyTool, input: unknown, { options, context }: Answering): Promise<CallToolResult> {
  const { toolMs = 30_000, answerCharacters = 24_000 } = options.surface;
  const call = String(context.mcpReq.id);
  // The same wish of the same caller is the same effect, however often a client sends it.
  const idempotencyKey = `mcp:${digestOf({ caller: options.caller.name, tool: tool.name, input })}`;
  try {
    const result = await withinLimit(Math.min(tool.timeoutMs ?? toolMs, toolMs), context.mcpReq.signal, (signal) =>
      tool.run(input, { signal, now: Date.now, run: `mcp-${options.caller.name}`, call, idempotencyKey }),
    );
    const text = redact(result.text);
    const cut =
      text.length > answerCharacters ? `${text.slice(0, answerCharacters)}\n[cut: ${text.length} characters in all; ask narrower]` : text;
    return told(cut, result.isError === true);
  } catch (error) {
    return told(`The tool failed: ${isTier0Error(error) ? redact(`${error.message} ${error.hint}`) : 'an unexpected error'}`, true);
  }
}

function told(text: string, isError = false): CallToolResult {
  return { content: [{ type: 'text', text }], ...(isError ? { isError: true } : {}) };
}

const CONSENT = {
  type: 'object' as const,
  properties: { confirm: { type: 'boolean' as const, description: 'Whether this may be proposed.' } },
  required: ['confirm'],
};

/**
 * A person at the client must confirm, for exactly this tool and these arguments. A client that cannot ask a person means no. This is a
 * courtesy to the caller and no approval: what the tool does is still judged by the gate and approved by people who sign.
 */
async function askConsent(tool: AnyTool, input: unknown, answering: Answering): Promise<string | InputRequiredResult> {
  const { options, sdk, codec, context } = answering;
  const message = `${options.caller.name} asks for ${tool.name} at ${tool.target?.(input) ?? 'an unnamed target'}: ${redact(JSON.stringify(input)).slice(0, 600)}`;
  if (options.era === 'legacy') return askByRequest(context, message);
  const subject = digestOf({ caller: options.caller.name, tool: tool.name, input });
  const answers = context.mcpReq.inputResponses;
  if (answers?.consent === undefined) {
    const requestState = await codec.mint(subject);
    return sdk.inputRequired({ inputRequests: { consent: sdk.inputRequired.elicit({ message, requestedSchema: CONSENT }) }, requestState });
  }
  if (context.mcpReq.requestState<string>() !== subject) return 'the consent was given for another call';
  return sdk.acceptedContent<{ confirm: boolean }>(answers, 'consent')?.confirm === true ? 'yes' : 'nobody confirmed it';
}

async function askByRequest(context: ServerContext, message: string): Promise<string> {
  try {
    const said = await context.mcpReq.elicitInput({ message, requestedSchema: CONSENT });
    return said.action === 'accept' && said.content?.confirm === true ? 'yes' : 'nobody confirmed it';
  } catch {
    return 'the client cannot ask a person';
  }
}
