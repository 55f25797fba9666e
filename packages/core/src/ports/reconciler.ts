import type { Adapter, CallContext } from './adapter.ts';

/** What has to become live, what has to be healthy then, and for how long. */
export interface WatchRequest {
  /** The commit that must be live, or an ancestor of what is. */
  readonly commit: string;
  /** Item ids whose rollout must be complete and healthy. */
  readonly items: readonly string[];
  /** Those of the items that were faulty before the change that is taken back now: what is declared must stand there, their rollout may stay as bad as it was. */
  readonly faultyBefore?: readonly string[] | undefined;
  /** Milliseconds health must last. */
  readonly holdMs: number;
  /** Milliseconds after which the watch gives up with `timed-out`. */
  readonly timeoutMs: number;
}

/** The last one is `live`, `failed` or `timed-out`. */
export type ReconcileProgress =
  | { readonly status: 'syncing' | 'rolling-out' | 'holding'; readonly message: string }
  | { readonly status: 'live'; readonly commit: string; readonly message: string }
  | { readonly status: 'failed' | 'timed-out'; readonly message: string };

/** Is my change live and healthy? Healthy from an older revision is never an answer. */
export interface Reconciler extends Adapter {
  /** How far the change is on its way into the cluster, until it is live, has failed, or time is up. */
  watch(request: WatchRequest, context: CallContext): AsyncIterable<ReconcileProgress>;
}
