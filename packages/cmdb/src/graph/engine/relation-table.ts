import { RELATION_TYPES, type Relation, type RelationType, Tier0Error } from '@tier0/core';
import { bytesOf, columnFrom, grown, tableFull } from './column.ts';
import { TextTable } from './text-table.ts';
import { Versions } from './versions.ts';

/** Relation types by number. The order is that of the vocabulary; snapshots carry the names, so it may grow. */
export const TYPE_NAMES: readonly RelationType[] = Object.keys(RELATION_TYPES) as RelationType[];
const TYPE_NUMBERS = new Map(TYPE_NAMES.map((name, number) => [name, number]));
/** Keys share a word of the adjacency with their type: 26 bits for the key, 1 for "has one version only", 5 for the type. */
export const KEY_BITS = 26;
export const TYPE_SHIFT = KEY_BITS + 1;
export const MAX_KEYS = 2 ** KEY_BITS;

/** Number of a relation type. Throws UNSUPPORTED for one that is not in the vocabulary. */
export function typeNumber(type: RelationType): number {
  const number = TYPE_NUMBERS.get(type);
  if (number !== undefined) return number;
  throw new Tier0Error({
    code: 'UNSUPPORTED',
    message: `"${type}" is not a relation type that this version knows.`,
    hint: `Use one of ${TYPE_NAMES.join(', ')}; where a newer version wrote it, upgrade this one.`,
  });
}

/** Confidences whose detail is found without writing it down. */
const PLAIN_DETAILS = 1024;

/** What a relation's key is made of. */
export interface RelationEnds {
  readonly from: number;
  readonly type: number;
  readonly to: number;
  readonly slice: number;
}

/** Versions of relations, one key for each source, type, target and slice. */
export class RelationTable {
  versions = new Versions();
  keys = 0;
  from = new Uint32Array(64);
  to = new Uint32Array(64);
  type = new Uint8Array(64);
  slice = new Uint16Array(64);
  /** Confidence, source and properties of each row, as a number of `details`; wider once there are many. */
  #detail: Uint16Array | Uint32Array = new Uint16Array(64);
  /** Numbers of details that are a confidence only. */
  #plain = new Map<number, number>();
  details = new TextTable();
  /** Confidence of each detail, for walks. */
  #weights = new Float64Array(64);
  /** Keys of the rows from `#recentFrom` on: those that an adjacency may not know yet. */
  #recent = new Uint32Array(64);
  #recentFrom = 0;
  #isShared = false;

  addKey({ from, type, to, slice }: RelationEnds): number {
    this.#unshare();
    if (this.keys >= MAX_KEYS) throw tableFull('relations', MAX_KEYS);
    const key = this.keys++;
    if (key >= this.slice.length) this.#reserveKeys();
    this.from[key] = from;
    this.to[key] = to;
    this.type[key] = type;
    this.slice[key] = slice;
    return key;
  }

