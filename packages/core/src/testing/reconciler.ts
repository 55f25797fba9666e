import { describe, expect, test } from 'vitest';
import type { CallContext } from '../ports/adapter.ts';
import type { ReconcileProgress, Reconciler, WatchRequest } from '../ports/reconciler.ts';

/** A reconciler with a cluster behind it that the suite can steer. */
export interface ReconcilerUnderTest {
  readonly reconciler: Reconciler;
  /** Item id of a workload that the watched branch declares. */
  readonly item: string;
  /** Commits a change of that workload and returns the commit. */
  commit(): Promise<string>;
  /** Commits something that cannot be applied and returns the commit. */
  commitBroken(): Promise<string>;
  /** From now on the cluster finishes (or never finishes, or gives up) the rollouts it is given. */
  rollouts(behaviour: 'finish' | 'hang' | 'fail'): void;
}

const REQUEST: Omit<WatchRequest, 'commit' | 'items'> = { holdMs: 30, timeoutMs: 10_000 };

/** Real time, and the signal never aborts. */
function realContext(): CallContext {
  return { signal: new AbortController().signal, now: () => Date.now() };
}

async function watch(on: ReconcilerUnderTest, request: WatchRequest): Promise<readonly ReconcileProgress[]> {
  const seen: ReconcileProgress[] = [];
  for await (const progress of on.reconciler.watch(request, realContext())) seen.push(progress);
  return seen;
}

/** What every `Reconciler` must do. */
export function describeReconciler(name: string, make: () => Promise<ReconcilerUnderTest>): void {
  describe(`Reconciler contract: ${name}`, () => {
    test('a commit is live when it is applied, rolled out and held', async () => {
      const on = await make();
      const commit = await on.commit();
      const seen = await watch(on, { ...REQUEST, commit, items: [on.item] });
      expect(seen.at(-1)).toMatchObject({ status: 'live', commit });
      expect(seen.map((progress) => progress.status)).toContain('holding');
    });

    test('a later commit that contains it is as good', async () => {
      const on = await make();
      const commit = await on.commit();
      const later = await on.commit();
      expect((await watch(on, { ...REQUEST, commit, items: [on.item] })).at(-1)).toMatchObject({ status: 'live', commit: later });
    });

    test('healthy from an older revision is not an answer', async () => {
      const on = await make();
      const first = await on.commit();
      await watch(on, { ...REQUEST, commit: first, items: [on.item] });
      on.rollouts('hang');
      const second = await on.commit();
      const seen = await watch(on, { ...REQUEST, commit: second, items: [on.item], timeoutMs: 150 });
      expect(seen.at(-1)).toMatchObject({ status: 'timed-out' });
      expect(seen.map((progress) => progress.status)).not.toContain('live');
    });

    test('a rollout that gave up has failed', async () => {
      const on = await make();
      on.rollouts('fail');
      const commit = await on.commit();
      expect((await watch(on, { ...REQUEST, commit, items: [on.item] })).at(-1)).toMatchObject({ status: 'failed' });
    });

    test('a commit that cannot be applied has failed, and the next one is tried', async () => {
      const on = await make();
      const broken = await on.commitBroken();
      expect((await watch(on, { ...REQUEST, commit: broken, items: [on.item] })).at(-1)).toMatchObject({ status: 'failed' });
    });

    test('an aborted watch ends', async () => {
      const on = await make();
      on.rollouts('hang');
      const commit = await on.commit();
      const stop = new AbortController();
      setTimeout(() => stop.abort(new Error('enough')), 50);
      const watching = async () => {
        for await (const _ of on.reconciler.watch({ ...REQUEST, commit, items: [on.item] }, { ...realContext(), signal: stop.signal }));
      };
      await expect(watching()).rejects.toThrow('enough');
    });
  });
}
