import { readFile } from 'node:fs/promises';
import { Tier0Error } from '@tier0/core';
import type { SecretReference } from './schema.ts';

/** Longest secret that is read, characters. */
const MAX_CHARACTERS = 64 * 1024;

/** The value behind a reference, without the line break at its end. Throws INVALID_INPUT when it is not there; the value is never in a message. */
export async function readSecret(reference: SecretReference, variables: Readonly<Record<string, string | undefined>>): Promise<string> {
  const value = 'env' in reference ? variables[reference.env] : await readFile(reference.file, 'utf8').catch(() => undefined);
  const trimmed = value?.replace(/\r?\n$/, '') ?? '';
  if (trimmed !== '' && trimmed.length <= MAX_CHARACTERS) return trimmed;
  const place = 'env' in reference ? `The environment variable ${reference.env}` : `The file ${reference.file}`;
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: `${place} holds no secret.`,
    hint: 'Set it where tier0 is started, or correct the reference in the configuration.',
  });
}
