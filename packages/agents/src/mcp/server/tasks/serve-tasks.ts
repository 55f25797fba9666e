import type { CallToolResult, ClientCapabilities, McpServer, ServerContext } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { AnyTool } from '../../../loop/guard/tool.ts';
import type { serverSdk } from '../../sdk.ts';
import { toElicitation } from './read-reply.ts';
import type { DetailedTask, TaskDesk, TaskView } from './task-desk.ts';

/** The extension of the protocol by which a call outlives its request (SEP-2663). */
export const TASKS_EXTENSION = 'io.modelcontextprotocol/tasks';

/** Whose tasks are kept where. */
export interface ServingTasks {
  readonly sdk: Awaited<ReturnType<typeof serverSdk>>;
  readonly desk: TaskDesk;
  readonly owner: string;
}

const Named = z.looseObject({ taskId: z.string() });

/** Offers the extension on a server: tasks are looked at, answered and cancelled by whoever began them. */
export function serveTasks(server: McpServer, { sdk, desk, owner }: ServingTasks): void {
  const low = server.server;
  const on = (method: string, act: (taskId: string, context: ServerContext) => object | undefined) =>
    low.setRequestHandler(method, { params: Named }, async ({ taskId }, context) => {
      if (!acceptsTasks(context, sdk)) throw needsTasks(sdk);
      const done = act(taskId, context);
      if (done) return done as Record<string, unknown>;
      throw new sdk.ProtocolError(sdk.ProtocolErrorCode.InvalidParams, 'There is no such task, or none any more.');
    });
  low.registerCapabilities({ extensions: { [TASKS_EXTENSION]: {} } });
  on('tasks/get', (taskId) => told(desk.find(owner, taskId)));
  // The SDK takes answers out of the parameters of every request, and hands them over beside it.
  on('tasks/update', (taskId, { mcpReq }) => ackIf(desk.answer(owner, taskId, mcpReq.inputResponses ?? {})));
  on('tasks/cancel', (taskId) => ackIf(desk.cancel(owner, taskId)));
}

function ackIf(done: boolean): object | undefined {
  return done ? {} : undefined;
}

function told(task: DetailedTask | undefined): object | undefined {
  if (!task?.inputRequests) return task;
  const asked = Object.entries(task.inputRequests).map(([key, question]) => {
    return [key, { method: 'elicitation/create', params: toElicitation(question) }] as const;
  });
  return { ...task, inputRequests: Object.fromEntries(asked) };
}

/** The answer to a call that goes on as a task. */
export function createdTask(task: TaskView): CallToolResult {
  return { resultType: 'task', ...task } as unknown as CallToolResult;
}

/** Whether whoever made this very request can come back for a task. */
export function acceptsTasks({ mcpReq }: ServerContext, sdk: ServingTasks['sdk']): boolean {
  const envelope = mcpReq.envelope as Readonly<Record<string, ClientCapabilities | undefined>> | undefined;
  const extensions = envelope?.[sdk.CLIENT_CAPABILITIES_META_KEY]?.extensions as Readonly<Record<string, unknown>> | undefined;
  return extensions?.[TASKS_EXTENSION] !== undefined;
}

function needsTasks(sdk: ServingTasks['sdk']): Error {
  return new sdk.MissingRequiredClientCapabilityError({ requiredCapabilities: { extensions: { [TASKS_EXTENSION]: {} } } });
}

/**
 * Refuses calls of tools that only run as tasks when the client cannot come back for one. The SDK turns what a tool throws into a result,
 * and this must be an error of the protocol: so it is judged where the SDK registers its handler for calls.
 */
export function refuseCallsThatNeedTasks(server: McpServer, tools: readonly AnyTool[], sdk: ServingTasks['sdk']): void {
  const low = server.server;
  const register = low.setRequestHandler.bind(low) as (method: string, ...rest: readonly unknown[]) => void;
  const needing = new Set(tools.filter(({ task }) => task === 'required').map(({ name }) => name));
  type Handle = (request: { readonly params: { readonly name: string } }, context: ServerContext) => unknown;
  const guarded =
    (handle: Handle): Handle =>
    (request, context) => {
      if (needing.has(request.params.name) && !acceptsTasks(context, sdk)) throw needsTasks(sdk);
      return handle(request, context);
    };
  low.setRequestHandler = ((method: string, ...rest: readonly unknown[]) =>
    method === 'tools/call' && typeof rest[0] === 'function'
      ? register(method, guarded(rest[0] as Handle))
      : register(method, ...rest)) as typeof low.setRequestHandler;
}
