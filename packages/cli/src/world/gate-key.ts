import { type SigningKey, signingKey } from './signing-key.ts';
import type { StateFolder } from './state-folder.ts';

/**
 * The key that signs what tier0 says on the local forge: its checks, and the uses of standing rules. A policy that names its public part
 * (`gateKeys`) believes nobody else.
 */
export function gateSigner(folder: Pick<StateFolder, 'gate'>): Promise<SigningKey> {
  return signingKey(folder.gate, 'Restore it, or remove it, and name the new public key in .tier0/policy.yaml.');
}

/** What people add to `.tier0/policy.yaml`. */
export function gateKeysYaml({ name, publicKey }: SigningKey): string {
  const lines = publicKey.trimEnd().split('\n');
  return ['gateKeys:', `  - name: ${name}`, '    publicKey: |', ...lines.map((line) => `      ${line}`), ''].join('\n');
}
