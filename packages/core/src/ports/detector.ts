import type { Alert } from '../model/alert.ts';
import type { Gap } from '../model/gap.ts';
import type { Adapter, CallContext } from './adapter.ts';
import type { CmdbReader } from './cmdb-reader.ts';

/** Looks once, and says what is wrong or about to be. */
export interface Detector extends Adapter {
  /** Firing alerts, worst first. What could not be looked at is said in `unknowns`. */
  detect(reader: CmdbReader, context: CallContext): Promise<{ readonly alerts: readonly Alert[]; readonly unknowns: readonly Gap[] }>;
}
