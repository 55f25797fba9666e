import { isTier0Error, Tier0Error, type Tier0ErrorCode } from '@tier0/core';

/** The connection ended after a statement was sent and before its answer came: the statement may have taken effect. */
export class AnswerLost extends Tier0Error {}

/** What may be said about a server in an error: never its password. */
export interface ServerPlace {
  /** `host:port/database`. */
  readonly name: string;
  readonly user: string;
  /** Texts that must never appear. */
  readonly secrets: readonly string[];
}

interface Meaning {
  readonly code: Tier0ErrorCode;
  readonly hint: string;
}

const AGAIN = 'Check that the server runs and is reached, and write again. What was acknowledged before is recorded.';
const LOGIN: Meaning = { code: 'PERMISSION_DENIED', hint: 'Give the user and the password that the server expects (pg_hba.conf, roles).' };

/** SQLSTATE codes, whole or by class (PostgreSQL documentation, appendix A). */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  '08': { code: 'UNAVAILABLE', hint: AGAIN },
  '25006': { code: 'UNAVAILABLE', hint: 'The server is a read-only standby: name the primary, e.g. with target_session_attrs=read-write.' },
  '28': LOGIN,
  '3D000': { code: 'NOT_FOUND', hint: 'Make the database first ("createdb NAME"), or name one that is there.' },
  '40': { code: 'CONFLICT', hint: 'Other transactions were in the way: write again.' },
  '42501': {
    code: 'PERMISSION_DENIED',
    hint: 'Grant the user CREATE on the database for the first start; later USAGE on the schema, SELECT, INSERT, UPDATE and DELETE on its tables, and TEMPORARY on the database.',
  },
  '53': {
    code: 'UNAVAILABLE',
    hint: 'The server is short of disk, memory or connections: make room and write again. Nothing acknowledged is lost.',
  },
  '57014': { code: 'TIMEOUT', hint: 'Raise statementTimeoutMs, or look at what keeps the server busy. Nothing of this call was written.' },
  '57': { code: 'UNAVAILABLE', hint: AGAIN },
  '58': { code: 'UNAVAILABLE', hint: 'The server cannot use its disk: look at its log.' },
  XX001: { code: 'MALFORMED_RESPONSE', hint: 'The server found damaged data: stop it and restore a backup.' },
  XX002: { code: 'MALFORMED_RESPONSE', hint: 'The server found a damaged index: run REINDEX.' },
};

/** Says in our words what the driver or the server says in theirs. `isSent` tells whether a statement was under way. */
export function toPostgresError(error: unknown, place: ServerPlace, isSent: boolean): Tier0Error {
  if (isTier0Error(error)) return error;
  const said = redact(error instanceof Error ? error.message || String((error as NodeJS.ErrnoException).code) : String(error), place);
  const state = sqlState(error);
  // The driver's error may carry the address as it was given; what is kept of it is the text.
  const cause = Object.assign(new Error(said), { code: state ?? (error as NodeJS.ErrnoException).code });
  if (state !== undefined && (error as { severity?: string }).severity === 'ERROR') {
    const { code, hint } = meaningOf(state) ?? { code: 'INTERNAL', hint: 'Look at the cause; nothing of this call was written.' };
    return new Tier0Error({ code, message: `PostgreSQL at ${place.name} refused: ${said}.`, hint, cause });
  }
  if (isSent) {
    return new AnswerLost({
      code: 'UNAVAILABLE',
      message: `The connection to PostgreSQL at ${place.name} was lost: ${said}.`,
      hint: AGAIN,
      cause,
    });
  }
  const isPasswordMissing = /password must be a (non-empty )?string|no password/i.test(said);
  const meaning = isPasswordMissing ? { ...LOGIN, hint: 'Give a password: none was given, and the server wants one.' } : meaningOf(state);
  const { code, hint } = meaning ?? { code: 'UNAVAILABLE', hint: AGAIN };
  return new Tier0Error({ code, message: `Cannot connect to PostgreSQL at ${place.name} as "${place.user}": ${said}.`, hint, cause });
}

/** SQLSTATE of an error of the server, also behind one of ours. */
export function sqlState(error: unknown): string | undefined {
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && code !== 'EPIPE') return code;
  return isTier0Error(error) && error.cause ? sqlState(error.cause) : undefined;
}

function meaningOf(state: string | undefined): Meaning | undefined {
  return state === undefined ? undefined : (MEANINGS[state] ?? MEANINGS[state.slice(0, 2)]);
}

function redact(text: string, { secrets }: ServerPlace): string {
  return secrets.reduce((left, secret) => (secret === '' ? left : left.replaceAll(secret, '[redacted]')), text);
}
