import { createPublicKey } from 'node:crypto';
import { sha256 } from '@tier0/core';

/** Fingerprint of a key, private or public, in PEM. Throws where it is no key. */
export function keyFingerprint(pem: string): string {
  return sha256(createPublicKey(pem).export({ type: 'spki', format: 'der' }));
}
