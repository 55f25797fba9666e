import type { Cause } from '@tier0/core';
import type { Adviser } from './advice.ts';
import type { CodeTable } from './code-entry.ts';
import type { Rule } from './rule.ts';

/** One matter of operations, e.g. storage: what can be found, how it is found and what helps. All that is told of it is told here. */
export interface Matter {
  /** Name of its folder. */
  readonly name: string;
  readonly codes: CodeTable;
  /** In the order they run. */
  readonly rules: readonly Rule[];
  /** What is tried for a cause, best first. A cause has one matter that answers for it; none: taking back the last change, or people. */
  readonly remedies: Readonly<Partial<Record<Cause, readonly Adviser[]>>>;
}

/** Every code of the matters. */
export function codesOf(matters: readonly Matter[]): CodeTable {
  return Object.assign({}, ...matters.map(({ codes }) => codes));
}

/** What the matters try for a cause, best first. */
export function advisersOf(matters: readonly Matter[], cause: Cause): readonly Adviser[] {
  return matters.flatMap(({ remedies }) => remedies[cause] ?? []);
}
