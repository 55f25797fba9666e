import type { ModelFailure } from '@tier0/core';

/** How often and how patiently a model is asked again. The only retry there is: adapters and SDKs do none. */
export interface RetryPolicy {
  /** Attempts in all, the first included. */
  readonly attempts: number;
  /** Milliseconds the first wait is drawn from; each further one from twice as much. */
  readonly baseMs: number;
  /** Milliseconds a wait is never drawn beyond. */
  readonly maxMs: number;
}

/** Four attempts within about half a minute. */
export const DEFAULT_RETRY: RetryPolicy = { attempts: 4, baseMs: 500, maxMs: 30_000 };

/** What the next wait depends on. */
export interface RetryFacts {
  readonly failure: ModelFailure;
  /** Attempts made until now. */
  readonly made: number;
  /** Milliseconds left for the whole run. */
  readonly leftMs: number;
  /** 0 to 1. */
  readonly random: number;
}

/** Milliseconds to wait before asking again; undefined: do not. What the provider asks for counts, else full jitter. */
export function retryDelay({ failure, made, leftMs, random }: RetryFacts, policy: RetryPolicy): number | undefined {
  if (!failure.retryable || made >= policy.attempts) return undefined;
  const drawn = random * Math.min(policy.maxMs, policy.baseMs * 2 ** (made - 1));
  const wait = failure.retryAfterMs ?? drawn;
  return wait < leftMs ? wait : undefined;
}
