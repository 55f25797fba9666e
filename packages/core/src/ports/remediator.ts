import type { Diagnosis } from '../model/diagnosis.ts';
import type { Remedy } from '../model/remedy.ts';
import type { CallContext } from './adapter.ts';
import type { CmdbReader } from './cmdb-reader.ts';

/** Turns root causes into concrete edits. */
export interface Remediator {
  /** Best first. Empty: nothing safe is known, hand over to people. */
  remedies(request: { readonly diagnosis: Diagnosis; readonly reader: CmdbReader }, context: CallContext): Promise<readonly Remedy[]>;
}
