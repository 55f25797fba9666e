import { Tier0Error } from '@tier0/core';
import { PROGRAM } from '../program-name.ts';

/** A port of the command line; 0 is a free one. Throws INVALID_INPUT. */
export function portOf(text: string, command: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port < 65_536) return port;
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: `--port is a number up to 65535, not "${text}".`,
    hint: `Run "${PROGRAM} ${command} --help" to see how it is called.`,
  });
}
