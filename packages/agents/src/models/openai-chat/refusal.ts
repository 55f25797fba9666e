import { type ModelFailureKind, readField } from '@tier0/core';
import { saysOverflow } from '../wire/failure.ts';
import type { RefusalFacts } from '../wire/wire.ts';

/** What OpenAI and those who speak like it call their errors: in `code`, else in `type`. */
const KINDS: Readonly<Record<string, ModelFailureKind>> = {
  insufficient_quota: 'quota',
  billing_hard_limit_reached: 'quota',
  billing_not_active: 'quota',
  rate_limit_exceeded: 'rate-limit',
  rate_limit_error: 'rate-limit',
  context_length_exceeded: 'context-overflow',
  exceed_context_size_error: 'context-overflow',
  model_not_found: 'not-found',
  not_found_error: 'not-found',
  invalid_api_key: 'permission',
  authentication_error: 'permission',
  permission_error: 'permission',
  server_error: 'overloaded',
  overloaded_error: 'overloaded',
  unavailable_error: 'overloaded',
};

/** The kind of an error body of OpenAI's wires, also in mid-stream. */
export function refusalKind({ body, status }: RefusalFacts): ModelFailureKind | undefined {
  const error = readField(body, ['error']) ?? body;
  const named = KINDS[String(readField(error, ['code']))] ?? KINDS[String(readField(error, ['type']))];
  if (named) return named;
  const mayOverflow = status === undefined || status === 400 || status === 413 || status === 422;
  return mayOverflow && saysOverflow(readField(error, ['message'])) ? 'context-overflow' : undefined;
}
