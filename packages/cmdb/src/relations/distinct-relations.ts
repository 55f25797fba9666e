import type { Relation } from '@tier0/core';

/** One relation for each source, type and target; of equal ones the last. */
export function distinctRelations(relations: readonly Relation[]): readonly Relation[] {
  return [...new Map(relations.map((relation) => [`${relation.from} ${relation.type} ${relation.to}`, relation])).values()];
}
