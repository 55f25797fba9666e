import type { ModelFailureKind } from '@tier0/core';
import type { RefusedTurn } from './provider-wire.ts';

interface Refusal {
  readonly status: number;
  readonly error: unknown;
}

/** How OpenAI says no. */
export const REFUSALS: Readonly<Partial<Record<ModelFailureKind, Refusal>>> = {
  'rate-limit': { status: 429, error: { message: 'slow down', type: 'requests', code: 'rate_limit_exceeded' } },
  quota: { status: 429, error: { message: 'check your plan', type: 'insufficient_quota', code: 'insufficient_quota' } },
  overloaded: { status: 503, error: { message: 'busy', type: 'server_error', code: null } },
  permission: { status: 401, error: { message: 'bad key', type: 'invalid_request_error', code: 'invalid_api_key' } },
  'not-found': { status: 404, error: { message: 'no such model', type: 'invalid_request_error', code: 'model_not_found' } },
  'context-overflow': { status: 400, error: { message: 'too long', type: 'invalid_request_error', code: 'context_length_exceeded' } },
  'invalid-request': { status: 400, error: { message: 'unknown parameter', type: 'invalid_request_error', code: null } },
};

/** The refusal of a turn as status, headers and body. */
export function refusalOf({ refuse, retryAfterS }: RefusedTurn, refusals: typeof REFUSALS) {
  const refusal = refusals[refuse];
  if (!refusal) throw new Error(`this provider has no refusal of the kind ${refuse}`);
  const headers: Readonly<Record<string, string>> = retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) };
  return { status: refusal.status, headers, body: { error: refusal.error } };
}
