import type { CmdbReader } from '@tier0/core';

/** A function of a snapshot that is worked out once for each reader: an index that several rules ask. */
export function indexed<T>(build: (reader: CmdbReader) => T): (reader: CmdbReader) => T {
  const known = new WeakMap<CmdbReader, { readonly value: T }>();
  return (reader) => {
    const held = known.get(reader) ?? { value: build(reader) };
    known.set(reader, held);
    return held.value;
  };
}
