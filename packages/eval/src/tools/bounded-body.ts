import { Tier0Error } from '@tier0/core';

/** Reads the body of an answer as text. Throws MALFORMED_RESPONSE beyond `maxBytes`, so no server can fill the memory. */
export async function boundedBody(response: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maxBytes) throw tooLong(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function tooLong(maxBytes: number): Tier0Error {
  return new Tier0Error({
    code: 'MALFORMED_RESPONSE',
    message: `The answer is longer than ${maxBytes} bytes.`,
    hint: 'Narrow what is asked for, e.g. to one namespace.',
  });
}
