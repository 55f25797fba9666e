import type { Relation } from '@tier0/core';

type Ends = Pick<Relation, 'from' | 'type' | 'to'>;

/** Relations that were stated already, whoever states them. Compares the texts as they are: to put them together costs more than all else. */
export class StatedRelations {
  readonly #types = new Map<string, Map<string, Relation['type'] | Set<Relation['type']>>>();

  /** Adds a relation; false where it is there already. */
  add({ from, type, to }: Ends): boolean {
    let targets = this.#types.get(from);
    if (targets === undefined) {
      targets = new Map();
      this.#types.set(from, targets);
    }
    const known = targets.get(to);
    if (known === undefined) targets.set(to, type);
    else if (typeof known === 'string') {
      if (known === type) return false;
      targets.set(to, new Set([known, type]));
    } else {
      if (known.has(type)) return false;
      known.add(type);
    }
    return true;
  }
}
