import { sign, verify } from 'node:crypto';
import { canonicalJson, type JsonValue } from '@tier0/core';
import { keyFingerprint } from './key-fingerprint.ts';

/** Who signs what tier0 itself says to a forge: an Ed25519 private key and the name people know it by. */
export interface StatementSigner {
  readonly name: string;
  /** PKCS #8, PEM. */
  readonly privateKey: string;
}

/** A key whose statements are believed. */
export interface StatementKey {
  readonly name: string;
  /** SPKI, PEM. */
  readonly publicKey: string;
}

/** A signature over something that is kept beside it. */
export interface StatementSignature {
  /** SHA-256 of the signer's public key (SPKI, DER), lower-case hex. */
  readonly key: string;
  /** Ed25519 (RFC 8032) over the canonical JSON (RFC 8785) of the statement, base64. */
  readonly signature: string;
}

/** What is said. `about` keeps one kind of statement from passing for another. */
export interface Statement {
  readonly about: string;
  readonly said: JsonValue;
}

/** Signs a statement. */
export function signStatement({ about, said }: Statement, signer: StatementSigner): StatementSignature {
  const bytes = Buffer.from(canonicalJson({ about, said }));
  return { key: keyFingerprint(signer.privateKey), signature: sign(null, bytes, signer.privateKey).toString('base64') };
}

/** Why a statement is not one of the trusted keys'; undefined when it is. */
export function statementFlaw(
  statement: Statement & { readonly signed: StatementSignature | undefined },
  trusted: readonly StatementKey[],
): string | undefined {
  const { about, said, signed } = statement;
  if (!signed) return 'it is not signed';
  const key = trusted.find((one) => fingerprintOf(one) === signed.key);
  if (!key) return 'the key that signed it is not trusted';
  const bytes = Buffer.from(canonicalJson({ about, said }));
  return verify(null, bytes, key.publicKey, Buffer.from(signed.signature, 'base64'))
    ? undefined
    : `the signature of ${key.name} does not fit it`;
}

function fingerprintOf({ publicKey }: StatementKey): string | undefined {
  try {
    return keyFingerprint(publicKey);
  } catch {
    return undefined;
  }
}
