import { Tier0Error, type Tier0ErrorCode } from '../errors/tier0-error.ts';
import { formatDuration } from '../model/duration.ts';
import { redact } from '../redact/redact.ts';

/** An instruction, or how it is made of the headers of the answer. */
export type HttpHint = string | ((headers: Readonly<Record<string, string>>) => string);

/** What to do about an answer; each replaces the general instruction. */
export interface HttpHints {
  /** 401: who are you? */
  readonly unauthorised?: HttpHint | undefined;
  /** 403: what to grant. */
  readonly forbidden?: HttpHint | undefined;
  /** 404 and 410. */
  readonly notFound?: HttpHint | undefined;
  /** 400, 422 and other refusals of the request itself. */
  readonly refused?: HttpHint | undefined;
  /** 5xx. */
  readonly unavailable?: HttpHint | undefined;
  /** No answer at all, for whatever reason. */
  readonly unreachable?: string | undefined;
  /** No answer, and the request may have arrived all the same. */
  readonly unanswered?: string | undefined;
}

/** The request in messages: the server's name, the method and the address without its query, which may name people or hold a token. */
export interface RequestName {
  readonly name: string;
  readonly method: string;
  readonly url: URL;
}

const CODES: Readonly<Record<number, Tier0ErrorCode>> = {
  401: 'PERMISSION_DENIED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  407: 'PERMISSION_DENIED',
  408: 'TIMEOUT',
  409: 'CONFLICT',
  410: 'NOT_FOUND',
  412: 'CONFLICT',
  413: 'BUDGET_EXCEEDED',
  429: 'RATE_LIMITED',
  501: 'UNSUPPORTED',
};

/** The error of an answer that is a failure. At most 300 characters of what the server explained are shown, without secrets. */
export function answeredFailure(request: RequestName, { status, headers, said }: Refusal, hints: HttpHints): Tier0Error {
  const explanation = redact(said).replace(/\s+/g, ' ').trim().slice(0, 300);
  return new Tier0Error({
    code: CODES[status] ?? (status >= 500 ? 'UNAVAILABLE' : status >= 400 ? 'INVALID_INPUT' : 'MALFORMED_RESPONSE'),
    message: `${request.name} answered ${status} to ${spoken(request)}${explanation === '' ? '.' : `: ${explanation}`}`,
    hint: spokenHint(answerHint(status, hints), headers),
  });
}

/** An answer that is a failure. */
export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** What the server explained. */
  readonly said: string;
}

function spokenHint(hint: HttpHint, headers: Refusal['headers']): string {
  return typeof hint === 'string' ? hint : hint(headers);
}

function answerHint(status: number, hints: HttpHints): HttpHint {
  if (status === 401) return hints.unauthorised ?? 'Give valid credentials: they are missing, wrong or expired.';
  if (status === 403) return hints.forbidden ?? 'Grant the account the right to this request, or leave it out.';
  if (status === 404 || status === 410) return hints.notFound ?? 'Check the address. A server may hide what the account may not see.';
  if (status === 407) return 'Give the proxy its credentials, or go around it.';
  if (status === 413) return 'Send less at once.';
  if (status === 429) return 'Ask less often, or use an account with a higher limit.';
  if (status === 501) return 'This server does not know the request: check its version.';
  if (status >= 500) return hints.unavailable ?? 'Look into the log of the service, then try again.';
  if (status < 400) return 'Check that the address is the one of the API, not of its website.';
  return hints.refused ?? 'Read what the server says and correct the request.';
}

/** The server asks for more patience than the caller has. */
export function busyFailure(request: RequestName, status: number, waitMs: number): Tier0Error {
  return new Tier0Error({
    code: status === 429 || status === 403 ? 'RATE_LIMITED' : 'UNAVAILABLE',
    message: `${request.name} answered ${status} to ${spoken(request)} and takes no more requests for ${formatDuration(waitMs)}.`,
    hint: 'Try again then, ask less often, or allow a longer wait in the options.',
  });
}

/** The account is used up; waiting does not help. */
export function quotaFailure(request: RequestName, said: string): Tier0Error {
  return new Tier0Error({
    code: 'BUDGET_EXCEEDED',
    message: `${request.name} refuses ${spoken(request)}: the account's quota is used up: ${redact(said).replace(/\s+/g, ' ').slice(0, 200)}`,
    hint: 'Raise the quota or the budget of the account, or use another one.',
    retryable: false,
  });
}

/** Reasons a request got no answer, each with what to do. */
type Unreached =
  | 'cancelled'
  | 'connect-timeout'
  | 'timeout'
  | 'dns'
  | 'refused'
  | 'reset'
  | 'tls-expired'
  | 'tls-early'
  | 'tls-unknown'
  | 'tls-name'
  | 'tls-absent'
  | 'tls-client'
  | 'tls'
  | 'too-large'
  | 'other';

/** Thrown inside the client where a bound of its own was reached. */
export class HttpBound extends Error {
  readonly bound: 'timeout' | 'too-large';
  constructor(bound: HttpBound['bound'], message: string) {
    super(message);
    this.bound = bound;
  }
}

