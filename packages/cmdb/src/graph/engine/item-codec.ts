import type { ColumnValue, ConfigurationItem, Identifier, ItemSource } from '@tier0/core';
import { ByteReader, type ByteWriter } from './byte-writer.ts';
import type { TextTable } from './text-table.ts';

/** How a column's value is written. */
const INTERNED = 0;
const INLINE = 1;
const WHOLE = 2;
const FLOAT = 3;
const TRUE = 4;
const FALSE = 5;
/** A text with the item's own name in it: what is before it, and what is behind it. Images, labels and hosts mostly are. */
const NAMED = 6;

/** Shorter names are in everything. */
const NAME_LENGTH = 3;

/** Values longer than this, or coming after this many different ones, are kept with their item instead of in the dictionary. */
const INTERNED_LENGTH = 40;
const INTERNED_TEXTS = 65_536;

/** The parts of an item that its row does not hold in columns. */
export interface ItemBody {
  readonly kind: string;
  readonly name: string;
  readonly scope: string;
  readonly columns: Readonly<Record<string, ColumnValue>>;
  readonly identifiers: readonly Identifier[];
  /** Absent: the slice's own adapter, at the row's observation. */
  readonly sources?: readonly ItemSource[] | undefined;
}

/** Writes a body; kinds, scopes, column names and frequent values become numbers of `texts`. */
export function writeBody(writer: ByteWriter, texts: TextTable, item: ConfigurationItem, slice: { readonly source: string }): void {
  writer.number(texts.intern(item.kind));
  writer.number(texts.intern(item.scope));
  // Names usually end the id; then their length is enough.
  const isTail = item.name.length > 0 && item.id.endsWith(item.name);
  writer.number(isTail ? item.name.length : 0);
  if (!isTail) writer.text(item.name);
  writeColumns(writer, texts, item);
  writer.number(item.identifiers.length);
  for (const { scheme, value } of item.identifiers) {
    writer.number(texts.intern(scheme));
    writer.text(value);
  }
  const [first] = item.sources;
  const isPlain = item.sources.length === 1 && first?.name === slice.source && first.observedAt === item.observedAt;
  writer.number(isPlain ? 0 : item.sources.length + 1);
  if (isPlain) return;
  for (const { name, observedAt } of item.sources) {
    writer.number(texts.intern(name));
    writer.text(observedAt);
  }
}

function writeColumns(writer: ByteWriter, texts: TextTable, { columns, name }: ConfigurationItem): void {
  const columnNames = Object.keys(columns);
  let stated = 0;
  for (const column of columnNames) if (columns[column] !== undefined) stated++;
  writer.number(stated);
  for (const column of columnNames) {
    const value = columns[column];
    if (value === undefined) continue;
    writer.number(texts.intern(column));
    writeValue(writer, texts, value, name);
  }
}

function writeValue(writer: ByteWriter, texts: TextTable, value: ColumnValue, name: string): void {
  if (typeof value === 'string') writeNamed(writer, texts, value, name);
  else if (typeof value === 'boolean') writer.number(value ? TRUE : FALSE);
  else if (Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0)) {
    writer.number(WHOLE);
    writer.number(value);
  } else {
    writer.number(FLOAT);
    writer.float(value);
  }
}

function writeNamed(writer: ByteWriter, texts: TextTable, value: string, name: string): void {
  const at = name.length >= NAME_LENGTH ? value.indexOf(name) : -1;
  if (at === -1) writeText(writer, texts, value);
  else {
    writer.number(NAMED);
    writeText(writer, texts, value.slice(0, at));
    writeText(writer, texts, value.slice(at + name.length));
  }
}

function writeText(writer: ByteWriter, texts: TextTable, value: string): void {
  const isShort = value.length <= INTERNED_LENGTH;
  const interned = !isShort ? -1 : texts.size < INTERNED_TEXTS ? texts.intern(value) : texts.find(value);
  writer.number(interned === -1 ? INLINE : INTERNED);
  if (interned === -1) writer.text(value);
  else writer.number(interned);
}

/** Reads the body that starts at `at`. */
export function readBody(buffer: Buffer, at: number, texts: TextTable, id: string): ItemBody {
  const reader = new ByteReader(buffer, at);
  const kind = texts.text(reader.number());
  const scope = texts.text(reader.number());
  const tail = reader.number();
  const name = tail > 0 ? id.slice(-tail) : reader.text();
  const columns: Record<string, ColumnValue> = {};
  for (let left = reader.number(); left > 0; left--) {
    const column = texts.text(reader.number());
    const value = readValue(reader, texts, name);
    if (column === '__proto__') Object.defineProperty(columns, column, { value, enumerable: true, configurable: true, writable: true });
    else columns[column] = value;
  }
  const identifiers = Array.from({ length: reader.number() }, () => ({ scheme: texts.text(reader.number()), value: reader.text() }));
  const sources = reader.number();
  if (sources === 0) return { kind, name, scope, columns, identifiers };
  const stated = Array.from({ length: sources - 1 }, () => ({ name: texts.text(reader.number()), observedAt: reader.text() }));
  return { kind, name, scope, columns, identifiers, sources: stated };
}

function readValue(reader: ByteReader, texts: TextTable, name: string): ColumnValue {
  switch (reader.number()) {
    case INTERNED:
      return texts.text(reader.number());
    case INLINE:
      return reader.text();
    case WHOLE:
      return reader.number();
    case FLOAT:
      return reader.float();
    case NAMED:
      return `${readValue(reader, texts, name)}${name}${readValue(reader, texts, name)}`;
    case TRUE:
      return true;
    default:
      return false;
  }
}
