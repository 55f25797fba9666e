import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ModelScene, SceneTurn } from '@tier0/core/testing';
import { type AnsweredTurn, finestPieces, type Pieces, type ProviderWire, type WireEvent } from './provider-wire.ts';

/** What a strict provider plays and how finely it cuts what it says. */
export interface ProviderServerOptions {
  readonly wire: ProviderWire;
  readonly scene: ModelScene;
  /** Default: one code point a piece. */
  readonly pieces?: Pieces | undefined;
  /** Bytes written at once. Default 1: text is split inside its characters. */
  readonly chunkBytes?: number | undefined;
}

/** A running provider. */
export interface ProviderServer {
  /** `http://127.0.0.1:PORT`, without a path. */
  readonly url: string;
  /** Bodies that were accepted, and why others were not. */
  readonly requests: unknown[];
  readonly refused: string[];
  /** Stops listening. */
  close(): Promise<void>;
}

/** A provider on loopback that takes only what the real one would take, and plays one scene. */
export async function startProviderServer(options: ProviderServerOptions): Promise<ProviderServer> {
  const requests: unknown[] = [];
  const refused: string[] = [];
  const server = createServer(async (request, response) => {
    const body = await readJson(request);
    const problem = problemWith(options, { request, body, turn: requests.length });
    if (problem !== undefined) {
      refused.push(problem);
      response
        .writeHead(400, { 'content-type': 'application/json' })
        .end(JSON.stringify({ error: { message: problem, type: 'strict', code: 400 } }));
      return;
    }
    const turn = options.scene.turns[requests.length] as SceneTurn;
    requests.push(body);
    await playTurn(options, turn, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    refused,
    close: () => new Promise((resolve) => closeNow(server, resolve)),
  };
}

function closeNow(server: ReturnType<typeof createServer>, done: () => void): void {
  server.close(() => done());
  server.closeAllConnections();
}

interface Asked {
  readonly request: IncomingMessage;
  readonly body: unknown;
  readonly turn: number;
}

function problemWith({ wire, scene }: ProviderServerOptions, { request, body, turn }: Asked): string | undefined {
  if (request.method !== 'POST' || !wire.path.test(request.url ?? '')) return `no such route: ${request.method} ${request.url}`;
  if (!request.headers['content-type']?.startsWith('application/json')) return 'the body is not said to be JSON';
  if (!request.headers[wire.keyHeader]) return `the header ${wire.keyHeader} is missing`;
  const parsed = wire.request.safeParse(body);
  if (!parsed.success) return parsed.error.message;
  if (scene.turns[turn] === undefined) return `the scene has ${scene.turns.length} turns`;
  const given = scene.turns.slice(0, turn).flatMap(signaturesOf);
  const returned = wire.signatures(body);
  if (JSON.stringify(given) !== JSON.stringify(returned)) return `signatures given ${given.join(' ')}, returned ${returned.join(' ')}`;
  return wire.problem(body);
}

function signaturesOf(turn: SceneTurn): readonly string[] {
  if ('refuse' in turn) return [];
  return turn.parts.flatMap((part) => (part.type === 'reasoning' ? [part.signature] : []));
}

async function playTurn(
  { wire, pieces = finestPieces, chunkBytes = 1 }: ProviderServerOptions,
  turn: SceneTurn,
  response: ServerResponse,
): Promise<void> {
  if ('refuse' in turn) {
    const { status, headers, body } = wire.refusal(turn);
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const events = wire.answer(turn, pieces);
  const last = endOf(wire, turn);
  await writeSlowly(response, [...events, ...last.events].map(toText).join('') + (last.done ? (wire.lastLine ?? '') : ''), chunkBytes);
  if (turn.instead === 'cut') await cut(response);
  else if (turn.instead !== 'hang') response.end();
}

/** Breaks the connection after what was said has arrived. */
async function cut(response: ServerResponse): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 50));
  response.destroy();
}

function endOf(wire: ProviderWire, { instead }: AnsweredTurn): { readonly events: readonly WireEvent[]; readonly done: boolean } {
  return instead === 'error' ? { events: [wire.errorEvent()], done: false } : { events: [], done: instead === undefined };
}

function toText({ event, data }: WireEvent): string {
  return `${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`;
}

async function writeSlowly(response: ServerResponse, text: string, size: number): Promise<void> {
  const bytes = Buffer.from(text);
  for (let from = 0; from < bytes.length; from += size) {
    response.write(bytes.subarray(from, from + size));
    if (from % 64 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return undefined;
  }
}
