import type { CmdbReader } from '@tier0/core';
import { indexed } from './indexed.ts';

/** Every kind that a source was asked for or brought, sorted. */
export const kindsPresent: (reader: CmdbReader) => readonly string[] = indexed((reader) => {
  const kinds = reader.slices().flatMap((slice) => slice.coverage.map((row) => row.kind));
  return [...new Set(kinds)].filter((kind) => kind !== '*').sort();
});
