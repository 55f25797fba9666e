import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Tier0Error } from '@tier0/core';
import { withFileLock, writeAtomically } from '@tier0/core/files';

/** An Ed25519 key of this installation. */
export interface SigningKey {
  readonly name: string;
  /** PKCS #8, PEM. */
  readonly privateKey: string;
  /** SPKI, PEM. */
  readonly publicKey: string;
}

/** Real milliseconds that another process may take to make the key. */
const PATIENCE_MS = 10_000;

/**
 * The key in `<file>.key`, its owner's only, made when there is none; its public part stands in `<file>.pub`. Two processes that come at once
 * get the same one. Throws INVALID_INPUT for a file that holds no key.
 */
export async function signingKey(file: string, instead: string): Promise<SigningKey> {
  const privateKey = (await readKey(file)) ?? (await makeKey(file, instead));
  return { name: 'tier0', privateKey, publicKey: publicPart(file, privateKey, instead) };
}

async function readKey(file: string): Promise<string | undefined> {
  return readFile(`${file}.key`, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

async function makeKey(file: string, instead: string): Promise<string> {
  const options = { purpose: 'make a key', patienceMs: PATIENCE_MS, signal: AbortSignal.timeout(2 * PATIENCE_MS) };
  return withFileLock(`${file}.key.lock`, options, async () => {
    const known = await readKey(file);
    if (known !== undefined) return known;
    const made = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    await writeAtomically(`${file}.pub`, publicPart(file, made, instead), 0o644);
    await writeAtomically(`${file}.key`, made);
    return made;
  });
}

function publicPart(file: string, privateKey: string, instead: string): string {
  try {
    return createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();
  } catch (cause) {
    throw new Tier0Error({ code: 'INVALID_INPUT', message: `${file}.key holds no private key.`, hint: instead, cause });
  }
}
