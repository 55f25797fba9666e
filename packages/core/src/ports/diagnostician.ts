import type { Alert } from '../model/alert.ts';
import type { Diagnosis } from '../model/diagnosis.ts';
import type { CallContext } from './adapter.ts';
import type { CmdbReader } from './cmdb-reader.ts';

/** Finds the root causes behind alerts. */
export interface Diagnostician {
  /** Ranked causes of the alerts, with evidence for and against, and what could not be known. */
  diagnose(request: { readonly alerts: readonly Alert[]; readonly reader: CmdbReader }, context: CallContext): Promise<Diagnosis>;
}
