import type { CmdbReader } from '@tier0/core';
import { indexed } from './indexed.ts';

/** Every kind of which the snapshot holds a Kubernetes object, sorted. */
export const kindsPresent: (reader: CmdbReader) => readonly string[] = indexed((reader) => {
  const kinds = new Set<string>();
  for (const item of reader.items({}).items) if (item.id.startsWith('kubernetes:')) kinds.add(item.kind);
  return [...kinds].sort();
});
