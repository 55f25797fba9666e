import type { ModelFailure, ModelFailureKind, Tier0ErrorCode } from '@tier0/core';

interface KindFacts {
  readonly code: Tier0ErrorCode;
  readonly says: string;
  readonly hint: string;
  readonly retryable: boolean;
}

/** What each kind means for the caller. The closed list of what may be tried again. */
const KINDS: Readonly<Record<ModelFailureKind, KindFacts>> = {
  'rate-limit': { code: 'RATE_LIMITED', says: 'is asked too often', hint: 'Wait as long as it asks, or ask less often.', retryable: true },
  overloaded: {
    code: 'UNAVAILABLE',
    says: 'is overloaded or failing',
    hint: 'Try again later, or name a fallback model.',
    retryable: true,
  },
  quota: {
    code: 'RATE_LIMITED',
    says: 'has no quota or credit left for this account',
    hint: 'Waiting does not help: check plan and billing, or name a fallback model.',
    retryable: false,
  },
  permission: {
    code: 'PERMISSION_DENIED',
    says: 'does not accept the key',
    hint: 'Check the API key and what it may use.',
    retryable: false,
  },
  'not-found': {
    code: 'NOT_FOUND',
    says: 'does not know the model or the path',
    hint: 'Check the base address and the model name.',
    retryable: false,
  },
  'context-overflow': {
    code: 'BUDGET_EXCEEDED',
    says: 'cannot hold a conversation this long',
    hint: 'Send less, or use a model with a larger context window.',
    retryable: false,
  },
  'invalid-request': {
    code: 'INVALID_INPUT',
    says: 'does not accept the request',
    hint: 'Check the model name, its limits and the features asked for.',
    retryable: false,
  },
  malformed: {
    code: 'MALFORMED_RESPONSE',
    says: 'answered what cannot be read',
    hint: 'Check that the address speaks the wire that was chosen, with streaming.',
    retryable: false,
  },
  timeout: { code: 'TIMEOUT', says: 'did not answer in time', hint: 'Allow more time, or use a faster model.', retryable: true },
  unreachable: {
    code: 'UNAVAILABLE',
    says: 'cannot be reached, or the connection broke',
    hint: 'Check the address and that the server runs.',
    retryable: true,
  },
};

/** Facts of one failure that its kind does not hold. */
export interface FailureDetail {
  /** Host that was asked. */
  readonly host: string;
  readonly model: string;
  readonly status?: number | undefined;
  readonly retryAfterMs?: number | undefined;
}

/** A failure whose text names host, model and status and nothing that was said. */
export function modelFailure(kind: ModelFailureKind, { host, model, status, retryAfterMs }: FailureDetail): ModelFailure {
  const { code, says, hint, retryable } = KINDS[kind];
  const answered = status === undefined ? '' : ` (status ${status})`;
  const message = `The model server ${host} ${says}${answered}, for model "${model}".`;
  return { kind, code, message, hint, retryable, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** What a status means when the body says nothing better. */
export function kindOfStatus(status: number | undefined): ModelFailureKind {
  if (status === undefined || status >= 500) return 'overloaded';
  if (status === 401 || status === 403) return 'permission';
  if (status === 402) return 'quota';
  if (status === 404) return 'not-found';
  if (status === 408) return 'timeout';
  if (status === 413) return 'context-overflow';
  return status === 429 ? 'rate-limit' : 'invalid-request';
}

/** How providers say that a conversation is too long; they have no common code for it. */
const OVERFLOW =
  /prompt is too long|context[ _-]?(?:length|window|size)|maximum context|exceed_context_size|too many (?:input )?tokens|input token count|input is too long/i;

export function saysOverflow(text: unknown): boolean {
  return typeof text === 'string' && OVERFLOW.test(text.slice(0, 4_096));
}

/** Milliseconds to wait by the headers `retry-after-ms` and `retry-after` (seconds or a date). Undefined when they do not say. */
export function retryAfterOf(headers: Headers | undefined, nowMs: number): number | undefined {
  const exact = Number(headers?.get('retry-after-ms') ?? Number.NaN);
  if (exact >= 0) return exact;
  const value = headers?.get('retry-after')?.trim();
  if (!value) return undefined;
  const seconds = Number(value);
  if (seconds >= 0) return seconds * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}
