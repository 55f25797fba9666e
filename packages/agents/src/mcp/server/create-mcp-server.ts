import type {
  CallToolResult,
  InputRequiredResult,
  McpServer,
  RequestStateCodec,
  ServerCapabilities,
  ServerContext,
} from '@modelcontextprotocol/server';
import { digestOf, isTier0Error, redact } from '@tier0/core';
import type { AnyTool, ToolAnswer } from '../../loop/guard/tool.ts';
import { withinLimit } from '../../loop/within-limit.ts';
import { serverSdk } from '../sdk.ts';
import type { McpCaller } from './caller.ts';
import type { McpSurface } from './surface.ts';
import { acceptsTasks, createdTask, refuseCallsThatNeedTasks, serveTasks } from './tasks/serve-tasks.ts';
import type { TaskDesk, TaskEnd, TaskSurroundings } from './tasks/task-desk.ts';

/** Which way a client is asked: before 2026-07-28 by a request of its own, since then by the answer. */
export type McpEra = 'legacy' | 'modern';

/** One caller's view of a surface, ready to be connected. */
export interface McpServerOptions {
  readonly surface: McpSurface;
  readonly caller: McpCaller;
  readonly era: McpEra;
  /** Seals what a client carries from one round to the next. One key for the life of the process. */
  readonly seal: Uint8Array;
  /** Where calls go on that outlive their request; one desk for all servers of a process. Absent: every call is waited for. */
  readonly tasks?: TaskDesk | undefined;
  /** Capabilities beside tools, resources and prompts, for those who register more on the server. */
  readonly capabilities?: ServerCapabilities | undefined;
}

/** A server that offers what the surface has for this caller. A tool the caller may not use is not even listed. */
export async function createMcpServer(options: McpServerOptions): Promise<McpServer> {
  const sdk = await serverSdk();
  const { surface, caller } = options;
  const codec = sdk.createRequestStateCodec<string>({ key: options.seal });
  const { tools: toolCapability = {}, ...capabilities } = options.capabilities ?? {};
  const server = new sdk.McpServer(
    { name: surface.name, version: surface.version },
    { capabilities: { resources: {}, prompts: {}, ...capabilities }, requestState: { verify: codec.verify } },
  );
  const tools = (await surface.toolsFor(caller)).filter((tool) => mayUse(caller, tool));
  refuseCallsThatNeedTasks(server, tools, sdk);
  if (options.tasks && options.era === 'modern') serveTasks(server, { sdk, desk: options.tasks, owner: caller.name });
  server.server.registerCapabilities({ tools: toolCapability });
  for (const tool of tools) registerTool(server, tool, { options, sdk, codec });
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
  const { options, sdk, context } = answering;
  if (tool.task && options.tasks && acceptsTasks(context, sdk)) return beginTask(tool, input, { ...answering, desk: options.tasks });
  return run(tool, input, answering);
}

function beginTask(tool: AnyTool, input: unknown, answering: Answering & { readonly desk: TaskDesk }): CallToolResult {
  const task = answering.desk.start(answering.options.caller.name, (around) => runAsTask(tool, input, { ...answering, around }));
  return task ? createdTask(task) : told('Not begun: too many tasks of this caller are still open. Cancel some, or wait for them.', true);
}

/** Unlike an answer that is waited for, a task tells an error nobody expected from one that the tool speaks of. */
async function runAsTask(
  tool: AnyTool,
  input: unknown,
  { options, context, around }: Answering & { readonly around: TaskSurroundings },
): Promise<TaskEnd> {
  const { taskMs = 12 * 3_600_000 } = options.surface;
  const surroundings = { ...toolContextOf(tool, input, { options, context }), ...redacted(around) };
  try {
    const result = await withinLimit(taskMs, around.signal, (signal) => tool.run(input, { ...surroundings, signal }));
    return { status: 'completed', result: toldOf(result, options.surface) };
  } catch (error) {
    if (around.signal.aborted) return { status: 'cancelled' };
    if (isTier0Error(error)) return { status: 'completed', result: told(failureOf(error), true) };
    throw error;
  }
}

/** What a tool says of its progress and asks people may hold what it read. */
function redacted({ report, ask }: TaskSurroundings): Pick<TaskSurroundings, 'report' | 'ask'> {
  return {
    report: (words) => report(redact(words).slice(0, 500)),
    ask: (question) => ask({ ...question, message: redact(question.message).slice(0, 2_000) }),
  };
}

async function run(tool: AnyTool, input: unknown, { options, context }: Answering): Promise<CallToolResult> {
  const { toolMs = 30_000 } = options.surface;
  const surroundings = { ...toolContextOf(tool, input, { options, context }), report: progressOf(context) };
  try {
    const result = await withinLimit(Math.min(tool.timeoutMs ?? toolMs, toolMs), context.mcpReq.signal, (signal) =>
      tool.run(input, { ...surroundings, signal }),
    );
    return toldOf(result, options.surface);
  } catch (error) {
    return told(failureOf(error), true);
  }
}

function toolContextOf(tool: AnyTool, input: unknown, { options, context }: Pick<Answering, 'options' | 'context'>) {
  const { name } = options.caller;
  // The same wish of the same caller is the same effect, however often a client sends it.
  const idempotencyKey = `mcp:${digestOf({ caller: name, tool: tool.name, input })}`;
  return { now: Date.now, run: `mcp-${name}`, call: String(context.mcpReq.id), idempotencyKey };
}

/** Tells a client that asked to be told. What it says counts up: how much is left is not known. */
function progressOf({ mcpReq }: ServerContext): (words: string) => void {
  const progressToken = mcpReq._meta?.progressToken;
  let progress = 0;
  return (words) => {
    if (progressToken === undefined) return;
    progress += 1;
    const params = { progressToken, progress, message: redact(words) };
    void mcpReq.notify({ method: 'notifications/progress', params }).catch(() => undefined);
  };
}

function toldOf(result: ToolAnswer, { answerCharacters = 24_000 }: McpSurface): CallToolResult {
  const text = redact(result.text);
  const cut =
    text.length > answerCharacters ? `${text.slice(0, answerCharacters)}\n[cut: ${text.length} characters in all; ask narrower]` : text;
  return told(cut, result.isError === true);
}

function failureOf(error: unknown): string {
  return `The tool failed: ${isTier0Error(error) ? redact(`${error.message} ${error.hint}`) : 'an unexpected error'}`;
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
