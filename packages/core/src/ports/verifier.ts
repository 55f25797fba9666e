import type { Alert } from '../model/alert.ts';
import type { Diagnosis } from '../model/diagnosis.ts';
import type { Evidence } from '../model/evidence.ts';
import type { Remedy } from '../model/remedy.ts';
import type { CallContext } from './adapter.ts';
import type { Cmdb } from './cmdb-reader.ts';

/** Whether the symptom is gone, and what else is different from before. */
export interface Verification {
  readonly resolved: boolean;
  /** Findings that are new since before the change, one line each. */
  readonly regressions: readonly string[];
  readonly reasons: readonly string[];
  readonly evidence: readonly Evidence[];
}

/** Measures whether the symptom is gone by the remedy's success criterion. */
export interface Verifier {
  /** Measures whether what was wrong is gone after the change, for as long as success asks for. */
  verify(
    request: {
      readonly remedy: Remedy;
      readonly alerts: readonly Alert[];
      readonly diagnosis: Diagnosis;
      readonly cmdb: Cmdb;
      /** When the change went live, milliseconds since the epoch: only what was seen after it counts. */
      readonly liveAtMs: number;
    },
    context: CallContext,
  ): Promise<Verification>;
}
