import { Tier0Error } from '@tier0/core';

/** A column of fixed-width values. */
export type Column = Uint8Array | Uint16Array | Uint32Array | Float32Array | Float64Array;

/** Copying twice as much memory half as often also wakes the garbage collector less. */
const GROWTH = 2;

/** The column itself where `needed` values fit, else a larger copy. Unused pages cost address space, not memory. */
export function grown<T extends Column>(column: T, needed: number): T {
  if (needed <= column.length) return column;
  const make = column.constructor as new (length: number) => T;
  const larger = new make(Math.max(needed, column.length * GROWTH, 64));
  larger.set(column);
  return larger;
}

/** The bytes of the first `length` values, without copying. */
export function bytesOf(column: Column, length: number): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, length * column.BYTES_PER_ELEMENT);
}

/** A column over bytes that were written by `bytesOf`; copies only where they are not aligned. */
export function columnFrom<T extends Column>(make: new (buffer: ArrayBuffer, offset: number, length: number) => T, bytes: Uint8Array): T {
  const width = (make as unknown as { readonly BYTES_PER_ELEMENT: number }).BYTES_PER_ELEMENT;
  // A Buffer's own slice() would not copy.
  const aligned = bytes.byteOffset % width === 0 ? bytes : new Uint8Array(bytes);
  return new make(aligned.buffer as ArrayBuffer, aligned.byteOffset, Math.floor(aligned.byteLength / width));
}

/** What is said where a table cannot hold more. */
export function tableFull(what: string, limit: number): Tier0Error {
  return new Tier0Error({
    code: 'BUDGET_EXCEEDED',
    message: `The graph cannot hold more than ${limit} ${what}.`,
    hint: 'Split the scopes over several CMDBs, or compact the history.',
  });
}
