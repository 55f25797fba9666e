import { writeSync } from 'node:fs';
import { FactGraph } from '../graph/engine/fact-graph.ts';
import { fromSnapshot, toSnapshot } from '../graph/graph-snapshot.ts';
import { createSqliteCmdbStore } from '../stores/sqlite.ts';
import { crashFacts } from './crash-facts.ts';

// Writes until it is killed: four writers at once, a snapshot of the graph now and then. Each acknowledged commit is a line
// "<sequence> <number of its facts' seed>" on standard output, written before anything else is awaited.
const [file = '', first = '0'] = process.argv.slice(2);
const store = createSqliteCmdbStore({ file });
const context = { signal: new AbortController().signal, now: Date.now };

const snapshot = await store.snapshots?.read(context);
const graph = snapshot ? fromSnapshot(snapshot) : new FactGraph();
const catchUp = async () => {
  for await (const commit of store.since(graph.commits.newest, context)) if (commit.sequence > graph.commits.newest) graph.apply(commit);
};
await catchUp();
if (graph.commits.newest > 0) await store.snapshots?.write(toSnapshot(graph), context);

let next = Number(first);
await Promise.all(
  Array.from({ length: 4 }, async () => {
    for (;;) {
      const seed = next++;
      const facts = crashFacts(seed);
      const receipt = await store.append(facts, context);
      writeSync(1, `${receipt.sequence} ${seed}\n`);
      if (receipt.sequence === graph.commits.newest + 1) graph.apply({ ...receipt, facts });
      if (seed % 16 === 0) {
        await catchUp();
        if (seed % 64 === 0) await graph.merge();
        await store.snapshots?.write(toSnapshot(graph), context);
      }
    }
  }),
);
