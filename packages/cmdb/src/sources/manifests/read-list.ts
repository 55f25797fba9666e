import { isRecord } from '../../kinds/kubernetes-object.ts';
import { ByteWindow, type ReadBytes } from './byte-window.ts';
import { ARRAY, ARRAY_END, afterSpace, afterString, COMMA, isClosing, isOpening, OBJECT, QUOTE, valueOfKey } from './json-bytes.ts';
import { type EntryExtent, extentOf, type Unkept } from './list-entry.ts';

/** How a List is read. */
export interface ReadListOptions {
  /** Kinds of which the managed fields are not kept: they are looked through and not parsed. */
  readonly withoutManagedFields: ReadonlySet<string>;
  /** Bytes read at once. Default 1 MiB: few entries are cut in two by it. */
  readonly chunkBytes?: number | undefined;
}

const CHUNK_BYTES = 1024 * 1024;

/**
 * Reads the JSON text of a List entry by entry: never is all of the text there, nor what is not kept of it. Gives what `JSON.parse` gives
 * for all of it, but for managed fields of the given kinds, which are any value. Undefined for everything but a plain List of objects, valid
 * or not: who can hold all of the text has to read that, and to say what is wrong with it.
 */
export async function readList(read: ReadBytes, options: ReadListOptions): Promise<unknown> {
  const window = new ByteWindow(read, options.chunkBytes ?? CHUNK_BYTES);
  const head = await readHead(window);
  const before = head === undefined ? undefined : parsed(`${head}]}`);
  if (!isRecord(before)) return undefined;
  const entries = await readEntries(window, { kinds: options.withoutManagedFields, kindOfEntries: kindOfEntries(before.kind) });
  const tail = entries && (await readTail(window));
  const list = tail === undefined ? undefined : parsed(`${head}]${tail}`);
  // A kind that follows later may make something else of entries that state none.
  if (!isRecord(list) || (before.kind ?? list.kind) !== list.kind) return undefined;
  list.items = entries;
  return list;
}

function kindOfEntries(kind: unknown): string {
  return typeof kind === 'string' && kind.endsWith('List') ? kind.slice(0, -'List'.length) : '';
}

/** Bytes in which the entries have to begin; the text of another object may be long. */
const MAX_HEAD = 64 * 1024;

/** Everything up to the bracket that opens the entries. */
async function readHead(window: ByteWindow): Promise<string | undefined> {
  let to = -1;
  while (to === -1) {
    if (window.length > MAX_HEAD || !(await window.more())) return undefined;
    to = startOfEntries(window.bytes, window.start, window.end);
  }
  const head = window.bytes.toString('utf8', window.start, to);
  window.start = to;
  return head.includes('\\') ? undefined : head;
}

/** The place after the bracket of the array `items` of the object at `from`; -1 where none begins before `end`. */
function startOfEntries(bytes: Buffer, from: number, end: number): number {
  let depth = 0;
  for (let at = afterSpace(bytes, from, end); at < end; ) {
    const code = bytes[at] as number;
    if (code === QUOTE) {
      const after = afterString(bytes, at, end);
      if (after === -1) return -1;
      const value = depth === 1 && bytes.toString('latin1', at, after) === ITEMS ? valueOfKey(bytes, after, end) : -1;
      if (value !== -1) return bytes[value] === ARRAY && value < end ? value + 1 : -1;
      at = after;
      continue;
    }
    at++;
    if (isOpening(code)) depth++;
    else if (isClosing(code)) depth--;
  }
  return -1;
}

const ITEMS = '"items"';

/** The entries, up to and with the bracket that closes them; undefined where one is no valid object. */
async function readEntries(window: ByteWindow, unkept: Unkept): Promise<unknown[] | undefined> {
  const entries: unknown[] = [];
  for (;;) {
    const next = await nextPlace(window);
    if (next === ARRAY_END && entries.length === 0) break;
    const entry = next === OBJECT ? await readEntry(window, unkept) : undefined;
    if (entry === undefined) return undefined;
    entries.push(entry);
    const separator = await nextPlace(window);
    if (separator !== COMMA && separator !== ARRAY_END) return undefined;
    window.start++;
    if (separator === ARRAY_END) return entries;
  }
  window.start++;
  return entries;
}

/** What stands after white space; undefined at the end of the file. */
async function nextPlace(window: ByteWindow): Promise<number | undefined> {
  for (;;) {
    window.start = afterSpace(window.bytes, window.start, window.end);
    if (window.start < window.end) return window.bytes[window.start];
    if (!(await window.more())) return undefined;
  }
}

async function readEntry(window: ByteWindow, unkept: Unkept): Promise<unknown> {
  let extent = extentOf(window.bytes, window.start, window.end, unkept);
  while (extent === undefined) {
    if (!(await window.more())) return undefined;
    extent = extentOf(window.bytes, window.start, window.end, unkept);
  }
  const entry = parsed(textOf(window, extent));
  window.start = extent.end;
  return isAsScanned(entry, extent, unkept) ? entry : undefined;
}

/** The text of an entry, with a value that takes no room where its managed fields stood. */
function textOf({ bytes, start }: ByteWindow, { end, unkept }: EntryExtent): string {
  if (unkept === undefined) return bytes.toString('utf8', start, end);
  return `${bytes.toString('utf8', start, unkept.from)}0${bytes.toString('utf8', unkept.to, end)}`;
}

/** Whether an entry without its managed fields is of the kind for which they were left out: the last of several kinds counts. */
function isAsScanned(entry: unknown, { unkept }: EntryExtent, { kindOfEntries }: Unkept): boolean {
  return isRecord(entry) && (unkept === undefined || unkept.kind === (entry.kind === undefined ? kindOfEntries : entry.kind));
}

/** Everything after the entries. Undefined where it may hold further ones. */
async function readTail(window: ByteWindow): Promise<string | undefined> {
  while (await window.more()) if (window.length > MAX_HEAD) return undefined;
  const tail = window.bytes.toString('utf8', window.start, window.end);
  return /items|\\/.test(tail) ? undefined : tail;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
