import type { CallContext, ModelEvent } from '@tier0/core';

/** What a run is given from outside: nothing else is ambient, so that it can be replayed. */
export interface RunContext extends CallContext {
  /** 0 to 1, for jitter. Default: no jitter is drawn, waits have their full length. */
  readonly random?: (() => number) | undefined;
  /** Waits; replaced in tests. Default: by the clock, ended by the signal. */
  readonly sleep?: ((ms: number, signal: AbortSignal) => Promise<void>) | undefined;
  /** Told of every event of a model as it comes. */
  readonly heard?: ((event: ModelEvent) => void) | undefined;
}
