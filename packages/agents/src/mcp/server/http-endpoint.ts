import { randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import type { AuthInfo, McpServer, WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server';
import { Tier0Error } from '@tier0/core';
import { serverSdk } from '../sdk.ts';
import { callerOf, type McpCaller } from './caller.ts';
import { createMcpServer, type McpEra } from './create-mcp-server.ts';
import type { McpHttpOptions, McpHttpServer } from './http.ts';
import { isLoopback, refusalOf } from './http-guard.ts';
import { createTaskDesk } from './tasks/task-desk.ts';

/** Makes the server of a caller. */
export type MakeServer = (caller: McpCaller, era: McpEra) => Promise<McpServer>;

/** What the endpoint offers, and its servers where they need more than a surface holds. */
export interface HttpEndpointOptions extends McpHttpOptions {
  readonly makeServer?: MakeServer | undefined;
}

const ANYBODY_HERE: McpCaller = { name: 'local', scopes: ['read'] };
const MAX_BODY_BYTES = 1024 * 1024;
const MAX_SESSIONS = 64;

interface Session {
  readonly caller: string;
  readonly server: McpServer;
  readonly transport: WebStandardStreamableHTTPServerTransport;
}

/** Starts the endpoint. Throws INVALID_INPUT for an open address without tokens. */
export async function startHttpEndpoint(options: HttpEndpointOptions): Promise<McpHttpServer> {
  const { host = '127.0.0.1', port = 0, tokens = [] } = options;
  if (!isLoopback(host) && tokens.length === 0) throw openWithoutTokens(host);
  const handle = await createHandler(options);
  const server = createServer((request, response) => {
    serve(options, handle, { request, response }).catch(() => {
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}/mcp`,
    changed: handle.changed,
    close: () => stop(server, handle),
  };
}

function openWithoutTokens(host: string): Tier0Error {
  return new Tier0Error({
    code: 'INVALID_INPUT',
    message: `The MCP server shall listen on ${host}, which others can reach, without tokens.`,
    hint: 'Give tokens with scopes, or listen on 127.0.0.1.',
  });
}

async function stop(server: Server, handle: Handler): Promise<void> {
  await handle.close();
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

async function serve(options: McpHttpOptions, handle: Handler, { request, response }: Exchange): Promise<void> {
  const refusal = refusalOf(request, options);
  if (refusal) return sendError(response, 403, refusal);
  if (new URL(request.url ?? '/', 'http://x').pathname !== '/mcp') return sendError(response, 404, 'the server is at /mcp');
  const caller = options.tokens?.length ? callerOf(request.headers.authorization, options.tokens) : ANYBODY_HERE;
  if (!caller) {
    response.setHeader('www-authenticate', 'Bearer');
    return sendError(response, 401, 'a bearer token is needed');
  }
  const body = await readBody(request);
  if (body === undefined) return sendError(response, 413, `a request may have ${MAX_BODY_BYTES} bytes`);
  await sendResponse(response, await handle.answer(toWebRequest(request, response, body), caller));
}

function sendError(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32_000, message } }));
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

function toWebRequest(request: IncomingMessage, response: ServerResponse, body: Buffer): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) for (const one of [value ?? []].flat()) headers.append(name, one);
  const gone = new AbortController();
  // The response closes with its exchange; a socket outlives it and would gather a listener for each.
  response.once('close', () => gone.abort());
  const method = request.method ?? 'GET';
  const content = method === 'POST' ? { body: new Uint8Array(body) } : {};
  return new Request(`http://${request.headers.host}${request.url}`, { method, headers, signal: gone.signal, ...content });
}

async function sendResponse(response: ServerResponse, answer: Response): Promise<void> {
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  if (!answer.body) {
    response.end();
    return;
  }
  const stream = Readable.fromWeb(answer.body as never);
  response.once('close', () => stream.destroy());
  stream.on('error', () => response.destroy());
  response.flushHeaders();
  stream.pipe(response);
}

interface Handler {
  changed(list: 'tools' | 'prompts' | 'resources'): void;
  answer(request: Request, caller: McpCaller): Promise<Response>;
  close(): Promise<void>;
}

/** One road for each era: a fresh server a request since 2026-07-28, sessions before. A session belongs to the caller who began it. */
async function createHandler(options: HttpEndpointOptions): Promise<Handler> {
  const sdk = await serverSdk();
  const seal = randomBytes(32);
  const tasks = createTaskDesk();
  const make =
    options.makeServer ?? ((caller: McpCaller, era: McpEra) => createMcpServer({ surface: options.surface, caller, era, seal, tasks }));
  const modern = sdk.createMcpHandler(({ authInfo }) => make(authInfo?.extra?.caller as McpCaller, 'modern'), { legacy: 'reject' });
  const sessions = new Map<string, Session>();
  return {
    changed: (list) => modern.notify[`${list}Changed`](),
    async answer(request, caller) {
      const parsedBody =
        request.method === 'POST'
          ? await request
              .clone()
              .json()
              .catch(() => undefined)
          : undefined;
      const id = request.headers.get('mcp-session-id');
      const known = id === null ? undefined : sessions.get(id);
      if (known)
        return known.caller === caller.name ? known.transport.handleRequest(request, { parsedBody }) : status(404, 'no such session');
      if (!(await sdk.isLegacyRequest(request.clone(), parsedBody))) {
        const authInfo: AuthInfo = { token: '', clientId: caller.name, scopes: [...caller.scopes], extra: { caller } };
        return modern.fetch(request, { authInfo, parsedBody });
      }
      if (id !== null) return status(404, 'no such session');
      if (!sdk.isInitializeRequest(parsedBody)) return status(400, 'begin with initialize');
      const transport = await begin(sdk, sessions, { server: await make(caller, 'legacy'), caller });
      return transport.handleRequest(request, { parsedBody });
    },
    async close() {
      tasks.close();
      await modern.close();
      for (const { server } of sessions.values()) await server.close();
    },
  };
}

function status(code: number, message: string): Response {
  return Response.json({ jsonrpc: '2.0', id: null, error: { code: -32_001, message } }, { status: code });
}

type Sdk = Awaited<ReturnType<typeof serverSdk>>;

interface Beginning {
  readonly server: McpServer;
  readonly caller: McpCaller;
}

async function begin(sdk: Sdk, sessions: Map<string, Session>, { server, caller }: Beginning) {
  const transport = new sdk.WebStandardStreamableHTTPServerTransport({
    sessionIdGenerator: () => randomUUID(),
    onsessioninitialized: (id) => {
      sessions.set(id, { caller: caller.name, server, transport });
      const [oldest] = sessions.keys();
      if (sessions.size > MAX_SESSIONS && oldest !== undefined) void end(sessions, oldest);
    },
    onsessionclosed: (id) => end(sessions, id),
  });
  await server.connect(transport);
  return transport;
}

async function end(sessions: Map<string, Session>, id: string): Promise<void> {
  const session = sessions.get(id);
  sessions.delete(id);
  await session?.server.close();
}
