import { type CallContext, type CmdbCommit, type CmdbStore, type FactFilter, Tier0Error } from '@tier0/core';
import { createMemoryFeedCursor, type FeedCursor } from './feed-cursor.ts';

/** Which facts a consumer follows, and from where on. */
export interface ChangeFeedOptions {
  readonly store: CmdbStore;
  /** Default: every fact. */
  readonly filter?: FactFilter | undefined;
  /** Where the progress is kept, or the sequence after which to begin without keeping it. Default 0: from the beginning. */
  readonly cursor?: FeedCursor | number | undefined;
  /** Commits after which the progress is kept at the latest; it is also kept whenever the feed has caught up. Default 100. */
  readonly keepEvery?: number | undefined;
}

/** Commits as they are recorded, for one consumer at a time. */
export interface ChangeFeed {
  /**
   * Commits in order of their sequence with the facts that match, and waits for more; ends when the signal aborts. Asking for the next
   * commit says that the one before is done; a loop that is left or that throws has not done its commit, and the next `read` brings it
   * again. At least once: after a crash up to `keepEvery` commits come again. Throws what the store throws; reading again goes on. Throws
   * CONFLICT where the record ends before the cursor.
   */
  read(context: CallContext): AsyncIterable<CmdbCommit>;
}

/**
 * The change feed of any store. Nothing is pulled while the consumer works, and the store reads page by page, so however slow a consumer
 * is, it costs no memory. What `compact` gave up before a consumer came to it is not in the feed.
 */
export function createChangeFeed({ store, filter, cursor = 0, keepEvery = 100 }: ChangeFeedOptions): ChangeFeed {
  const progress = typeof cursor === 'number' ? createMemoryFeedCursor(cursor) : cursor;
  return {
    async *read(context) {
      const { signal } = context;
      let done = await progress.read();
      let kept = done;
      const keep = async () => {
        if (done > kept) await progress.write(done);
        kept = done;
      };
      try {
        for (;;) {
          // What is filtered out is done as well: all that was there before the look.
          const newest = await store.latest(context);
          assertReached(done, newest);
          let pulled = 0;
          for await (const commit of store.since(done, context, filter)) {
            if (signal.aborted) return;
            yield commit;
            done = commit.sequence;
            if (++pulled % keepEvery === 0) await keep();
          }
          done = Math.max(done, newest);
          await keep();
          if (signal.aborted) return;
          await store.wait(done, context);
        }
      } catch (error) {
        if (!signal.aborted) throw error;
      } finally {
        await keep();
      }
    },
  };
}

function assertReached(cursor: number, newest: number): void {
  if (cursor <= newest) return;
  throw new Tier0Error({
    code: 'CONFLICT',
    message: `The consumer has done commit ${cursor}, but the record ends with ${newest}.`,
    hint: 'The record is another one or was restored from a backup: bring it back, or begin the feed again with cursor 0.',
  });
}
