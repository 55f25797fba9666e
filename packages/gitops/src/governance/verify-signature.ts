import { createHash, createPublicKey, verify as verifyBytes } from 'node:crypto';
import { Tier0Error } from '@tier0/core';
import { sshString } from '../git/sign.ts';

/** Whose signature counts: one line of an `allowed_signers` file (ssh-keygen(1), ALLOWED SIGNERS). */
export interface AllowedSigner {
  /** E-mail address or account of the person. */
  readonly principal: string;
  /** `ssh-ed25519 AAAA...`. */
  readonly publicKey: string;
}

/** What a commit's signature says. Everything but `good` is no signature that counts. */
export type SignatureVerdict =
  | { readonly status: 'good'; readonly principal: string }
  | { readonly status: 'unsigned' | 'unknown-key' | 'bad'; readonly reason: string };

const KEY_TYPE = 'ssh-ed25519';
/** SPKI header of an Ed25519 key (RFC 8410); the 32 bytes of the key follow. */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

/**
 * Reads an `allowed_signers` text: principal, optional options, key. Throws INVALID_INPUT for a line that is none, and for options and key
 * types that are not understood, because passing over a restriction would widen it.
 */
export function parseAllowedSigners(text: string): readonly AllowedSigner[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  return lines.flatMap((line, index) => {
    if (line === '' || line.startsWith('#')) return [];
    const match = /^(\S+)(?:\s+namespaces="([^"]*)")?\s+(ssh-ed25519)\s+([A-Za-z0-9+/=]+)(?:\s.*)?$/.exec(line);
    if (!match) {
      throw new Tier0Error({
        code: 'INVALID_INPUT',
        message: `Line ${index + 1} of the allowed signers is not understood.`,
        hint: 'Write "principal ssh-ed25519 KEY", at most with namespaces="git"; other key types and options are not supported.',
      });
    }
    const [, principals = '', namespaces, type = '', key = ''] = match;
    if (namespaces !== undefined && !namespaces.split(',').includes('git')) return [];
    return principals.split(',').map((principal) => ({ principal, publicKey: `${type} ${key}` }));
  });
}

/** Checks the SSH signature of a raw commit object, as `git verify-commit` with `gpg.format=ssh` does. Ed25519 only. */
export function verifyCommit(commit: Uint8Array, allowed: readonly AllowedSigner[]): SignatureVerdict {
  const parts = splitSignature(Buffer.from(commit));
  if (!parts) return { status: 'unsigned', reason: 'the commit is not signed with SSH' };
  const signature = readSignature(parts.signature);
  if (!signature) return { status: 'bad', reason: 'the signature cannot be read' };
  const signer = allowed.find((one) => one.publicKey === `${KEY_TYPE} ${signature.publicBlob.toString('base64')}`);
  if (!signer) return { status: 'unknown-key', reason: 'the key that signed it is not among the allowed signers' };
  const digest = createHash(signature.hash).update(parts.payload).digest();
  const about = [sshString('git'), sshString(''), sshString(signature.hash)];
  const signed = Buffer.concat([Buffer.from('SSHSIG'), ...about, sshString(digest)]);
  const key = createPublicKey({ key: Buffer.concat([SPKI, signature.key]), format: 'der', type: 'spki' });
  return verifyBytes(null, signed, key, signature.bytes)
    ? { status: 'good', principal: signer.principal }
    : { status: 'bad', reason: `the signature in the name of ${signer.principal} does not fit the commit` };
}

/** The commit object without its signature, and the signature's blob. */
function splitSignature(commit: Buffer): { readonly payload: Buffer; readonly signature: Buffer } | undefined {
  const headersEnd = commit.indexOf('\n\n') + 1;
  const headers = commit.subarray(0, headersEnd).toString('latin1');
  const match = /^gpgsig (-----BEGIN SSH SIGNATURE-----\n(?: .*\n)+)/m.exec(headers);
  if (!match?.[1]) return undefined;
  const base64 = match[1].replace(/-----(?:BEGIN|END) SSH SIGNATURE-----/g, '').replace(/\s/g, '');
  const payload = Buffer.concat([commit.subarray(0, match.index), commit.subarray(match.index + match[0].length)]);
  return { payload, signature: Buffer.from(base64, 'base64') };
}

interface ReadSignature {
  readonly publicBlob: Buffer;
  readonly key: Buffer;
  readonly hash: 'sha256' | 'sha512';
  readonly bytes: Buffer;
}

/** Format: PROTOCOL.sshsig of OpenSSH. Undefined for another version, namespace, hash or kind of key. */
function readSignature(blob: Buffer): ReadSignature | undefined {
  if (blob.subarray(0, 6).toString('latin1') !== 'SSHSIG' || blob.length < 10 || blob.readUInt32BE(6) !== 1) return undefined;
  const [publicBlob, namespace, reserved, hash, wrapped] = strings(blob.subarray(10));
  const [type, key] = publicBlob ? strings(publicBlob) : [];
  const [wrappedType, bytes] = wrapped ? strings(wrapped) : [];
  const algorithm = hash?.toString('latin1');
  if (!publicBlob || !key || !bytes || namespace?.toString('latin1') !== 'git' || reserved?.length !== 0) return undefined;
  if (type?.toString('latin1') !== KEY_TYPE || wrappedType?.toString('latin1') !== KEY_TYPE) return undefined;
  if ((algorithm !== 'sha256' && algorithm !== 'sha512') || key.length !== 32 || bytes.length !== 64) return undefined;
  return { publicBlob, key, hash: algorithm, bytes };
}

/** Strings as SSH writes them (RFC 4251, section 5), as far as they are whole. */
function strings(bytes: Buffer): readonly Buffer[] {
  const found: Buffer[] = [];
  for (let offset = 0; offset + 4 <= bytes.length; ) {
    const length = bytes.readUInt32BE(offset);
    if (offset + 4 + length > bytes.length) break;
    found.push(bytes.subarray(offset + 4, offset + 4 + length));
    offset += 4 + length;
  }
  return found;
}
