import type { Candidate } from './identify.ts';
import type { IdentityRecord } from './identity-record.ts';
import type { IdentityRule } from './identity-rule.ts';

/**
 * What identification found wrong and a person should look at. `duplicate`: one source lists one thing several times. `overloaded`: one
 * item stands for several things of another source. `shared-identifier`: a value that several things carry. `ambiguous`: several equally
 * good partners. None of them was joined.
 */
export interface IdentityProblem {
  readonly type: 'duplicate' | 'overloaded' | 'shared-identifier' | 'ambiguous';
  readonly thing: string;
  /** Item ids; of a shared identifier at most 20. */
  readonly items: readonly string[];
  /** One sentence without a full stop. */
  readonly reason: string;
}

/** Items that have two partners in one slice which are not one thing. */
export function overloadedItems(
  rule: IdentityRule,
  candidates: readonly Candidate[],
  isOneThing: (a: IdentityRecord, b: IdentityRecord) => boolean,
): readonly IdentityProblem[] {
  const partners = new Map<string, { readonly record: IdentityRecord; readonly by: readonly string[] }[]>();
  for (const { a, b, agrees } of candidates) {
    for (const [own, other] of [
      [a, b],
      [b, a],
    ] as const) {
      for (const slice of other.slices) {
        const key = `${own.id}\n${slice}`;
        partners.set(key, [...(partners.get(key) ?? []), { record: other, by: agrees }]);
      }
    }
  }
  return [...partners].flatMap(([key, [first, ...others]]): readonly IdentityProblem[] => {
    const second = others.find(({ record }) => first && !isOneThing(first.record, record));
    if (!first || !second) return [];
    const id = key.slice(0, key.indexOf('\n'));
    const reason = `it has the ${first.by.join(' and ')} of ${first.record.id} and the ${second.by.join(' and ')} of ${second.record.id}`;
    return [{ type: 'overloaded', thing: rule.thing, items: [id, first.record.id, second.record.id], reason }];
  });
}
