import type { Adapter, CallContext } from './adapter.ts';

/** A right that one holder has at a time, for a while. */
export interface Lease {
  /** What it is about, e.g. `incident/inc-4f1c09d2ab`. */
  readonly name: string;
  readonly holder: string;
  /** Fencing token: grows with every new holder, so that what is written under an older one can be told apart and refused. */
  readonly token: number;
}

/** Where holders agree on who has what. Time is the store's: a holder whose clock is wrong gains nothing by it. */
export interface LeaseStore extends Adapter {
  /** The lease, when nobody else has it; undefined when somebody has. Asking again as its holder renews it, with the same token. */
  acquire(
    request: { readonly name: string; readonly holder: string; readonly ttlMs: number },
    context: CallContext,
  ): Promise<Lease | undefined>;
  /** Longer, from now on. False: it was lost, and nothing may be written under it any more. */
  renew(lease: Lease, ttlMs: number, context: CallContext): Promise<boolean>;
  /** Gives it back, so that nobody waits for its end. One that was lost already is left alone. */
  release(lease: Lease, context: CallContext): Promise<void>;
}
