import { type CallContext, type Cmdb, pause, type RefreshReport } from '@tier0/core';
import type { KubernetesWatch } from './watch.ts';

/** How eagerly a CMDB follows its watch. */
export interface KeepCurrentOptions {
  /** News that come within this time are taken in together. Milliseconds, default 200. */
  readonly batchMs?: number | undefined;
  /** Called after each refresh. */
  readonly onRefresh?: ((report: RefreshReport) => void) | undefined;
}

/**
 * Runs the watch and refreshes the CMDB from it, and from no other source, whenever something is different; `watch` has to be among the
 * CMDB's sources. Ends when the signal is aborted. A refresh compares everything the watch holds, so relations that other objects gain
 * or lose by one event are right; its
 * time grows with the cluster, not with the number of events, and it rests as long as it worked. Throws as `run` and `refresh` do.
 */
export async function keepCurrent(
  cmdb: Cmdb,
  watch: KubernetesWatch,
  context: CallContext,
  { batchMs = 200, onRefresh }: KeepCurrentOptions = {},
): Promise<void> {
  const ended = new AbortController();
  const signal = AbortSignal.any([context.signal, ended.signal]);
  const inner = { ...context, signal };
  const refreshing = async () => {
    let tookMs = 0;
    while (!signal.aborted) {
      await watch.changed(signal);
      await pause(Math.max(batchMs, tookMs), signal).catch(() => undefined);
      if (signal.aborted) return;
      const startMs = context.now();
      const report = await cmdb.refresh(inner, [watch.name]);
      tookMs = context.now() - startMs;
      if (!signal.aborted) onRefresh?.(report);
    }
  };
  const either = [watch.run(inner), refreshing()].map((task) => task.finally(() => ended.abort()));
  const results = await Promise.allSettled(either);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
