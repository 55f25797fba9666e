import {
  type CmdbCommit,
  type CmdbFact,
  type CmdbStore,
  factKey,
  type GraphSnapshot,
  matchesFilter,
  type ObjectStore,
  toTimestamp,
} from '@tier0/core';
import { assertAppendable, assertExpected } from './append-rules.ts';
import { createWaiters } from './waiters.ts';

/** A CMDB store that forgets everything when the process ends. */
export function createMemoryCmdbStore(): CmdbStore {
  let commits: CmdbCommit[] = [];
  let sequence = 0;
  let recordedMs = 0;
  let snapshot: GraphSnapshot | undefined;
  const waiters = createWaiters();
  return {
    name: 'memory',
    async append(facts, { now }, options) {
      assertAppendable(facts);
      assertExpected(sequence, options);
      recordedMs = Math.max(recordedMs, now());
      sequence += 1;
      const receipt = { sequence, recordedAt: toTimestamp(recordedMs) };
      commits.push({ ...receipt, facts: [...facts] });
      waiters.wake(sequence);
      return receipt;
    },
    async *load() {
      yield* [...commits];
    },
    async *since(after, _context, filter) {
      for (const commit of commits.filter((candidate) => candidate.sequence > after)) {
        const facts = commit.facts.filter((fact) => matchesFilter(fact, filter));
        if (facts.length > 0) yield { ...commit, facts };
      }
    },
    latest: async () => sequence,
    wait: (after, { signal }) => waiters.wait({ after, latest: sequence, signal }),
    async compact({ before }) {
      const beforeMs = Date.parse(before);
      const isOverruled = overruledBefore(commits, beforeMs);
      const kept = commits.map((commit) => ({ ...commit, facts: commit.facts.filter((fact) => !isOverruled(fact, commit)) }));
      const count = (all: readonly CmdbCommit[]) => all.reduce((sum, commit) => sum + commit.facts.length, 0);
      const report = { removed: count(commits) - count(kept), kept: count(kept) };
      commits = kept.filter((commit) => commit.facts.length > 0);
      return report;
    },
    snapshots: {
      read: async () => snapshot,
      async write(next) {
        snapshot = { ...next, blocks: next.blocks.map(({ name, bytes }) => ({ name, bytes: new Uint8Array(bytes) })) };
      },
    },
  };
}

/** Tells which facts a later one, itself valid and recorded before the bound, overrules. */
function overruledBefore(commits: readonly CmdbCommit[], beforeMs: number): (fact: CmdbFact, commit: CmdbCommit) => boolean {
  const winners = new Map<string, CmdbFact>();
  const isPast = (fact: CmdbFact, commit: CmdbCommit) => Date.parse(commit.recordedAt) < beforeMs && Date.parse(fact.validFrom) < beforeMs;
  for (const commit of commits) {
    for (const fact of commit.facts) {
      const best = winners.get(factKey(fact));
      if (isPast(fact, commit) && !(best && Date.parse(best.validFrom) > Date.parse(fact.validFrom))) winners.set(factKey(fact), fact);
    }
  }
  const order = new Map<CmdbFact, number>([...commits].flatMap((commit) => commit.facts).map((fact, position) => [fact, position]));
  const isLater = (a: CmdbFact, b: CmdbFact) =>
    Date.parse(a.validFrom) - Date.parse(b.validFrom) || (order.get(a) ?? 0) - (order.get(b) ?? 0);
  return (fact, commit) => {
    if (fact.type === 'change-observed') return isPast(fact, commit);
    const winner = winners.get(factKey(fact));
    return winner !== undefined && isLater(winner, fact) > 0;
  };
}

/** An object store that forgets everything when the process ends. */
export function createMemoryObjectStore(): ObjectStore {
  const objects = new Map<string, unknown>();
  return {
    name: 'memory',
    async put(entries) {
      for (const [item, object] of entries) objects.set(item, object);
    },
    async get(item) {
      return objects.get(item);
    },
    async remove(items) {
      for (const item of items) objects.delete(item);
    },
    async *entries() {
      yield* [...objects];
    },
  };
}
