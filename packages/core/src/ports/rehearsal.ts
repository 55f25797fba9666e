import type { Alert } from '../model/alert.ts';
import type { Diagnosis } from '../model/diagnosis.ts';
import type { Remedy } from '../model/remedy.ts';
import type { CallContext } from './adapter.ts';
import type { CmdbReader } from './cmdb-reader.ts';

/**
 * What a remedy did to a copy of the snapshot:
 * - `cured`: the objects themselves show that the cause is gone, and that it would not be without what the remedy changes;
 * - `not-cured`: the cause is still there, something new is wrong, or nothing that the cause depends on was changed;
 * - `cannot-be-known`: what the cause depends on was changed, and whether that is enough no object can show beforehand.
 */
export type RehearsalVerdict = 'cured' | 'not-cured' | 'cannot-be-known';

/** What a rehearsal found. */
export interface RehearsalResult {
  readonly verdict: RehearsalVerdict;
  /** Why, in one line; for `cannot-be-known` what is taken for granted. */
  readonly reason: string;
  /** Whether it may be proposed: `cured`, or only what the remedy itself names as taken for granted cannot be known. */
  readonly passed: boolean;
  /** What a person has to do beside the edits before they work, e.g. `pod db-0 is deleted`; then `passed` is false: no edit does it. */
  readonly beside?: string | undefined;
  /** One line per observation: cause gone, new fault, what could not be known. */
  readonly notes: readonly string[];
}

/** Applies a remedy to a copy and diagnoses again: the cause must be gone by what the remedy changes, and nothing new may appear. */
export interface Rehearsal {
  /** Tries the remedy on a copy of what was read, and says whether the cause is gone and nothing new has come. */
  rehearse(
    request: {
      readonly remedy: Remedy;
      readonly alerts: readonly Alert[];
      readonly diagnosis: Diagnosis;
      readonly reader: CmdbReader;
    },
    context: CallContext,
  ): Promise<RehearsalResult>;
}
