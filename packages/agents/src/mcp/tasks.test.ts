import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { defineTool, type ToolReply } from '../loop/guard/tool.ts';
import { type McpHttpServer, serveMcpOverHttp } from './server/http.ts';
import { createTaskDesk, type TaskEnd } from './server/tasks/task-desk.ts';

const ADA = 'a-token-of-ada-who-may-only-look-at-it';
const BOB = 'a-token-of-bob-who-may-only-look-at-it';
const EXTENSION = 'io.modelcontextprotocol/tasks';

const remediate = defineTool({
  name: 'follow_remedy',
  description: 'Takes long.',
  input: z.strictObject({ item: z.string() }),
  risk: 'read',
  task: 'optional',
  run: async ({ item }, { ask, report }) => {
    report?.(`waiting for a person, password=hunter2x at ${item}`);
    const said = await ask?.({ message: `Go on with ${item}?`, fields: { confirm: 'boolean' } });
    return { text: said?.action === 'accept' && said.content.confirm === true ? `${item}: password=hunter2x, cured` : 'left alone' };
  },
});

let server: McpHttpServer | undefined;
afterEach(() => server?.close());

async function serve(): Promise<McpHttpServer> {
  const tokens = [
    { token: ADA, name: 'ada', scopes: ['read'] as const },
    { token: BOB, name: 'bob', scopes: ['read'] as const },
  ];
  server = await serveMcpOverHttp({ surface: { name: 'tier0', version: '1', toolsFor: () => [remediate] }, tokens });
  return server;
}

interface Said {
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: number; readonly data?: unknown };
}

/** One request as the 2026-07-28 revision writes it; the SDK's client knows no tasks. */
async function send(method: string, params: Readonly<Record<string, unknown>>, { token = ADA, tasks = true } = {}): Promise<Said> {
  const name = String(params.name ?? params.taskId);
  const capabilities = { elicitation: {}, ...(tasks ? { extensions: { [EXTENSION]: {} } } : {}) };
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': capabilities,
    'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
  };
  const response = await fetch(server?.url ?? '', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${token}`,
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      'mcp-name': name,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: meta } }),
  });
  const text = await response.text();
  return JSON.parse(text.startsWith('{') ? text : (/^data: (\{.*)$/m.exec(text)?.[1] ?? '{}')) as Said;
}

const call = { name: 'follow_remedy', arguments: { item: 'shop/payment' } };

async function look(taskId: unknown, until: string): Promise<Readonly<Record<string, unknown>>> {
  for (let tries = 0; tries < 200; tries++) {
    const { result } = await send('tasks/get', { taskId });
    if (result?.status === until) return result;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`the task never became ${until}`);
}

describe('a call that takes long', () => {
  test('goes on as a task, asks a person, and ends with the answer; secrets are in no part of it', async () => {
    await serve();
    const { result: created } = await send('tools/call', call);
    expect(created).toMatchObject({ resultType: 'task', taskId: expect.any(String), ttlMs: 86_400_000 });
    const waiting = await look(created?.taskId, 'input_required');
    const [[key, asked] = []] = Object.entries(waiting.inputRequests as Readonly<Record<string, { readonly method: string }>>);
    expect(asked?.method).toBe('elicitation/create');
    const badAnswers = {
      other: { action: 'accept', content: { confirm: true } },
      [String(key)]: { action: 'accept', content: { confirm: 'yes' } },
    };
    expect((await send('tasks/update', { taskId: created?.taskId, inputResponses: badAnswers })).result).toBeDefined();
    expect((await send('tasks/get', { taskId: created?.taskId })).result?.status).toBe('input_required');
    await send('tasks/update', {
      taskId: created?.taskId,
      inputResponses: { [String(key)]: { action: 'accept', content: { confirm: true, more: 1 } } },
    });
    const ended = await look(created?.taskId, 'completed');
    expect(JSON.stringify(ended.result)).toContain('cured');
    expect(JSON.stringify([waiting, ended])).not.toContain('hunter2x');
  });

  test('is nobody else’s: another caller cannot look, answer or cancel', async () => {
    await serve();
    const { result: created } = await send('tools/call', call);
    const waiting = await look(created?.taskId, 'input_required');
    const [key] = Object.keys(waiting.inputRequests as object);
    const inputResponses = { [String(key)]: { action: 'accept', content: { confirm: true } } };
    for (const [method, params] of [
      ['tasks/get', {}],
      ['tasks/update', { inputResponses }],
      ['tasks/cancel', {}],
    ] as const) {
      const said = await send(method, { taskId: created?.taskId, ...params }, { token: BOB });
      expect(said.error?.code).toBe(-32_602);
    }
    expect((await send('tasks/get', { taskId: created?.taskId })).result?.status).toBe('input_required');
  });

  test('is cancelled by its owner, and what it asked counts as a no', async () => {
    await serve();
    const { result: created } = await send('tools/call', call);
    await look(created?.taskId, 'input_required');
    await send('tasks/cancel', { taskId: created?.taskId });
    expect(await look(created?.taskId, 'cancelled')).not.toHaveProperty('result');
  });

  test('is waited for by a client that knows no tasks; a person cannot be asked there, which is no yes', async () => {
    await serve();
    const { result } = await send('tools/call', call, { tasks: false });
    expect(result).toMatchObject({ resultType: 'complete', content: [{ text: 'left alone' }] });
    expect((await send('tasks/get', { taskId: 'x' }, { tasks: false })).error?.code).toBe(-32_021);
  });
});

describe('the desk', () => {
  const never = () => new Promise<TaskEnd>(() => undefined);

  test('keeps what ended for its time, and what works for longer', async () => {
    let nowMs = 0;
    const desk = createTaskDesk({ now: () => nowMs, ttlMs: 1_000 });
    const done = desk.start('ada', async () => ({ status: 'cancelled' }));
    const works = desk.start('ada', never);
    await new Promise((resolve) => setImmediate(resolve));
    nowMs = 999;
    expect(desk.find('ada', done?.taskId ?? '')?.status).toBe('cancelled');
    nowMs = 1_001;
    expect(desk.find('ada', done?.taskId ?? '')).toBeUndefined();
    expect(desk.find('ada', works?.taskId ?? '')?.status).toBe('working');
  });

  test('opens no more tasks for one owner than it may have, and others are not kept waiting by that', () => {
    const desk = createTaskDesk({ open: 2 });
    const started = ['ada', 'ada', 'ada', 'bob'].map((owner) => desk.start(owner, never) !== undefined);
    expect(started).toEqual([true, true, false, true]);
  });

  test('an error that nobody expected ends a task as failed and repeats nothing of it', async () => {
    const desk = createTaskDesk();
    const task = desk.start('ada', () => Promise.reject(new Error('password=hunter2x')));
    await new Promise((resolve) => setImmediate(resolve));
    const found = desk.find('ada', task?.taskId ?? '');
    expect(found).toMatchObject({ status: 'failed', error: { code: -32_603 } });
    expect(JSON.stringify(found)).not.toContain('hunter2x');
  });

  test('a question asked after the end of the server is a no', async () => {
    const desk = createTaskDesk();
    const heard: ToolReply[] = [];
    desk.start('ada', async ({ ask }) => {
      heard.push(await ask({ message: 'first', fields: {} }), await ask({ message: 'second', fields: {} }));
      return { status: 'cancelled' };
    });
    desk.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect(heard).toEqual([{ action: 'cancel' }, { action: 'cancel' }]);
  });
});
