import type { CallContext, Lease, LeaseStore } from '@tier0/core';

/** A lease that is kept until it is given back or lost. */
export interface HeldLease {
  readonly lease: Lease;
  /** Aborts when the lease is lost, or may have been. */
  readonly signal: AbortSignal;
  /** Ends the keeping; gives the lease back where it is still ours. */
  release(): Promise<void>;
}

/** Renewals in the time a lease runs. */
const RENEWALS = 3;
/** Share of its time after which a lease that could not be renewed counts as lost: nothing is begun in its last moments. */
const DOUBT = 0.8;

/** Renews a lease again and again. One that cannot be renewed for most of its time counts as lost, whatever the reason. */
export function holdLease(leases: LeaseStore, lease: Lease, ttlMs: number, context: CallContext): HeldLease {
  const lost = new AbortController();
  // Of real time, which goes on while a process is frozen.
  let renewedAt = performance.now();
  const renew = async () => {
    const askedAt = performance.now();
    const isOurs = await leases.renew(lease, ttlMs, { ...context, signal: AbortSignal.timeout(ttlMs) }).catch(() => undefined);
    if (isOurs === true) renewedAt = askedAt;
    if (isOurs === false || performance.now() - renewedAt > ttlMs * DOUBT) end();
  };
  const timer = setInterval(() => void renew(), ttlMs / RENEWALS);
  const end = () => {
    clearInterval(timer);
    lost.abort(new DOMException('the lease is lost', 'AbortError'));
  };
  return {
    lease,
    signal: lost.signal,
    async release() {
      clearInterval(timer);
      if (!lost.signal.aborted) await leases.release(lease, { ...context, signal: AbortSignal.timeout(ttlMs) }).catch(() => undefined);
    },
  };
}
