import { DatabaseSync } from 'node:sqlite';
import { createCmdb, createSqliteCmdbStore } from '@tier0/cmdb';
import type { CallContext, Cmdb, CmdbReader, CmdbStore } from '@tier0/core';
import { loadPeer } from '../frame/peer.ts';
import { attributesOf, FIRST, FOLLOWED, factBatches, idOf, LATER, type MadeGraph, NOW, TYPES } from './make-graph.ts';

/** What every subject is asked. */
export interface Subject {
  /** Number of items that a failure of `item` reaches within `hops`, along the followed types, at an instant. */
  reach(item: number, hops: number, atMs: number): number;
}

export const CONTEXT: CallContext = { signal: new AbortController().signal, now: () => NOW };

/** tier0, through its public interface. */
export async function loadTier0(graph: MadeGraph, store?: CmdbStore): Promise<Cmdb> {
  const cmdb = createCmdb({ sources: [], store });
  for (const batch of factBatches(graph)) await cmdb.record(batch, CONTEXT);
  await cmdb.refresh(CONTEXT);
  return cmdb;
}

export function tier0Subject(reader: CmdbReader): Subject {
  const readers = new Map<number, CmdbReader>([[NOW, reader]]);
  return {
    reach(item, hops, atMs) {
      const at = readers.get(atMs) ?? reader.asOf(new Date(atMs).toISOString());
      readers.set(atMs, at);
      return at.reach(idOf(item), { hops, relationTypes: FOLLOWED }).size;
    },
  };
}

export function openTier0(file: string): Cmdb {
  return createCmdb({ sources: [], store: createSqliteCmdbStore({ file }) });
}

/** What is used of graphology. */
interface Graphology {
  readonly default: {
    readonly MultiDirectedGraph: new () => GraphologyGraph;
  };
}

export interface GraphologyGraph {
  addNode(id: string, attributes: object): void;
  addDirectedEdge(from: string, to: string, attributes: object): void;
  forEachInEdge(id: string, visit: (edge: string, attributes: EdgeAttributes, source: string) => void): void;
}

interface EdgeAttributes {
  readonly type: string;
  readonly validFrom: number;
  readonly validTo: number;
}

/** graphology with the same attributes, types and validity; superseded relations are there with their end. */
export async function loadGraphology(graph: MadeGraph): Promise<GraphologyGraph> {
  const { default: graphology } = await loadPeer<Graphology>('graphology');
  const peer = new graphology.MultiDirectedGraph();
  for (let item = 0; item < graph.items; item++) {
    const attributes = attributesOf(item);
    const sources = [
      { name: 'kubernetes', observedAt: FIRST },
      { name: 'git', observedAt: FIRST, image: attributes.image, replicas: attributes.replicas },
    ];
    peer.addNode(idOf(item), { ...attributes, sources });
  }
  for (let at = 0; at < graph.from.length; at++) {
    peer.addDirectedEdge(idOf(graph.from[at] as number), idOf(graph.to[at] as number), {
      type: TYPES[graph.type[at] as number],
      validFrom: graph.generation[at] === 2 ? LATER : FIRST + (at % 1000) * 1000,
      validTo: graph.generation[at] === 1 ? LATER : Number.POSITIVE_INFINITY,
      confidence: at % 10 === 0 ? 0.5 : 1,
      source: 'kubernetes',
    });
  }
  return peer;
}

export function graphologySubject(graph: GraphologyGraph): Subject {
  const followed: ReadonlySet<string> = new Set(FOLLOWED);
  return {
    reach(item, hops, atMs) {
      const seen = new Set([idOf(item)]);
      let frontier = [idOf(item)];
      for (let hop = 0; hop < hops && frontier.length > 0; hop++) {
        const next: string[] = [];
        for (const node of frontier) {
          graph.forEachInEdge(node, (_edge, { type, validFrom, validTo }, source) => {
            if (!followed.has(type) || validFrom > atMs || validTo <= atMs || seen.has(source)) return;
            seen.add(source);
            next.push(source);
          });
        }
        frontier = next;
      }
      return seen.size - 1;
    },
  };
}

/** SQLite with a table of items, a table of relations and covering indexes both ways. */
export function loadSqlite(graph: MadeGraph, file: string): DatabaseSync {
  const database = new DatabaseSync(file);
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -1000000;
    CREATE TABLE item (node INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, attributes TEXT NOT NULL, sources TEXT NOT NULL);
    CREATE TABLE relation (source INTEGER, target INTEGER, type INTEGER, valid_from INTEGER, valid_to INTEGER, confidence REAL);
    BEGIN`);
  const addItem = database.prepare('INSERT INTO item VALUES (?, ?, ?, ?)');
  for (let item = 0; item < graph.items; item++) {
    const { image, replicas, ...rest } = attributesOf(item);
    const sources = JSON.stringify([
      { name: 'kubernetes', at: FIRST },
      { name: 'git', at: FIRST, image, replicas },
    ]);
    addItem.run(item, idOf(item), JSON.stringify({ ...rest, image, replicas }), sources);
  }
  const addRelation = database.prepare('INSERT INTO relation VALUES (?, ?, ?, ?, ?, ?)');
  for (let at = 0; at < graph.from.length; at++) {
    addRelation.run(
      graph.from[at] as number,
      graph.to[at] as number,
      graph.type[at] as number,
      graph.generation[at] === 2 ? LATER : FIRST + (at % 1000) * 1000,
      graph.generation[at] === 1 ? LATER : Number.MAX_SAFE_INTEGER,
      at % 10 === 0 ? 0.5 : 1,
    );
  }
  database.exec(`COMMIT;
    CREATE INDEX incoming ON relation (target, type, valid_to, valid_from, source);
    CREATE INDEX outgoing ON relation (source, type, valid_to, valid_from, target);
    ANALYZE; PRAGMA wal_checkpoint(TRUNCATE)`);
  return database;
}

export function openSqlitePeer(file: string): DatabaseSync {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -1000000');
  return database;
}

export function sqliteSubject(database: DatabaseSync): Subject {
  const types = FOLLOWED.map((type) => TYPES.indexOf(type)).join(', ');
  const step = `SELECT relation.source AS node FROM reached JOIN relation ON relation.target = reached.node
    WHERE relation.type IN (${types}) AND relation.valid_to > :at AND relation.valid_from <= :at`;
  const all = database.prepare(`WITH RECURSIVE reached(node) AS (VALUES (:item) UNION ${step}) SELECT count(*) - 1 AS size FROM reached`);
  const near = database.prepare(
    `WITH RECURSIVE reached(node, hop) AS (VALUES (:item, 0) UNION ${step.replace('AS node', 'AS node, reached.hop + 1')} AND reached.hop < :hops)
     SELECT count(DISTINCT node) - 1 AS size FROM reached`,
  );
  return {
    reach(item, hops, atMs) {
      const row = hops === Number.POSITIVE_INFINITY ? all.get({ item, at: atMs }) : near.get({ item, at: atMs, hops });
      return Number(row?.size);
    },
  };
}
