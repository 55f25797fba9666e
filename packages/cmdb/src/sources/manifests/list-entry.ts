import { afterString, afterSureValue, isClosing, isOpening, QUOTE, valueOfKey } from './json-bytes.ts';

/** Of which entries of a List the managed fields are not kept. */
export interface Unkept {
  /** By kind. */
  readonly kinds: ReadonlySet<string>;
  /** Kind of entries that state none themselves. */
  readonly kindOfEntries: string;
}

/** Where an entry of a List ends, and what of it need not be parsed. */
export interface EntryExtent {
  /** The place after it. */
  readonly end: number;
  /** The value of `metadata.managedFields` of an entry of this kind; it is valid and is not kept. */
  readonly unkept?: { readonly from: number; readonly to: number; readonly kind: string } | undefined;
}

const KIND = Buffer.from('"kind"');
const METADATA = Buffer.from('"metadata"');
const MANAGED_FIELDS = Buffer.from('"managedFields"');

/** The extent of the object at `from`; undefined where it does not end before `end`. Whether it is valid is for the parser to say. */
export function extentOf(bytes: Buffer, from: number, end: number, { kinds, kindOfEntries }: Unkept): EntryExtent | undefined {
  let [depth, at, isMetadata, kind] = [0, from, false, kindOfEntries];
  let unkept: EntryExtent['unkept'];
  while (at < end) {
    const code = bytes[at] as number;
    if (code === QUOTE) {
      const after = afterString(bytes, at, end);
      if (after === -1) return undefined;
      const value = depth === 1 || (depth === 2 && isMetadata) ? valueOfKey(bytes, after, end) : -1;
      if (value !== -1 && depth === 1) {
        isMetadata = isText(bytes, at, after, METADATA);
        if (isText(bytes, at, after, KIND)) kind = stringAt(bytes, value, end);
      }
      const isUnkept = value !== -1 && depth === 2 && kinds.has(kind) && isText(bytes, at, after, MANAGED_FIELDS);
      const to = isUnkept && unkept === undefined ? afterSureValue(bytes, value, end) : -1;
      if (to !== -1) unkept = { from: value, to, kind };
      at = to === -1 ? after : to;
      continue;
    }
    at++;
    if (isOpening(code)) depth++;
    else if (isClosing(code) && --depth === 0) return { end: at, unkept };
  }
  return undefined;
}

function isText(bytes: Buffer, from: number, to: number, text: Buffer): boolean {
  if (to - from !== text.length) return false;
  for (let at = from; at < to; at++) if (bytes[at] !== text[at - from]) return false;
  return true;
}

function stringAt(bytes: Buffer, from: number, end: number): string {
  const after = bytes[from] === QUOTE ? afterString(bytes, from, end) : -1;
  return after === -1 ? '' : bytes.toString('latin1', from + 1, after - 1);
}
