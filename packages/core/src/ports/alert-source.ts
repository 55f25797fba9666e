import type { Alert } from '../model/alert.ts';
import type { Adapter, CallContext } from './adapter.ts';

/** Where alerts come from. The iteration ends when the source is exhausted or the signal aborts. */
export interface AlertSource extends Adapter {
  /** Alerts as they come, to the end of the source or of the caller's patience. */
  alerts(context: CallContext): AsyncIterable<Alert>;
}
