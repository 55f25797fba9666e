/** How patient a client is. */
export interface RetryPolicy {
  /** Attempts in all, the first included. Default 4. */
  readonly attempts: number;
  /** Upper end of the first wait; it doubles with each attempt. Milliseconds, default 250. */
  readonly baseMs: number;
  /** Longest wait that the client chooses by itself. Milliseconds, default 8,000. */
  readonly maxMs: number;
  /** Longest wait that the server may ask for; beyond it the answer is a failure at once. Milliseconds, default the time that is left. */
  readonly maxAskedMs: number;
}

export const DEFAULT_RETRY: RetryPolicy = { attempts: 4, baseMs: 250, maxMs: 8_000, maxAskedMs: Number.POSITIVE_INFINITY };

/** Methods that may be sent twice (RFC 9110, section 9.2.2). */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

/** Whether sending it again cannot do it twice. */
export function isIdempotent(method: string): boolean {
  return IDEMPOTENT.has(method);
}

/** A server that is not there for a moment. */
const PASSING: ReadonlySet<number> = new Set([502, 503, 504]);

/** Whether an answer says "later": 429 was not done and may be repeated in any case, a gateway's failure only where repeating is harmless. */
export function isLater(status: number, isRepeatable: boolean): boolean {
  return status === 429 || (isRepeatable && PASSING.has(status));
}

/** A 429 that time does not cure: the account is used up. Its words, as the vendors write them. */
export function isQuota(body: string): boolean {
  return /insufficient_quota|billing_(hard_limit|not_active)|exceeded your current quota|credit balance|quota_exceeded/i.test(body);
}

/** Full jitter: anything from 0 to the step, so that many clients do not come back together. Milliseconds. */
export function jitteredMs(attempt: number, policy: RetryPolicy, random: () => number): number {
  return Math.round(random() * Math.min(policy.maxMs, policy.baseMs * 2 ** Math.min(attempt - 1, 30)));
}

/**
 * Milliseconds that `Retry-After` asks for: seconds, or a date of HTTP (RFC 9110, section 10.2.3), which is measured by the server's own
 * `Date` where it told it. Undefined where it is neither.
 */
export function retryAfterMs(headers: Readonly<Record<string, string>>, nowMs: number): number | undefined {
  const text = headers['retry-after']?.trim();
  if (text === undefined || text === '') return undefined;
  if (/^\d{1,9}(\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1000);
  const at = Date.parse(text);
  const served = Date.parse(headers.date ?? '');
  return Number.isNaN(at) ? undefined : Math.max(0, at - (Number.isNaN(served) ? nowMs : served));
}
