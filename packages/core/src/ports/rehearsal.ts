import type { Alert } from '../model/alert.ts';
import type { Diagnosis } from '../model/diagnosis.ts';
import type { Remedy } from '../model/remedy.ts';
import type { CallContext } from './adapter.ts';
import type { CmdbReader } from './cmdb-reader.ts';

/** What a remedy did to a copy of the snapshot. */
export interface RehearsalResult {
  readonly passed: boolean;
  /** One line per observation: cause gone, new fault, what could not be known. */
  readonly notes: readonly string[];
}

/** Applies a remedy to a copy and diagnoses again: the cause must be gone and nothing new may appear. */
export interface Rehearsal {
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
