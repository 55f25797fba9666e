import { RELATION_TYPES, type Relation, type RelationType, Tier0Error } from '@tier0/core';
import { bytesOf, columnFrom, grown, tableFull } from './column.ts';
import { TextTable } from './text-table.ts';
import { Versions } from './versions.ts';

/** Relation types by number. The order is that of the vocabulary; snapshots carry the names, so it may grow. */
export const TYPE_NAMES: readonly RelationType[] = Object.keys(RELATION_TYPES) as RelationType[];
const TYPE_NUMBERS = new Map(TYPE_NAMES.map((name, number) => [name, number]));
/** Keys share a word with their type in the adjacency: 27 bits for the key, 5 for the type. */
export const KEY_BITS = 27;
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
  /** Confidence of each row; exact where six decimals are, else the exact one is in the detail. */
  weight = new Float32Array(64);
  /** Properties and what else is not in a column, as a number of `details`; 0 = none. */
  #detail = new Uint32Array(64);
  details = new TextTable();
  #isShared = false;

  constructor() {
    this.details.intern('');
  }

  addKey({ from, type, to, slice }: RelationEnds): number {
    this.#unshare();
    if (this.keys >= MAX_KEYS) throw tableFull('relations', MAX_KEYS);
    const key = this.keys++;
    this.from = grown(this.from, this.keys);
    this.to = grown(this.to, this.keys);
    this.type = grown(this.type, this.keys);
    this.slice = grown(this.slice, this.keys);
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
    this.weight = grown(this.weight, row + 1);
    this.#detail = grown(this.#detail, row + 1);
    if (statement) {
      this.weight[row] = statement.relation.confidence;
      this.#detail[row] = this.details.intern(detailOf(statement.relation, statement.source));
    }
    return row;
  }

  confidence(row: number): number {
    return decimal(this.weight[row] as number);
  }

  /** What the row states beside its key. */
  statement(row: number, source: string): Pick<Relation, 'confidence' | 'properties' | 'source'> {
    const detail = this.details.text(this.#detail[row] as number);
    const { c, s, p }: Detail = detail === '' ? {} : JSON.parse(detail);
    return { confidence: c ?? this.confidence(row), properties: p ?? {}, source: s ?? source };
  }

  /** Whether the row says the same, so that nothing new needs to be recorded. */
  states(row: number, relation: Relation, source: string): boolean {
    return (
      this.versions.alive[row] === 1 &&
      this.weight[row] === Math.fround(relation.confidence) &&
      this.details.find(detailOf(relation, source)) === this.#detail[row]
    );
  }

  fork(): RelationTable {
    const fork = new RelationTable();
    const { keys, from, to, type, slice, weight } = this;
    Object.assign(fork, { keys, from, to, type, slice, weight, versions: this.versions.fork(), details: this.details.fork() });
    fork.#detail = this.#detail;
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
      bytesOf(this.weight, rows),
      bytesOf(this.#detail, rows),
      ...this.details.blocks(),
      ...this.versions.blocks(this.keys),
    ];
  }

  static from(blocks: readonly Uint8Array[]): RelationTable {
    const table = new RelationTable();
    const [from, to, type, slice, weight, detail, ...rest] = blocks as Uint8Array[];
    table.from = columnFrom(Uint32Array, from as Uint8Array);
    table.to = columnFrom(Uint32Array, to as Uint8Array);
    table.type = columnFrom(Uint8Array, type as Uint8Array);
    table.slice = columnFrom(Uint16Array, slice as Uint8Array);
    table.weight = columnFrom(Float32Array, weight as Uint8Array);
    table.#detail = columnFrom(Uint32Array, detail as Uint8Array);
    table.details = TextTable.from(rest.slice(0, 3));
    table.versions = Versions.from(rest.slice(3));
    table.keys = table.from.length;
    return table;
  }

  #unshare(): void {
    if (!this.#isShared) return;
    this.#isShared = false;
    this.from = this.from.slice(0, this.keys);
    this.to = this.to.slice(0, this.keys);
    this.type = this.type.slice(0, this.keys);
    this.slice = this.slice.slice(0, this.keys);
    this.weight = this.weight.slice(0, this.versions.size);
    this.#detail = this.#detail.slice(0, this.versions.size);
  }
}

/** Confidence, source and properties, where they are not what the columns say. */
interface Detail {
  readonly c?: number;
  readonly s?: string;
  readonly p?: Relation['properties'];
}

function detailOf(relation: Relation, source: string): string {
  const isExact = decimal(Math.fround(relation.confidence)) === relation.confidence;
  const hasProperties = Object.keys(relation.properties).length > 0;
  if (isExact && !hasProperties && relation.source === source) return '';
  return JSON.stringify({
    ...(isExact ? {} : { c: relation.confidence }),
    ...(relation.source === source ? {} : { s: relation.source }),
    ...(hasProperties ? { p: relation.properties } : {}),
  });
}

/** A single-precision value read as the decimal that was meant: 0.7, not 0.699999988. */
function decimal(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
