import { type CmdbReader, parseKubernetesItemId, Tier0Error } from '@tier0/core';

/** A reader that a rule can neither hold up nor be stopped by. */
export interface GuardedReader {
  readonly reader: CmdbReader;
  /** Gives the next rule this many milliseconds of processor time from now: what others of the machine take is not counted. */
  begin(budgetMs: number): void;
  /** The object that was read last; what fails then, failed at it. */
  lastRead(): string | undefined;
}

/**
 * Reads as the given reader does until the time of the rule is up, then throws BUDGET_EXCEEDED. The objects in `hidden` could not be
 * judged: they are unknown, and so is whether there are more of their kind in their namespace.
 */
export function guardReader(reader: CmdbReader, hidden: ReadonlySet<string> = new Set()): GuardedReader {
  let [until, last] = [Number.POSITIVE_INFINITY, undefined as string | undefined];
  let calls = 0;
  const look = () => {
    // The clock is asked now and then: most calls take less time than asking it.
    if ((++calls & 63) === 0 && workedMs() > until) throw timeIsUp();
  };
  const guarded: CmdbReader = {
    ...reader,
    get(id) {
      look();
      return hidden.has(id) ? { state: 'unknown', reason: 'it could not be judged' } : reader.get(id);
    },
    items(filter) {
      look();
      const found = reader.items(filter);
      const here = [...hidden].filter((id) => found.items.some((item) => item.id === id));
      if (here.length === 0) return found;
      const rows = here.map((id) => {
        const { kind = '*', namespace } = parseKubernetesItemId(id) ?? {};
        return { kind, ...(namespace === undefined ? {} : { namespace }), state: 'failed' as const, reason: `${id} could not be judged` };
      });
      return { items: found.items.filter((item) => !hidden.has(item.id)), coverage: [...found.coverage, ...rows] };
    },
    object(id) {
      look();
      last = id;
      return hidden.has(id) ? undefined : reader.object(id);
    },
    relations(...question) {
      look();
      return reader.relations(...question);
    },
  };
  return {
    reader: guarded,
    begin(budgetMs) {
      until = workedMs() + budgetMs;
      last = undefined;
    },
    lastRead: () => last,
  };
}

/** Milliseconds that this process has worked so far. */
function workedMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function timeIsUp(): Tier0Error {
  return new Tier0Error({
    code: 'BUDGET_EXCEEDED',
    message: 'it took longer than its time.',
    hint: 'Look at fewer namespaces at once, or report the shape of this cluster: a rule must not take so long.',
    retryable: false,
  });
}