  /** Adds a version of a key; without a relation it is a retraction. */
  add(
    place: { readonly key: number; readonly validFrom: number; readonly isNewKey: boolean },
    statement: { readonly relation: Relation; readonly source: string } | undefined,
  ): number {
    this.#unshare();
    const row = this.versions.add(place.key, place.validFrom, statement !== undefined, place.isNewKey);
    if (row >= this.#detail.length) this.#detail = grown(this.#detail, row + 1);
    const recent = row - this.#recentFrom;
    if (recent >= this.#recent.length) this.#recent = grown(this.#recent, recent + 1);
    this.#recent[recent] = place.key;
    if (statement) this.#setDetail(row, this.#internDetail(statement.relation, statement.source));
    return row;
  }

  /** The key of a row that `forgetKeys` has not given up. */
  recentKey(row: number): number {
    return this.#recent[row - this.#recentFrom] as number;
  }

  /** Gives up the keys of the rows before `row`: an adjacency knows them. */
  forgetKeys(row: number): void {
    this.#recent = this.#recent.slice(row - this.#recentFrom, this.versions.size - this.#recentFrom);
    this.#recentFrom = row;
  }

  confidence(row: number): number {
    return this.#weights[this.#detail[row] as number] as number;
  }

  /** What the row states beside its key. */
  statement(row: number, source: string): Pick<Relation, 'confidence' | 'properties' | 'source'> {
    const { s, p }: Detail = JSON.parse(this.details.text(this.#detail[row] as number));
    return { confidence: this.confidence(row), properties: p ?? {}, source: s ?? source };
  }

  /** Whether the row says the same, so that nothing new needs to be recorded. */
  states(row: number, relation: Relation, source: string): boolean {
    return this.versions.isAlive(row) && this.details.find(detailOf(relation, source)) === this.#detail[row];
  }

  fork(): RelationTable {
    const fork = new RelationTable();
    const { keys, from, to, type, slice } = this;
    Object.assign(fork, { keys, from, to, type, slice, versions: this.versions.fork(), details: this.details.fork() });
    fork.#detail = this.#detail;
    fork.#weights = this.#weights.slice();
    fork.#recent = this.#recent.slice();
    fork.#recentFrom = this.#recentFrom;
    fork.#isShared = true;
    return fork;
  }

  blocks(): readonly Uint8Array[] {
    const rows = this.versions.size;
    return [
      bytesOf(this.from, this.keys),
      bytesOf(this.to, this.keys),
      bytesOf(this.type, this.keys),
      bytesOf(this.slice, this.keys),
      bytesOf(this.#detail, rows),
      bytesOf(this.#weights, this.details.size),
      bytesOf(this.#recent, rows - this.#recentFrom),
      ...this.details.blocks(),
      ...this.versions.blocks(this.keys),
    ];
  }

  static from(blocks: readonly Uint8Array[]): RelationTable {
    const table = new RelationTable();
    const [from, to, type, slice, detail, weights, recent, ...rest] = blocks as Uint8Array[];
    table.from = columnFrom(Uint32Array, from as Uint8Array);
    table.to = columnFrom(Uint32Array, to as Uint8Array);
    table.type = columnFrom(Uint8Array, type as Uint8Array);
    table.slice = columnFrom(Uint16Array, slice as Uint8Array);
    table.#weights = columnFrom(Float64Array, weights as Uint8Array);
    table.#recent = columnFrom(Uint32Array, recent as Uint8Array);
    table.details = TextTable.from(rest.slice(0, 3));
    table.versions = Versions.from(rest.slice(3));
    table.keys = table.from.length;
    const isWide = (detail as Uint8Array).length > table.versions.size * 2;
    table.#detail = isWide ? columnFrom(Uint32Array, detail as Uint8Array) : columnFrom(Uint16Array, detail as Uint8Array);
    table.#recentFrom = table.versions.size - table.#recent.length;
    return table;
  }

  #internDetail(relation: Relation, source: string): number {
    const isPlain = relation.source === source && !hasProperties(relation);
    const known = isPlain ? this.#plain.get(relation.confidence) : undefined;
    if (known !== undefined) return known;
    const number = this.details.intern(detailOf(relation, source));
    this.#weights = grown(this.#weights, number + 1);
    this.#weights[number] = relation.confidence;
    if (isPlain && this.#plain.size < PLAIN_DETAILS) this.#plain.set(relation.confidence, number);
    return number;
  }

  #setDetail(row: number, detail: number): void {
    if (detail > 0xffff && this.#detail instanceof Uint16Array) this.#detail = Uint32Array.from(this.#detail);
    this.#detail[row] = detail;
  }

  #reserveKeys(): void {
    this.from = grown(this.from, this.keys);
    this.to = grown(this.to, this.keys);
    this.type = grown(this.type, this.keys);
    this.slice = grown(this.slice, this.keys);
  }

  #unshare(): void {
    if (!this.#isShared) return;
    this.#isShared = false;
    this.from = this.from.slice(0, this.keys);
    this.to = this.to.slice(0, this.keys);
    this.type = this.type.slice(0, this.keys);
    this.slice = this.slice.slice(0, this.keys);
    this.#detail = this.#detail.slice(0, this.versions.size);
  }
}

/** Confidence, and source and properties where there is more to say than the columns do. */
interface Detail {
  readonly c: number;
  readonly s?: string;
  readonly p?: Relation['properties'];
}

function detailOf(relation: Relation, slice: string): string {
  const { confidence, source, properties } = relation;
  const isFull = hasProperties(relation);
  if (!isFull && source === slice) return `{"c":${confidence}}`;
  return JSON.stringify({ c: confidence, ...(source === slice ? {} : { s: source }), ...(isFull ? { p: properties } : {}) });
}

function hasProperties({ properties }: Relation): boolean {
  for (const name in properties) if (Object.hasOwn(properties, name)) return true;
  return false;
}
