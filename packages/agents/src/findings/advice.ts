import type { CmdbReader, Finding, ItemEdit, RehearsalResult, RootCause } from '@tier0/core';

/** What can be done about a root cause: an edit, the revert of the change that brought it, or a hand-over to people. */
export interface Advice {
  /** Stable name of the kind of remedy, e.g. `correct-selector`. */
  readonly id: string;
  readonly kind: 'edit' | 'revert' | 'hand-over';
  /** One imperative sentence. */
  readonly title: string;
  /** Why this helps; for a hand-over what to look at. */
  readonly why: string;
  /** Empty for a hand-over. */
  readonly edits: readonly ItemEdit[];
  /** What must be true before it is done. */
  readonly precondition: string;
  /** What else the edit can do: `low` it only restores what ran or touches what is broken already, `medium` it changes what serves, `high` it can interrupt others. */
  readonly risk: 'low' | 'medium' | 'high';
  /** The observation that shows it worked. */
  readonly verify: string;
  /** How it is taken back. */
  readonly rollback: string;
  /** What the rehearsal takes for granted because no object shows it, e.g. that the program starts once a variable is set. */
  readonly assumption?: string | undefined;
}

/** Advice that was tried on a copy of the snapshot; a hand-over cannot be tried. */
export interface RehearsedAdvice extends Advice {
  readonly rehearsal?: RehearsalResult | undefined;
}

/** A root cause that advice is asked for. */
export interface AdviceCase {
  readonly reader: CmdbReader;
  readonly rootCause: RootCause;
  readonly finding: Finding;
}

/** Thinks of ways to take one sort of cause away; an empty answer leaves it to others. */
export type Adviser = (adviceCase: AdviceCase) => readonly Advice[];
