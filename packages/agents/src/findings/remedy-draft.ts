import type { CmdbReader, Finding, RehearsalResult, Remedy, RootCause } from '@tier0/core';

/** What a matter thinks of: a remedy before it is known which root cause it is for and by what it is judged. */
export type RemedyDraft = Omit<Remedy, 'cause' | 'subject' | 'disproof' | 'success'>;

/** A remedy that was tried on a copy of the cluster; a hand-over cannot be tried. */
export interface RehearsedRemedy extends Remedy {
  readonly rehearsal?: RehearsalResult | undefined;
}

/** A root cause that a remedy is asked for. */
export interface RemedyCase {
  readonly reader: CmdbReader;
  readonly rootCause: RootCause;
  readonly finding: Finding;
}

/** Thinks of ways to take one sort of cause away; an empty answer leaves it to others. */
export type RemedyMaker = (remedyCase: RemedyCase) => readonly RemedyDraft[];
