import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { CmdbFact } from '@tier0/core';

/** The facts of a commit as they lie in a column: JSON, or JSON compressed with Zstandard (RFC 8878) where that pays. */
export type StoredFacts = string | Uint8Array;

/** Facts repeat each other's words; a bulk load shrinks to about a tenth. A single write stays readable text. */
const WORTH_BYTES = 4096;
const FAST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

export function packJson(json: string): StoredFacts {
  return json.length < WORTH_BYTES ? json : zstdCompressSync(json, FAST);
}

export function unpackFacts(stored: StoredFacts): readonly CmdbFact[] {
  return JSON.parse(typeof stored === 'string' ? stored : zstdDecompressSync(stored).toString());
}
