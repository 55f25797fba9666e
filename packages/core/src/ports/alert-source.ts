import type { Alert } from '../model/alert.ts';
import type { Adapter, CallContext } from './adapter.ts';

/** Where alerts come from. The iteration ends when the source is exhausted or the signal aborts. */
export interface AlertSource extends Adapter {
  alerts(context: CallContext): AsyncIterable<Alert>;
}
