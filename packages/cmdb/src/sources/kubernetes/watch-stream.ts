import { readField } from '@tier0/core';
import { isRecord } from '../../kinds/kubernetes-object.ts';
import type { ApiConnection, ApiStream } from './connection.ts';

/** One line of a watch. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: Record<string, unknown>;
}

/** How a watch ended. Only `ended` and `lost` may go on where it stopped; after the others the kind has to be listed again. */
export type WatchEnd =
  | { readonly how: 'ended' }
  | { readonly how: 'lost'; readonly reason: string }
  | { readonly how: 'expired' }
  | { readonly how: 'malformed'; readonly reason: string }
  | { readonly how: 'refused'; readonly status: number; readonly body: string; readonly retryAfterMs?: number | undefined };

/** What is watched, and what happens with what it says. */
export interface WatchCall {
  /** With its query. */
  readonly path: string;
  readonly signal: AbortSignal;
  /** Bytes of one event at most. */
  readonly maxEventBytes: number;
  readonly onOpen: () => void;
  /** False: the event makes no sense, and the watch ends as malformed. */
  readonly onEvent: (event: WatchEvent) => boolean;
}

const EVENT_TYPES: ReadonlySet<unknown> = new Set(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK']);
/** Bytes of a refusal that are read: enough for its message. */
const REFUSAL_BYTES = 64 * 1024;

/**
 * Reads one watch to its end; says how it ended and never throws. The client library gives credentials and TLS, but its `Watch` class
 * does not read the stream: it skips lines that are no JSON, bounds no line, hides `Retry-After`, and ends a watch that is quiet for
 * half a minute.
 */
export async function readWatch(connection: ApiConnection, call: WatchCall): Promise<WatchEnd> {
  try {
    const stream = await connection.open(call.path, call.signal);
    if (stream.status === 410) return await drained(stream, { how: 'expired' });
    if (stream.status !== 200) {
      return { how: 'refused', status: stream.status, body: await textAtMost(stream, REFUSAL_BYTES), retryAfterMs: stream.retryAfterMs };
    }
    call.onOpen();
    return await readEvents(stream, call);
  } catch (error) {
    return { how: 'lost', reason: error instanceof Error ? error.message : String(error) };
  }
}

async function readEvents(stream: ApiStream, { maxEventBytes, onEvent }: WatchCall): Promise<WatchEnd> {
  const waiting: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of stream.chunks) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      const line = Buffer.concat([...waiting.splice(0), chunk.subarray(from, end)]);
      from = end + 1;
      bytes = 0;
      const stop = line.length > maxEventBytes ? tooLarge(maxEventBytes) : readLine(line.toString('utf8'), onEvent);
      if (stop) return stop;
    }
    bytes += chunk.length - from;
    if (bytes > maxEventBytes) return tooLarge(maxEventBytes);
    if (from < chunk.length) waiting.push(chunk.subarray(from));
  }
  return bytes > 0 ? { how: 'lost', reason: 'the watch broke off in the middle of an event' } : { how: 'ended' };
}

const NEWLINE = 10;

function tooLarge(maxEventBytes: number): WatchEnd {
  return { how: 'malformed', reason: `an event of the watch is larger than ${maxEventBytes} bytes` };
}

/** Undefined: the watch goes on. */
function readLine(line: string, onEvent: (event: WatchEvent) => boolean): WatchEnd | undefined {
  if (line.trim() === '') return undefined;
  const event = parse(line);
  if (!isRecord(event) || !isRecord(event.object)) return { how: 'malformed', reason: 'a line of the watch is no event' };
  if (event.type === 'ERROR') return endOf(event.object);
  if (!EVENT_TYPES.has(event.type)) return { how: 'malformed', reason: 'a line of the watch is an event of an unknown type' };
  const isTaken = onEvent({ type: event.type as WatchEvent['type'], object: event.object });
  return isTaken ? undefined : { how: 'malformed', reason: 'an event of the watch names no object' };
}

/** The Status of an ERROR event stands for the HTTP answer that came too late for a status line. */
function endOf(status: Record<string, unknown>): WatchEnd {
  if (status.code === 410 || status.reason === 'Expired' || status.reason === 'Gone') return { how: 'expired' };
  const seconds = Number(readField(status, ['details', 'retryAfterSeconds']));
  const body = JSON.stringify({ message: status.message });
  return { how: 'refused', status: Number(status.code) || 500, body, ...(seconds > 0 ? { retryAfterMs: seconds * 1000 } : {}) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function drained(stream: ApiStream, end: WatchEnd): Promise<WatchEnd> {
  await textAtMost(stream, REFUSAL_BYTES);
  return end;
}

async function textAtMost({ chunks }: ApiStream, bytes: number): Promise<string> {
  let text = Buffer.alloc(0);
  for await (const chunk of chunks) {
    text = Buffer.concat([text, chunk]);
    if (text.length > bytes) break;
  }
  return text.toString('utf8');
}
