import type { CheckpointSigner } from '@tier0/gitops';
import { signingKey } from './signing-key.ts';

/**
 * The key that signs the checkpoints of an audit file, made when there is none. Whoever wants more than a check against accidents keeps the
 * public one elsewhere.
 */
export function auditSigner(file: string): Promise<CheckpointSigner> {
  return signingKey(file, 'Restore it, or move it and the audit log away to begin a new one.');
}
