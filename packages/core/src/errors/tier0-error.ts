/** What went wrong, in the words callers branch on. */
export type Tier0ErrorCode =
  | 'INVALID_INPUT'
  | 'NOT_FOUND'
  | 'CONFLICT'
  | 'PERMISSION_DENIED'
  | 'UNAVAILABLE'
  | 'TIMEOUT'
  | 'RATE_LIMITED'
  | 'UNSUPPORTED'
  | 'BUDGET_EXCEEDED'
  | 'MALFORMED_RESPONSE'
  | 'MISSING_DEPENDENCY'
  | 'INTERNAL';

/** The parts of an error message that helps: what failed, what to do, whether trying again makes sense. */
export interface Tier0ErrorOptions {
  readonly code: Tier0ErrorCode;
  /** What failed and with which value. */
  readonly message: string;
  /** What the reader can do about it, as an instruction. */
  readonly hint: string;
  /** Whether the same call may succeed later. Default: true for UNAVAILABLE, TIMEOUT and RATE_LIMITED. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

const RETRYABLE: ReadonlySet<Tier0ErrorCode> = new Set(['UNAVAILABLE', 'TIMEOUT', 'RATE_LIMITED']);
const BRAND = Symbol.for('tier0.error');

/** The one error class of tier0: branch on `code`, show `message` and `hint`. */
export class Tier0Error extends Error {
  readonly code: Tier0ErrorCode;
  readonly hint: string;
  readonly retryable: boolean;

  constructor(options: Tier0ErrorOptions) {
    super(options.message, { cause: options.cause });
    this.name = 'Tier0Error';
    this.code = options.code;
    this.hint = options.hint;
    this.retryable = options.retryable ?? RETRYABLE.has(options.code);
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/** Whether `error` is a Tier0Error, also when two copies of this package are loaded. */
export function isTier0Error(error: unknown): error is Tier0Error {
  return typeof error === 'object' && error !== null && (error as Record<symbol, unknown>)[BRAND] === true;
}

/** `error` itself when it is a Tier0Error, else one with code INTERNAL that keeps it as the cause. */
export function toTier0Error(error: unknown): Tier0Error {
  if (isTier0Error(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new Tier0Error({
    code: 'INTERNAL',
    message: `Unexpected failure: ${message}`,
    hint: 'This is a defect of tier0 or of an adapter: report it with the stack trace.',
    cause: error,
  });
}
