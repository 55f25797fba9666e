import { createHash, createPrivateKey, createPublicKey, KeyObject, sign as signBytes } from 'node:crypto';
import { Tier0Error } from '@tier0/core';

/** Signs commits. The same bytes always get the same signature, so that the id of a signed commit stays a function of its content. */
export interface CommitSigner {
  /** `ssh-ed25519 AAAA...`, as `allowed_signers` files and forges take it. */
  readonly publicKey: string;
  /** Armoured signature over a commit object without its signature. */
  sign(commit: Uint8Array): string;
}

const KEY_TYPE = 'ssh-ed25519';
const NAMESPACE = 'git';
const HASH = 'sha512';
/** Base64 characters a line, as ssh-keygen writes them. */
const LINE = 70;

/** A `KeyObject` of `node:crypto`; said by its shape, so that the declarations need no types of Node. */
export interface SigningKey {
  readonly type: string;
  readonly asymmetricKeyType?: string | undefined;
}

/**
 * Signs as `git commit -S` with `gpg.format=ssh` does, without starting ssh-keygen. Format: PROTOCOL.sshsig of OpenSSH; Ed25519 (RFC 8032)
 * only, because its signatures repeat. Takes a private key as PEM (PKCS#8) or `KeyObject`; throws INVALID_INPUT for any other kind of key.
 */
export function createSshSigner(options: { readonly privateKey: SigningKey | string }): CommitSigner {
  const key = readKey(options.privateKey);
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' });
  const publicBlob = Buffer.concat([sshString(KEY_TYPE), sshString(Buffer.from(x, 'base64url'))]);
  return {
    publicKey: `${KEY_TYPE} ${publicBlob.toString('base64')}`,
    sign(commit) {
      const digest = createHash(HASH).update(commit).digest();
      const about = [sshString(NAMESPACE), sshString(''), sshString(HASH)];
      const signature = signBytes(null, Buffer.concat([Buffer.from('SSHSIG'), ...about, sshString(digest)]), key);
      const version = Buffer.from([0, 0, 0, 1]);
      const wrapped = sshString(Buffer.concat([sshString(KEY_TYPE), sshString(signature)]));
      return armour(Buffer.concat([Buffer.from('SSHSIG'), version, sshString(publicBlob), ...about, wrapped]));
    },
  };
}

/** A commit object with its signature in the header `gpgsig`, where git looks for it: after the committer, before the message. */
export function withSignature(commit: Uint8Array, signature: string): Uint8Array {
  const bytes = Buffer.from(commit);
  const end = bytes.indexOf('\n\n') + 1;
  const header = `gpgsig ${signature.trimEnd().replaceAll('\n', '\n ')}\n`;
  return Buffer.concat([bytes.subarray(0, end), Buffer.from(header), bytes.subarray(end)]);
}

function readKey(given: SigningKey | string): KeyObject {
  const key = typeof given === 'string' ? parsePem(given) : given;
  if (key instanceof KeyObject && key.type === 'private' && key.asymmetricKeyType === 'ed25519') return key;
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: 'Commits can only be signed with a private Ed25519 key.',
    hint: 'Give one as PEM (PKCS#8), for instance from `openssl genpkey -algorithm ed25519`, or as a KeyObject.',
  });
}

/** The reason why a text is no key may quote it: it is not kept. */
function parsePem(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

/** A string as SSH writes it: length as 32 bits, then the bytes (RFC 4251, section 5). */
export function sshString(content: string | Uint8Array): Uint8Array {
  const bytes = Buffer.from(content as string);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function armour(blob: Buffer): string {
  const lines = blob.toString('base64').match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [];
  return ['-----BEGIN SSH SIGNATURE-----', ...lines, '-----END SSH SIGNATURE-----', ''].join('\n');
}
