import type { Cause } from '@tier0/core';
import type { CodeTable } from './code-entry.ts';
import type { Lever, Levers } from './lever.ts';
import type { RemedyMaker } from './remedy-draft.ts';
import type { Rule } from './rule.ts';

/** One matter of operations, e.g. storage: what can be found, how it is found and what helps. All that is told of it is told here. */
export interface Matter {
  /** Name of its folder. */
  readonly name: string;
  readonly codes: CodeTable;
  /** In the order they run. */
  readonly rules: readonly Rule[];
  /** The fields that a cause depends on; a cause has one matter that names them. A cause without any is never said to be cured by an edit. */
  readonly levers: Levers;
  /** What is tried for a cause, best first. A cause has one matter that answers for it; none: taking back the last change, or people. */
  readonly remedies: Readonly<Partial<Record<Cause, readonly RemedyMaker[]>>>;
}

/** Every code of the matters. */
export function codesOf(matters: readonly Matter[]): CodeTable {
  return Object.assign({}, ...matters.map(({ codes }) => codes));
}

/** What the matters try for a cause, best first. */
export function remedyMakersOf(matters: readonly Matter[], cause: Cause): readonly RemedyMaker[] {
  return matters.flatMap(({ remedies }) => remedies[cause] ?? []);
}

/** The fields that a cause depends on. */
export function leversOf(matters: readonly Matter[], cause: Cause): readonly Lever[] {
  return matters.flatMap(({ levers }) => levers[cause] ?? []);
}
