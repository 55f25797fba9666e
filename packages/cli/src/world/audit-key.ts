import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Tier0Error } from '@tier0/core';
import { writeAtomically } from '@tier0/core/files';
import type { CheckpointSigner } from '@tier0/gitops';

/**
 * The key that signs the checkpoints of an audit file, made when there is none: private in `<file>.key`, its owner's only, public in
 * `<file>.pub`. Whoever wants more than a check against accidents keeps the public one elsewhere.
 */
export async function auditSigner(file: string): Promise<CheckpointSigner> {
  const known = await readFile(`${file}.key`, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  const privateKey = known ?? generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  if (known === undefined) {
    await writeAtomically(`${file}.key`, privateKey);
    await writeAtomically(`${file}.pub`, publicPart(file, privateKey), 0o644);
  }
  publicPart(file, privateKey);
  return { name: 'tier0', privateKey };
}

function publicPart(file: string, privateKey: string): string {
  try {
    return createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();
  } catch (cause) {
    throw new Tier0Error({
      code: 'INVALID_INPUT',
      message: `${file}.key holds no private key.`,
      hint: 'Restore it, or move it and the audit log away to begin a new one.',
      cause,
    });
  }
}
