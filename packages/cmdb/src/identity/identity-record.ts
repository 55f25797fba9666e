import type { CmdbReader, ColumnValue, Identifier, RelationType } from '@tier0/core';
import { compareText } from '../graph/compare-text.ts';
import type { IdentityRule } from './identity-rule.ts';

/** What identification looks at: one item id with all that its slices say that could name it. */
export interface IdentityRecord {
  /** Item id. */
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  /** Slices that state the item, as `<scope> <source>`. Two records of one slice are two things, unless the slice repeats itself. */
  readonly slices: readonly string[];
  readonly columns: Readonly<Record<string, ColumnValue>>;
  readonly identifiers: readonly Identifier[];
  /** Item ids that its relations lead to, by type; for identities that depend on another. */
  readonly parents: Readonly<Partial<Record<RelationType, readonly string[]>>>;
}

/** The records of all items whose kind a rule names, sorted by id. */
export function readIdentityRecords(reader: CmdbReader, rules: readonly IdentityRule[]): readonly IdentityRecord[] {
  return rules
    .flatMap((rule) => rule.kinds.map((kind) => ({ kind, parents: parentTypes(rule) })))
    .flatMap(({ kind, parents }) => reader.items({ kind }).items.map((item) => ({ item, parents })))
    .map(({ item, parents }): IdentityRecord => {
      const facts = reader.facts(item.id);
      return {
        id: item.id,
        kind: item.kind,
        name: item.name,
        slices: facts.map(({ slice }) => `${slice.scope} ${slice.source}`),
        columns: item.columns,
        identifiers: facts.flatMap((fact) => fact.item.identifiers),
        parents: Object.fromEntries(parents.map((type) => [type, reader.relations(item.id, 'out', type).map(({ to }) => to)])),
      };
    })
    .sort((a, b) => compareText(a.id, b.id));
}

/** Relation types along which the rule looks for a parent. */
export function parentTypes(rule: IdentityRule): readonly RelationType[] {
  const fields = rule.identifiers.flatMap(({ parts }) => parts.flatMap(({ anyOf }) => anyOf));
  return [...new Set(fields.flatMap((field) => (field.startsWith('parent:') ? [field.slice('parent:'.length) as RelationType] : [])))];
}
