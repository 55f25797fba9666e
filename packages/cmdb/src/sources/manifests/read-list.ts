import { isRecord } from '../../kinds/kubernetes-object.ts';
import { ByteWindow, type ReadBytes } from './byte-window.ts';
import { ARRAY, ARRAY_END, afterSpace, afterString, COMMA, isClosing, isOpening, OBJECT, QUOTE, valueOfKey } from './json-bytes.ts';
import { type EntryExtent, extentOf, type Unkept } from './list-entry.ts';
import { isList, kindOfEntries, type ListHeader } from './list-header.ts';

type Entry = Readonly<Record<string, unknown>>;

/** How a List is read. */
export interface ReadListOptions {
  /** Kinds of which the managed fields are not kept: they are looked through and not parsed. */
  readonly withoutManagedFields: ReadonlySet<string>;
  /** Is given each entry as soon as it is read, with what the List said of itself before its entries. */
  readonly take: (entry: Entry, header: ListHeader) => void;
  /** Bytes read at once. Default 1 MiB: few entries are cut in two by it. */
  readonly chunkBytes?: number | undefined;
}

const CHUNK_BYTES = 1024 * 1024;

/**
 * Reads the JSON text of a List entry by entry, so that never all of it is there. The entries are those that `JSON.parse` gives for all of
 * the text, but for managed fields of the given kinds, which may be any value. Gives what the List says of itself; undefined for everything but a valid List of objects, and where
 * entries need a kind that the List names after them: then what was taken does not count, and somebody has to read all of the text, who can
 * say what is wrong with it.
 */
export async function readList(read: ReadBytes, options: ReadListOptions): Promise<ListHeader | undefined> {
  const window = new ByteWindow(read, options.chunkBytes ?? CHUNK_BYTES);
  const head = await readHead(window);
  const header = head === undefined ? undefined : parsed(`${head}]}`);
  if (!isRecord(header)) return undefined;
  let isNeeded = false;
  const take = (entry: Entry) => {
    isNeeded ||= entry.kind === undefined;
    options.take(entry, header);
  };
  const unkept = { kinds: options.withoutManagedFields, kindOfEntries: kindOfEntries(header) };
  if (!(await readEntries(window, unkept, take))) return undefined;
  const tail = await readTail(window);
  const whole = tail === undefined ? undefined : parsed(`${head}]${tail}`);
  return isRecord(whole) && isList(whole) && (!isNeeded || saysTheSame(whole, header)) ? whole : undefined;
}

/** Whether entries without a kind are the same with what follows the entries as without it. */
function saysTheSame(whole: ListHeader, header: ListHeader): boolean {
  return kindOfEntries(whole) === kindOfEntries(header) && whole.apiVersion === header.apiVersion;
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

/** Reads the entries, up to and with the bracket that closes them. Whether that is all there was. */
async function readEntries(window: ByteWindow, unkept: Unkept, take: (entry: Entry) => void): Promise<boolean> {
  let taken = 0;
  for (;;) {
    const next = nextEntry(window, taken > 0, unkept);
    if (next === 'end') return true;
    if (next === 'more' && (await window.more())) continue;
    if (typeof next === 'string') return false;
    take(next);
    taken++;
  }
}

/** The next entry, or that there is none left, that it is not all there yet, or that there is something else. */
function nextEntry(window: ByteWindow, isFollowing: boolean, unkept: Unkept): Entry | 'end' | 'more' | 'other' {
  const { bytes, end } = window;
  let at = afterSpace(bytes, window.start, end);
  if (at < end && bytes[at] === ARRAY_END) {
    window.start = at + 1;
    return 'end';
  }
  if (at < end && isFollowing) {
    if (bytes[at] !== COMMA) return 'other';
    at = afterSpace(bytes, at + 1, end);
  }
  if (at >= end) return 'more';
  const extent = bytes[at] === OBJECT ? extentOf(bytes, at, end, unkept) : 'other';
  if (extent === 'other') return 'other';
  if (extent === undefined) return 'more';
  const entry = parsed(textOf(bytes, at, extent));
  window.start = extent.end;
  return isRecord(entry) && isAsScanned(entry, extent, unkept) ? entry : 'other';
}

/** The text of an entry, with a value that takes no room where its managed fields stood. */
function textOf(bytes: Buffer, from: number, { end, unkept }: EntryExtent): string {
  if (unkept === undefined) return bytes.toString('utf8', from, end);
  return `${bytes.toString('utf8', from, unkept.from)}0${bytes.toString('utf8', unkept.to, end)}`;
}

/** Whether an entry without its managed fields is of the kind for which they were left out: the last of several kinds counts. */
function isAsScanned(entry: Entry, { unkept }: EntryExtent, { kindOfEntries }: Unkept): boolean {
  return unkept === undefined || unkept.kind === (entry.kind === undefined ? kindOfEntries : entry.kind);
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
