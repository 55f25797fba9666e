import type { RuleCode } from '../kubernetes/matters.ts';

/**
 * Lists of conditions that other tools check, and that this package is measured against: k8sgpt's core analyzers (`1.1`) and its opt-in
 * ones (`1.2`) as of v0.4.36, and the further checks that popeye, kube-linter and polaris know (`2`).
 */
export type ConditionSource = '1.1' | '1.2' | '2';

/** One condition of a list, and what became of it here. */
export type Condition = {
  readonly source: ConditionSource;
  /** Number of the entry in its list, from 1. An entry may hold several conditions. */
  readonly row: number;
  /** Kind that is looked at. */
  readonly kind: string;
  /** In own short words. */
  readonly condition: string;
} & (
  | { readonly codes: readonly [RuleCode, ...RuleCode[]] }
  /** Why no rule says it. */
  | { readonly leftOut: string }
);

/** How many entries each list has. */
export const CONDITION_ROWS: Readonly<Record<ConditionSource, number>> = { '1.1': 21, '1.2': 10, '2': 32 };
