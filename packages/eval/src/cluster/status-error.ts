import { Tier0Error, type Tier0ErrorCode } from '@tier0/core';
import type { JsonObject } from './kubernetes-object.ts';

/** Reasons the Kubernetes API gives in a `Status`, with their HTTP code and our own word for them. */
const REASONS = {
  BadRequest: [400, 'INVALID_INPUT'],
  Unauthorized: [401, 'PERMISSION_DENIED'],
  Forbidden: [403, 'PERMISSION_DENIED'],
  NotFound: [404, 'NOT_FOUND'],
  MethodNotAllowed: [405, 'UNSUPPORTED'],
  NotAcceptable: [406, 'UNSUPPORTED'],
  AlreadyExists: [409, 'CONFLICT'],
  Conflict: [409, 'CONFLICT'],
  Gone: [410, 'NOT_FOUND'],
  Expired: [410, 'NOT_FOUND'],
  RequestEntityTooLarge: [413, 'INVALID_INPUT'],
  UnsupportedMediaType: [415, 'UNSUPPORTED'],
  Invalid: [422, 'INVALID_INPUT'],
  InternalError: [500, 'INTERNAL'],
} as const satisfies Record<string, readonly [number, Tier0ErrorCode]>;

/** Why a request is refused, in the words of the Kubernetes API. */
export type StatusReason = keyof typeof REASONS;

/** A refusal that can be shown to a Kubernetes client as a `Status` and to our own callers as a Tier0Error. */
export class StatusError extends Tier0Error {
  readonly reason: StatusReason;
  readonly details: JsonObject | undefined;

  constructor(reason: StatusReason, message: string, details?: JsonObject) {
    super({
      code: REASONS[reason][1],
      message,
      hint: `The Kubernetes API answers ${REASONS[reason][0]} ${reason} here: change the request.`,
    });
    this.reason = reason;
    this.details = details;
  }

  get httpCode(): number {
    return REASONS[this.reason][0];
  }

  /** The `Status` object as the API server sends it. */
  toStatus(): JsonObject {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      reason: this.reason,
      ...(this.details === undefined ? {} : { details: this.details }),
      code: this.httpCode,
    };
  }
}

/** `resource.group` as it stands in the messages of the API server. */
export function qualified(kind: { readonly group: string; readonly resource: string }): string {
  return kind.group === '' ? kind.resource : `${kind.resource}.${kind.group}`;
}

/** Details of a Status about one named object. */
export function detailsOf(kind: { readonly group: string; readonly resource: string }, name: string): JsonObject {
  return { name, ...(kind.group === '' ? {} : { group: kind.group }), kind: kind.resource };
}

export function notFound(kind: { readonly group: string; readonly resource: string }, name: string): StatusError {
  return new StatusError('NotFound', `${qualified(kind)} "${name}" not found`, detailsOf(kind, name));
}
