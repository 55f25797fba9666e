/** What every call into an adapter is given. Nothing else is ambient: no clock, no randomness, no environment. */
export interface CallContext {
  /** Aborts when the caller no longer wants the answer. */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** The part that all adapters share. */
export interface Adapter {
  /** Key in configuration, logs and evidence. */
  readonly name: string;
  /** What is missing to work, one instruction per line. Empty: ready. */
  check?(context: CallContext): Promise<readonly string[]>;
  /** Lets go of what it holds: connections, files, timers. It is not called again afterwards. */
  close?(): Promise<void>;
}
