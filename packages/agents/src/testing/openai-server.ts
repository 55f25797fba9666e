import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';

/** What the server does with one request. */
export type OpenAiReply =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  | { readonly events: readonly string[] /** Bytes sent at once. Default: everything. */; readonly chunkBytes?: number };

/** A strict stand-in for an OpenAI-compatible API, on loopback. */
export interface OpenAiServer {
  readonly baseUrl: string;
  /** Bodies of the requests that were valid. */
  readonly requests: readonly unknown[];
  close(): Promise<void>;
}

const MessageSchema = z.discriminatedUnion('role', [
  z.strictObject({ role: z.literal('system'), content: z.string() }),
  z.strictObject({ role: z.literal('user'), content: z.string() }),
  z.strictObject({
    role: z.literal('assistant'),
    content: z.string(),
    tool_calls: z
      .array(
        z.strictObject({
          id: z.string().min(1),
          type: z.literal('function'),
          function: z.strictObject({ name: z.string(), arguments: z.string() }),
        }),
      )
      .optional(),
  }),
  z.strictObject({ role: z.literal('tool'), content: z.string(), tool_call_id: z.string().min(1) }),
]);

const RequestSchema = z.strictObject({
  model: z.string().min(1),
  messages: z.array(MessageSchema).min(1),
  max_tokens: z.number().int().positive(),
  stream: z.literal(true),
  stream_options: z.strictObject({ include_usage: z.literal(true) }),
  tools: z
    .array(
      z.strictObject({
        type: z.literal('function'),
        function: z.strictObject({ name: z.string(), description: z.string(), parameters: z.unknown() }),
      }),
    )
    .optional(),
  response_format: z
    .strictObject({
      type: z.literal('json_schema'),
      json_schema: z.strictObject({
        name: z.string().regex(/^[\w-]+$/),
        strict: z.literal(true),
        schema: z.record(z.string(), z.unknown()),
      }),
    })
    .optional(),
});

/** A Chat Completions server for tests. It answers 400 to whatever the real API would not understand. */
export async function startOpenAiServer(replies: readonly OpenAiReply[]): Promise<OpenAiServer> {
  const requests: unknown[] = [];
  const waiting = [...replies];
  const server = createServer(async (request, response) => {
    const body = await readBody(request);
    const parsed = RequestSchema.safeParse(body);
    const isChat =
      request.method === 'POST' && request.url === '/v1/chat/completions' && request.headers['content-type'] === 'application/json';
    if (!isChat || !parsed.success) {
      response.writeHead(400).end(JSON.stringify({ error: { message: parsed.error?.message ?? 'no such route' } }));
      return;
    }
    requests.push(parsed.data);
    await answer(response, waiting.shift() ?? { status: 500 });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return undefined;
  }
}

async function answer(response: ServerResponse, reply: OpenAiReply): Promise<void> {
  if ('status' in reply) {
    response.writeHead(reply.status, reply.headers).end(reply.body ?? '{}');
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const bytes = Buffer.from(reply.events.map((event) => `data: ${event}\n\n`).join(''));
  const size = reply.chunkBytes ?? bytes.length;
  for (let from = 0; from < bytes.length; from += size) {
    response.write(bytes.subarray(from, from + size));
    if (size < bytes.length) await new Promise((resolve) => setImmediate(resolve));
  }
  response.end();
}
