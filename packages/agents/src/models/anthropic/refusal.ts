import { type ModelFailureKind, readField } from '@tier0/core';
import { saysOverflow } from '../wire/failure.ts';
import type { RefusalFacts } from '../wire/wire.ts';

const KINDS: Readonly<Record<string, ModelFailureKind>> = {
  authentication_error: 'permission',
  permission_error: 'permission',
  billing_error: 'quota',
  not_found_error: 'not-found',
  request_too_large: 'context-overflow',
  rate_limit_error: 'rate-limit',
  timeout_error: 'timeout',
  api_error: 'overloaded',
  overloaded_error: 'overloaded',
};

/** The kind of an error of the Messages API, also in mid-stream. */
export function refusalKind({ body }: RefusalFacts): ModelFailureKind | undefined {
  const named = KINDS[String(readField(body, ['error', 'type']))];
  if (named) return named;
  const message = readField(body, ['error', 'message']);
  if (saysOverflow(message)) return 'context-overflow';
  return typeof message === 'string' && /credit balance/i.test(message.slice(0, 1_024)) ? 'quota' : undefined;
}
