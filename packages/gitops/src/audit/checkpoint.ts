import { sign, verify } from 'node:crypto';
import { type AuditRecord, type AuditVerdict, canonicalJson, Tier0Error } from '@tier0/core';
import { appendLine, readLines } from '@tier0/core/files';
import { z } from 'zod';
import { keyFingerprint } from '../governance/key-fingerprint.ts';

/** Who signs checkpoints: an Ed25519 private key and the name people know it by. */
export interface CheckpointSigner {
  readonly name: string;
  /** PKCS #8, PEM. */
  readonly privateKey: string;
}

/** A key whose checkpoints are believed. */
export interface CheckpointKey {
  readonly name: string;
  /** SPKI, PEM. */
  readonly publicKey: string;
}

/** A signed statement: at this sequence the chain had this hash. */
export interface Checkpoint {
  readonly sequence: number;
  readonly hash: string;
  /** When the record it names was made. ISO 8601, UTC. */
  readonly at: string;
  readonly signer: string;
  /** SHA-256 of the signer's public key (SPKI, DER), lower-case hex. */
  readonly key: string;
  /** Ed25519 (RFC 8032) over the canonical JSON (RFC 8785) of everything else, base64. */
  readonly signature: string;
}

const CheckpointSchema = z.strictObject({
  sequence: z.number().int().positive(),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  at: z.iso.datetime(),
  signer: z.string().min(1),
  key: z.string().regex(/^[0-9a-f]{64}$/),
  signature: z.string().min(1),
});

/** The checkpoint that a signer makes of a record. */
export function makeCheckpoint(record: AuditRecord, signer: CheckpointSigner): Checkpoint {
  const said = { sequence: record.sequence, hash: record.hash, at: record.at, signer: signer.name, key: keyFingerprint(signer.privateKey) };
  return { ...said, signature: sign(null, Buffer.from(canonicalJson(said)), signer.privateKey).toString('base64') };
}

/** Appends a signed checkpoint to a file, synced to disk. */
export async function signCheckpoint(file: string, record: AuditRecord, signer: CheckpointSigner): Promise<void> {
  await appendLine(file, JSON.stringify(makeCheckpoint(record, signer)));
}

/** The checkpoints of a file, oldest first; an absent file holds none. Throws MALFORMED_RESPONSE for a line that is no checkpoint. */
export async function readCheckpoints(file: string): Promise<readonly Checkpoint[]> {
  // What a crash left of a line states nothing; the next one states more.
  const { lines } = await readLines(file);
  return lines.map((line, index) => {
    try {
      return CheckpointSchema.parse(JSON.parse(line));
    } catch (error) {
      throw new Tier0Error({
        code: 'MALFORMED_RESPONSE',
        message: `Line ${index + 1} of ${file} is not a checkpoint.`,
        hint: 'Keep the file as evidence and restore it from a copy.',
        cause: error,
      });
    }
  });
}

/** Why the checkpoints and the chain do not agree; undefined when every checkpoint is signed by a trusted key and names a record that is there. */
export function judgeCheckpoints(
  checkpoints: readonly Checkpoint[],
  records: readonly AuditRecord[],
  trusted: readonly CheckpointKey[],
): Extract<AuditVerdict, { sound: false }> | undefined {
  const keys = new Map(trusted.map((key) => [keyFingerprint(key.publicKey), key]));
  if (checkpoints.length === 0) {
    const reason = 'nobody has signed a checkpoint: a log that was written anew, or cut off, would look the same';
    return { sound: false, records: records.length, sequence: Math.max(records.length, 1), reason };
  }
  for (const checkpoint of checkpoints) {
    const unsound = (reason: string) => ({ sound: false, records: records.length, sequence: checkpoint.sequence, reason }) as const;
    const { signature, ...said } = checkpoint;
    const key = keys.get(checkpoint.key);
    if (!key) return unsound(`the checkpoint is signed by ${checkpoint.signer}, whose key is not trusted`);
    if (!verify(null, Buffer.from(canonicalJson(said)), key.publicKey, Buffer.from(signature, 'base64'))) {
      return unsound(`the signature of the checkpoint by ${checkpoint.signer} is wrong`);
    }
    const record = records[checkpoint.sequence - 1];
    if (!record) return unsound(`the record that ${checkpoint.signer} signed is missing: the end of the log was cut off`);
    if (record.hash !== checkpoint.hash)
      return unsound(`the record is another than the one that ${checkpoint.signer} signed: the log was rewritten`);
  }
  return undefined;
}
