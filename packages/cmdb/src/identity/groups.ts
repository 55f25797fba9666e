import { compareText } from '../graph/compare-text.ts';
import { isSameSlice } from './candidates.ts';
import type { IdentityDecisions } from './identify.ts';
import type { IdentityRecord } from './identity-record.ts';

/** The records of one thing. */
export type Members = readonly IdentityRecord[];

/** Items that are one thing, as far as it is known; each group keeps all of its members at hand. */
export class Groups {
  readonly #members = new Map<string, Members>();
  readonly #root = new Map<string, string>();
  readonly #apart = new Set<string>();

  constructor(records: readonly IdentityRecord[], decisions: IdentityDecisions) {
    for (const record of records) {
      this.#members.set(record.id, [record]);
      this.#root.set(record.id, record.id);
    }
    for (const [a, b] of decisions.apart) this.#apart.add(pairKey(a, b));
    for (const [a, b] of decisions.together) if (this.#root.has(a) && this.#root.has(b)) this.#unite(this.rootOf(a), this.rootOf(b));
  }

  /** The first id of the group; an id that was never seen stands for itself. */
  rootOf(id: string): string {
    return this.#root.get(id) ?? id;
  }

  /**
   * Makes one group of two, unless a source knows members of both as two things, somebody said that they are apart, or what all members
   * say together speaks more against it than for it. Tells whether it did.
   */
  join(a: IdentityRecord, b: IdentityRecord, score: (left: Members, right: Members) => number): boolean {
    const [left, right] = [this.rootOf(a.id), this.rootOf(b.id)];
    if (left === right || !this.mayJoin(a, b, score)) return false;
    this.#unite(left, right);
    return true;
  }

  /** Whether `join` would make one group of two different ones. */
  mayJoin(a: IdentityRecord, b: IdentityRecord, score: (left: Members, right: Members) => number): boolean {
    const [ours, theirs] = [this.#members.get(this.rootOf(a.id)) ?? [], this.#members.get(this.rootOf(b.id)) ?? []];
    const isApart = ours.some((one) => theirs.some((other) => isSameSlice(one, other) || this.#apart.has(pairKey(one.id, other.id))));
    return !isApart && score(ours, theirs) > 0;
  }

  #unite(left: string, right: string): void {
    if (left === right) return;
    const [root, gone] = compareText(left, right) < 0 ? [left, right] : [right, left];
    const members = [...(this.#members.get(root) ?? []), ...(this.#members.get(gone) ?? [])];
    this.#members.set(root, members);
    this.#members.delete(gone);
    for (const { id } of members) this.#root.set(id, root);
  }
}

function pairKey(a: string, b: string): string {
  return a < b ? `${a}\n${b}` : `${b}\n${a}`;
}
