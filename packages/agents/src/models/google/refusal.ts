import { type ModelFailureKind, readField } from '@tier0/core';
import { saysOverflow } from '../wire/failure.ts';
import type { RefusalFacts } from '../wire/wire.ts';

const KINDS: Readonly<Record<string, ModelFailureKind>> = {
  UNAUTHENTICATED: 'permission',
  PERMISSION_DENIED: 'permission',
  NOT_FOUND: 'not-found',
  RESOURCE_EXHAUSTED: 'rate-limit',
  DEADLINE_EXCEEDED: 'timeout',
  UNAVAILABLE: 'overloaded',
  INTERNAL: 'overloaded',
};

/** The kind of a Google API error. A limit per day or of zero is a quota; one per minute passes. */
export function refusalKind({ body, status }: RefusalFacts): ModelFailureKind | undefined {
  const error = readField(body, ['error']);
  const details = detailsOf(error);
  if (details.some((detail) => readField(detail, ['reason']) === 'API_KEY_INVALID')) return 'permission';
  if (saysOverflow(readField(error, ['message']))) return 'context-overflow';
  const kind = KINDS[String(readField(error, ['status']))] ?? (status === 429 ? 'rate-limit' : undefined);
  return kind === 'rate-limit' && details.some(isSpentQuota) ? 'quota' : kind;
}

function detailsOf(error: unknown): readonly unknown[] {
  const details = readField(error, ['details']);
  return Array.isArray(details) ? details : [];
}

function isSpentQuota(detail: unknown): boolean {
  const violations = readField(detail, ['violations']);
  return (
    Array.isArray(violations) &&
    violations.some((one) => /PerDay|PerMonth/.test(String(readField(one, ['quotaId']))) || String(readField(one, ['quotaValue'])) === '0')
  );
}

/** Google asks to wait in the body: `"retryDelay": "7s"`. */
export function retryAfterMs(body: unknown): number | undefined {
  const delays = detailsOf(readField(body, ['error'])).map(
    (detail) => /^(\d+(?:\.\d+)?)s$/.exec(String(readField(detail, ['retryDelay'])))?.[1],
  );
  const seconds = delays.find((delay) => delay !== undefined);
  return seconds === undefined ? undefined : Math.round(Number(seconds) * 1000);
}
