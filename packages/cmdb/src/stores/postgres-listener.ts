import type { PostgresDatabase } from './postgres-database.ts';

/** Hears of commits of other processes. What it misses, polling finds. */
export interface Listener {
  /** Connects where it does not listen already, also again after the connection was lost. */
  start(): Promise<void>;
  close(): Promise<void>;
}

export function createListener(database: PostgresDatabase, onCommit: (sequence: number) => void): Listener {
  let listening: ReturnType<PostgresDatabase['listen']> | undefined;
  return {
    async start() {
      if (!listening) {
        const mine = database.listen(
          (payload) => onCommit(Number(payload) || 0),
          () => {
            if (listening === mine) listening = undefined;
          },
        );
        listening = mine;
        mine.catch(() => {
          if (listening === mine) listening = undefined;
        });
      }
      await listening;
    },
    async close() {
      const open = await listening?.catch(() => undefined);
      listening = undefined;
      await open?.close();
    },
  };
}
