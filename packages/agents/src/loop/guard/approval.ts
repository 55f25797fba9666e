import { createHmac, timingSafeEqual } from 'node:crypto';
import { canonicalJson, digestOf, type JsonValue } from '@tier0/core';

/** Exactly what a person is asked to allow. Anything else than this is not allowed by it. */
export interface ApprovalRequest {
  readonly run: string;
  /** Which call of the run: turn and place. */
  readonly call: string;
  readonly tool: string;
  /** SHA-256 of the canonical JSON of the arguments, lower-case hex. */
  readonly argumentsDigest: string;
  readonly target: string;
  readonly policyVersion: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** A person's yes to one request. */
export interface ApprovalGrant {
  readonly request: ApprovalRequest;
  readonly approver: string;
  /** Milliseconds since the epoch. */
  readonly grantedAt: number;
  /** HMAC-SHA-256 over the rest, lower-case hex. */
  readonly mac: string;
}

/** Whether a grant counts, and if not, why. */
export type GrantVerdict = { readonly valid: true } | { readonly valid: false; readonly reason: string };

/** The digest that binds an approval to arguments. Two writings of the same JSON have the same digest. */
export function argumentsDigest(value: JsonValue): string {
  return digestOf(value);
}

/** Signs a yes. Whoever holds the secret can approve: it belongs to the approval desk, never to a model or a tool. */
export function grantApproval(request: ApprovalRequest, approver: string, { secret, nowMs }: GrantOptions): ApprovalGrant {
  const unsigned = { request, approver, grantedAt: nowMs };
  return { ...unsigned, mac: macOf(unsigned, secret) };
}

/** What signing needs. The secret has at least 32 bytes. */
export interface GrantOptions {
  readonly secret: string | Uint8Array;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
}

/** Whether the grant is genuine, is for exactly this request, and has not run out. Whether it was used before is for the log to say. */
export function judgeGrant(grant: ApprovalGrant, request: ApprovalRequest, { secret, nowMs }: GrantOptions): GrantVerdict {
  if (!isGenuine(grant, secret)) return { valid: false, reason: 'the approval is not signed by the approval desk' };
  if (canonicalJson(grant.request) !== canonicalJson(request)) return { valid: false, reason: 'the approval is for another call' };
  if (!(nowMs < request.expiresAt)) return { valid: false, reason: 'the approval has expired' };
  if (!(grant.grantedAt <= nowMs)) return { valid: false, reason: 'the approval is from the future' };
  return { valid: true };
}

function isGenuine({ mac, request, approver, grantedAt }: ApprovalGrant, secret: string | Uint8Array): boolean {
  const expected = Buffer.from(macOf({ request, approver, grantedAt }, secret), 'hex');
  const given = Buffer.from(typeof mac === 'string' ? mac : '', 'hex');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function macOf(unsigned: Omit<ApprovalGrant, 'mac'>, secret: string | Uint8Array): string {
  if (secret.length < 32) throw new RangeError('The secret of the approval desk is shorter than 32 bytes: use a random one of 32 or more.');
  return createHmac('sha256', secret).update(canonicalJson(unsigned)).digest('hex');
}