/** Codes of Node and OpenSSL (X509_verify_cert_error_string, nodejs.org/api/tls.html) by what mends them; the first that fits counts. */
const TLS_KINDS: readonly (readonly [RegExp, Unreached])[] = [
  [/^CERT_HAS_EXPIRED$/, 'tls-expired'],
  [/^CERT_NOT_YET_VALID$/, 'tls-early'],
  [/^(ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)$/, 'tls-name'],
  [/^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(GET|VERIFY)|CERT_UNTRUSTED)/, 'tls-unknown'],
  [/^(EPROTO|ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST))$/, 'tls-absent'],
  [/^ERR_SSL_.*(CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_UNKNOWN|CERTIFICATE_EXPIRED)$/, 'tls-client'],
];

const TLS_CODE = /^(CERT_|ERR_TLS_|ERR_SSL_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_(GET|VERIFY)|HOSTNAME_MISMATCH|EPROTO)/;

/** What kind of failure to connect or to read an error is. */
export function unreachedKind(error: unknown): Unreached {
  if (error instanceof HttpBound) return error.bound;
  const { code, name } = innermost(error) as { readonly code?: string; readonly name?: string };
  if (name === 'TimeoutError') return 'timeout';
  if (code === 'ETIMEDOUT' || code === 'UND_ERR_CONNECT_TIMEOUT') return 'connect-timeout';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'EAI_FAIL') return 'dns';
  if (code === 'ECONNREFUSED' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH') return 'refused';
  if (code === 'ECONNRESET' || code === 'EPIPE' || code === 'UND_ERR_SOCKET' || code === 'ECONNABORTED') return 'reset';
  const [, kind] = TLS_KINDS.find(([pattern]) => pattern.test(code ?? '')) ?? [];
  return kind ?? (TLS_CODE.test(code ?? '') ? 'tls' : 'other');
}

/** Whether nothing can have reached the server, so that even a request that changes something may be sent again. */
export function wasNeverSent(error: unknown): boolean {
  return ['connect-timeout', 'dns', 'refused'].includes(unreachedKind(error));
}

function mayHaveArrived(kind: Unreached): boolean {
  return ['timeout', 'reset', 'too-large', 'other'].includes(kind);
}

/** Whether trying again may help: not for a wrong certificate or an answer that is too large. */
export function isPassing(error: unknown): boolean {
  return ['connect-timeout', 'timeout', 'dns', 'refused', 'reset'].includes(unreachedKind(error));
}

const UNREACHED_HINTS: Readonly<Record<Unreached, string>> = {
  cancelled: 'Give the call more time.',
  'connect-timeout': 'Check the address and whether a firewall, a proxy or a network policy is in between.',
  timeout: 'Try again when the server is less busy, or allow more time in the options. Whether it was done is not known.',
  dns: 'Check the host name for typing errors, and that this machine can resolve it.',
  refused: 'Check the port and that the service runs and may be reached from here.',
  reset: 'Try again; if it stays, look into the log of the service and of proxies in between.',
  'tls-expired': 'Renew the certificate of the server; if it is valid, set the clock of this machine.',
  'tls-early': 'Set the clock of this machine: to it the certificate is not valid yet.',
  'tls-unknown':
    'Trust the authority that signed the certificate: "certificate-authority" of a kubeconfig, for all else a PEM file in NODE_EXTRA_CA_CERTS.',
  'tls-name': 'Use a name that the certificate is for, or have it made for this one too.',
  'tls-absent': 'Check that the server speaks TLS on this port: it may want http:// in place of https://.',
  'tls-client': 'Renew the client certificate that is shown to the server, or show one: it was not accepted.',
  tls: 'Add the authority that signed the certificate to those trusted here, and use the name that the certificate is for.',
  'too-large': 'Ask for less at once, or allow larger answers in the options.',
  other: 'Check the address, the network and that the service runs.',
};

/** The error of a request that got no whole answer. */
export function unreachedFailure(request: RequestName, error: unknown, hints: HttpHints): Tier0Error {
  const kind = unreachedKind(error);
  const { code, message } = innermost(error) as { readonly code?: string; readonly message?: string };
  const reason = kind === 'timeout' || kind === 'too-large' ? message : [code, message].filter(Boolean).join(' ');
  const codes: Partial<Record<Unreached, Tier0ErrorCode>> = {
    timeout: 'TIMEOUT',
    'connect-timeout': 'TIMEOUT',
    'too-large': 'BUDGET_EXCEEDED',
  };
  return new Tier0Error({
    code: codes[kind] ?? 'UNAVAILABLE',
    message: `${request.name} gave no answer to ${spoken(request)}: ${redact(String(reason ?? error)).slice(0, 300)}.`,
    hint: [mayHaveArrived(kind) ? hints.unanswered : undefined, hints.unreachable, UNREACHED_HINTS[kind]].filter(Boolean).join(' '),
    retryable: !kind.startsWith('tls') && kind !== 'too-large',
    cause: error,
  });
}

/** The caller gave up. */
export function cancelledFailure(request: RequestName, cause: unknown): Tier0Error {
  return new Tier0Error({ code: 'TIMEOUT', message: `${spoken(request)} was cancelled.`, hint: UNREACHED_HINTS.cancelled, cause });
}

function spoken({ method, url }: RequestName): string {
  return `${method} ${url.origin}${url.pathname}`;
}

/** `fetch` hides the reason in the cause; several addresses tried hide it in a list. */
function innermost(error: unknown): object {
  const { cause, errors } = (error ?? {}) as { readonly cause?: unknown; readonly errors?: readonly unknown[] };
  if (cause instanceof Error) return innermost(cause);
  if (Array.isArray(errors) && errors[0] instanceof Error && !(error as { code?: unknown }).code) return innermost(errors[0]);
  return error instanceof Error ? error : new Error(String(error));
}
