import type { IncomingMessage } from 'node:http';
import { parse } from 'yaml';
import { StatusError } from '../status-error.ts';

/** Largest request body: what a real API server takes. */
export const BODY_LIMIT_BYTES = 3 * 1024 * 1024;
/** Deeper documents are refused, so that no later step can run out of stack. */
const DEPTH_LIMIT = 200;

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > BODY_LIMIT_BYTES) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_LIMIT_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The media type without parameters, lower case. */
export function contentTypeOf(request: IncomingMessage): string {
  return (request.headers['content-type'] ?? 'application/json').split(';')[0]!.trim().toLowerCase();
}

/** JSON, or YAML when the content type says so; refused when malformed, too deep or unsafe. */
export function decodeBody(body: Buffer, contentType: string): unknown {
  if (contentType.includes('protobuf') || contentType.includes('cbor')) {
    throw new StatusError(
      'UnsupportedMediaType',
      `the body of the request was in an unknown format: ${contentType} - send application/json`,
    );
  }
  const decoded = contentType.includes('yaml') ? decodeYaml(body) : decodeJson(body);
  requireSafe(decoded);
  return decoded;
}

function decodeJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new StatusError('BadRequest', `error decoding request body: ${(error as Error).message}`);
  }
}

/** JSON is YAML, but the JSON parser is faster and knows no aliases, so it is tried first. */
function decodeYaml(body: Buffer): unknown {
  const text = body.toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    try {
      return parse(text, { maxAliasCount: 100 });
    } catch (error) {
      throw new StatusError('BadRequest', `error decoding YAML: ${(error as Error).message}`);
    }
  }
}

function requireSafe(value: unknown): void {
  const open: { readonly value: unknown; readonly depth: number }[] = [{ value, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next.value !== 'object' || next.value === null) continue;
    if (next.depth > DEPTH_LIMIT) throw new StatusError('BadRequest', `request body is nested deeper than ${DEPTH_LIMIT} levels`);
    if (Object.hasOwn(next.value, '__proto__')) throw new StatusError('BadRequest', 'request body has a field named __proto__');
    for (const child of Object.values(next.value)) open.push({ value: child, depth: next.depth + 1 });
  }
}

function tooLarge(): StatusError {
  return new StatusError('RequestEntityTooLarge', `Request entity too large: limit is ${BODY_LIMIT_BYTES}`);
}
