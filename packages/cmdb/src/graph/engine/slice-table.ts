import type { Coverage, ScopeCovered, SourceRole, SourceSlice, SyncContract } from '@tier0/core';
import { tableFull } from './column.ts';

const MAX_SLICES = 65_535;

/** One statement of a slice about how completely it was read. */
export interface CoverageEntry {
  /** Number of the slice. */
  readonly slice: number;
  /** Milliseconds since the epoch. */
  readonly validFrom: number;
  readonly contract: SyncContract;
  readonly role: SourceRole;
  readonly coverage: readonly Coverage[];
  readonly checkpoint?: string | undefined;
  /** Newest instant the same was read again, milliseconds since the epoch. Freshness only: no answer but a time depends on it. */
  confirmedMs: number;
}

/** What the table keeps of one slice. */
export interface SliceRecord {
  readonly slice: SourceSlice;
  /** Prefixes of ids this slice speaks about: `kubernetes:<cluster>/`, `backstage:`. */
  readonly prefixes: Set<string>;
}

/** The source slices and what they said about their coverage, in the order it was recorded. */
export class SliceTable {
  readonly slices: SliceRecord[] = [];
  readonly coverages: CoverageEntry[] = [];
  #numbers = new Map<string, number>();
  #known = new WeakMap<SourceSlice, number>();
  #spokenBy = -1;
  #spoken = '';
  #last: { readonly slice: SourceSlice; readonly number: number } | undefined;

  number(slice: SourceSlice): number {
    // Facts of one source mostly share the object too.
    if (this.#last?.slice === slice) return this.#last.number;
    const number = this.#known.get(slice) ?? this.#number(slice);
    this.#known.set(slice, number);
    this.#last = { slice, number };
    return number;
  }

  #number(slice: SourceSlice): number {
    const key = JSON.stringify([slice.scope, slice.source]);
    const found = this.#numbers.get(key);
    if (found !== undefined) return found;
    if (this.slices.length >= MAX_SLICES) throw tableFull('source slices', MAX_SLICES);
    this.#numbers.set(key, this.slices.length);
    this.slices.push({ slice, prefixes: new Set(prefixOfScope(slice.scope)) });
    return this.slices.length - 1;
  }

  /** Notes that a slice speaks about an id. */
  speaksAbout(slice: number, id: string): void {
    if (slice === this.#spokenBy && id.startsWith(this.#spoken)) return;
    const { prefixes } = this.slices[slice] as SliceRecord;
    const known = [...prefixes].find((prefix) => id.startsWith(prefix));
    const prefix = known ?? idPrefix(id);
    if (prefix === undefined) return;
    if (known === undefined) prefixes.add(prefix);
    // The next id of the slice most likely begins with it too.
    this.#spokenBy = slice;
    this.#spoken = prefix;
  }

  cover(fact: ScopeCovered): void {
    const validFrom = Date.parse(fact.validFrom);
    const { contract, role, coverage, checkpoint } = fact;
    const entry = { slice: this.number(fact.slice), validFrom, contract, role, coverage, confirmedMs: validFrom };
    this.coverages.push(checkpoint === undefined ? entry : { ...entry, checkpoint });
  }

  /** The coverage of a slice that holds for a reader who knows `bound` statements and asks about `validAt`. */
  coverageAt(slice: number, validAt: number, bound: number): CoverageEntry | undefined {
    let best: CoverageEntry | undefined;
    for (let at = Math.min(bound, this.coverages.length) - 1; at >= 0; at--) {
      const entry = this.coverages[at] as CoverageEntry;
      if (entry.slice !== slice || entry.validFrom > validAt) continue;
      if (!best || entry.validFrom > best.validFrom) best = entry;
    }
    return best;
  }

  fork(): SliceTable {
    return SliceTable.from(this.toJson());
  }

  toJson(): SliceTableJson {
    return {
      slices: this.slices.map(({ slice, prefixes }) => ({ slice, prefixes: [...prefixes] })),
      coverages: this.coverages.map((entry) => ({ ...entry })),
    };
  }

  static from({ slices, coverages }: SliceTableJson): SliceTable {
    const table = new SliceTable();
    for (const { slice, prefixes } of slices) {
      const record = table.slices[table.number(slice)] as SliceRecord;
      for (const prefix of prefixes) record.prefixes.add(prefix);
    }
    table.coverages.push(...coverages);
    return table;
  }
}

export interface SliceTableJson {
  readonly slices: readonly { readonly slice: SourceSlice; readonly prefixes: readonly string[] }[];
  readonly coverages: readonly CoverageEntry[];
}

/** An empty scope still speaks about its own ids: `kubernetes:<cluster>` about the cluster, `backstage:<file>` about the catalog. */
function prefixOfScope(scope: string): readonly string[] {
  const [scheme = '', rest] = scope.split(/:(.*)/s);
  if (rest === undefined) return [];
  if (scheme === 'backstage') return ['backstage:'];
  return [`${scheme === 'manifests' ? 'kubernetes' : scheme}:${rest}/`];
}

/** The part of an id that says which scopes may know it; undefined where the id has no such part. */
export function idPrefix(id: string): string | undefined {
  return /^kubernetes:[^/]+\//.exec(id)?.[0] ?? /^[^:]+:/.exec(id)?.[0];
}
