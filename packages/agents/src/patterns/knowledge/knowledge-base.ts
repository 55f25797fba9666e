import { join } from 'node:path';
import { type CallContext, Tier0Error } from '@tier0/core';
import type { RankerWeight } from '../search/calibrate.ts';
import { type HybridIndex, openHybrid } from '../search/hybrid.ts';
import { openFlatVectors } from '../vectors/flat.ts';
import type { DocumentSection, KnowledgeDocument, KnowledgeKind } from './document.ts';
import { type DocumentHead, judgeStaleness, type Staleness } from './document-head.ts';
import { type DocumentStore, openDocumentStore } from './document-store.ts';
import { extendRankers, type FittedRankers, fitRankers, keyOf, readFitted, startsOf, writeFitted } from './fitted-rankers.ts';
import { createSectionVectors, type OpenVectorIndex, type SectionVectors, toNear } from './section-vectors.ts';

/** What may be found. All given parts must hold. */
export interface KnowledgeFilter {
  readonly kind?: KnowledgeKind | undefined;
  readonly team?: string | undefined;
  readonly source?: string | undefined;
  /** Fields of the front matter and the value each must have; of a list, one of its values. */
  readonly metadata?: Readonly<Record<string, string | number | boolean>> | undefined;
}

/** A question to the knowledge base. */
export interface KnowledgeQuery extends KnowledgeFilter {
  readonly text: string;
  /** Most answers wanted. Default 10. */
  readonly limit?: number | undefined;
}

/** A document that answers, with the place in it. */
export interface KnowledgeAnswer {
  readonly document: DocumentHead;
  readonly section: DocumentSection;
  /** `<document id>#L<from>-L<to>`: what an answer must cite. */
  readonly citation: string;
  /** 0 to 1. */
  readonly score: number;
  readonly staleness: Staleness;
}

/** How much is known. */
export interface KnowledgeStats {
  readonly documents: number;
  readonly sections: number;
  readonly byKind: Readonly<Record<string, number>>;
  readonly byTeam: Readonly<Record<string, number>>;
  readonly bySource: Readonly<Record<string, number>>;
  readonly stale: number;
  readonly bytes: number;
  readonly segments: number;
  /** What each ranker counts here, measured on these documents; empty before the first search. */
  readonly rankers: readonly RankerWeight[];
  /** Index of embeddings and how many sections it holds; absent where it was not opened yet or no model is in use. */
  readonly vectors?: { readonly index: string; readonly count: number } | undefined;
}

/** Makes vectors of texts. All have the same number of dimensions and length 1. */
export interface Embedder {
  /** Names the model; vectors of different models are never compared. */
  readonly name: string;
  /** One vector a text, in the order given. */
  embed(texts: readonly string[], context: CallContext): Promise<readonly Float32Array[]>;
}

/** Where knowledge is kept and how it is ranked. */
export interface KnowledgeBaseOptions {
  /** Folder of its own; made where it is missing. */
  readonly folder: string;
  /** A further ranker by meaning. Without one nothing is downloaded and nobody is asked. */
  readonly embedder?: Embedder | undefined;
  /** Index that the embedder's vectors are kept in and searched by. Default: a flat one in a folder of the model below this one. */
  readonly vectors?: OpenVectorIndex | undefined;
}

/** The organisation's texts: searchable, citable, kept in one folder. */
export interface KnowledgeBase {
  readonly store: DocumentStore;
  /** The document with that id, unless there is none. */
  get(id: string): Promise<KnowledgeDocument | undefined>;
  /** Best first. Throws NOT_FOUND while nothing was ingested. */
  search(query: KnowledgeQuery, context: CallContext): Promise<readonly KnowledgeAnswer[]>;
  /** How much it holds, and how it searches. */
  stats(context: CallContext): Promise<KnowledgeStats>;
  /** Fits the rankers anew when the documents have changed much since. Searching does it too; after an ingest it is done while somebody waits anyway. */
  fit(context: CallContext): Promise<void>;
}

/** Rankers fitted on documents of which a larger share has changed are fitted anew. */
const REFIT_SHARE = 0.2;

/** Opens the knowledge base in a folder, or begins one. */
export async function openKnowledgeBase({ folder, embedder, vectors: openIndex }: KnowledgeBaseOptions): Promise<KnowledgeBase> {
  const store = await openDocumentStore(folder);
  // Whoever asks now with a model and now without must not fit anew each time.
  const cache = join(folder, embedder ? `rankers-${fileNameOf(embedder)}.bin` : 'rankers.bin');
  const vectors = embedder && createSectionVectors({ embedder, openIndex: openIndex ?? flatIndexIn(folder, embedder) });
  let fitted: FittedRankers | undefined;
  let checked: ReadonlyMap<string, DocumentHead> | undefined;
  let index: OpenedIndex | undefined;

  let byKey: { readonly of: ReadonlyMap<string, DocumentHead>; readonly heads: ReadonlyMap<string, DocumentHead> } | undefined;
  const headsByKey = () => {
    const of = store.heads();
    if (byKey?.of !== of) byKey = { of, heads: new Map([...of.values()].map((head) => [keyOf(head), head])) };
    return byKey.heads;
  };

  /** Everything that is alive must stand in the rankers; what is dead is left out of the answers until the next fit. */
  const upToDate = async (context: CallContext): Promise<FittedRankers> => {
    await store.refresh();
    if (fitted && checked === store.heads()) return fitted;
    const heads = [...store.heads().values()];
    if (heads.length === 0) throw nothingIngested();
    const before = fitted ?? (await readSound(cache, vectors, context));
    const known = new Set(before?.documents.map(({ key }) => key));
    const added = heads.filter((head) => !known.has(keyOf(head)));
    const dead = (before?.documents.length ?? 0) - (heads.length - added.length);
    const later = (before?.documents.length ?? 0) - (before?.fittedCount ?? 0);
    const means = { vectors, context };
    const of = store.heads();
    if (before && added.length + dead + later <= REFIT_SHARE * before.fittedCount) {
      fitted = added.length > 0 ? await extendRankers(before, await readAll(store, added), means) : before;
    } else {
      fitted = await fitRankers(await readAll(store, heads), means);
      await writeFitted(cache, fitted);
      const alive = new Set(heads.map(keyOf));
      await vectors?.remove(before?.documents.filter(({ key }) => !alive.has(key)) ?? [], context);
    }
    checked = of;
    return fitted;
  };
  const opened = async (context: CallContext): Promise<OpenedIndex> => {
    const of = await upToDate(context);
    if (index?.of !== of) index = { of, hybrid: openHybrid(of.state), starts: startsOf(of.documents) };
    return index;
  };

  return {
    store,
    get: (id) => store.read(id),
    async search(query, context) {
      const { of, hybrid, starts } = await opened(context);
      const heads = headsByKey();
      const headAt = (position: number) => heads.get(of.documents[position]?.key as string);
      const found = await vectors?.nearest([query.text], indexFilterOf(query), context);
      const accepts = (position: number) => {
        const head = headAt(position);
        return head !== undefined && fits(head, query);
      };
      const hits = hybrid.search(query.text, { limit: query.limit ?? 10, accepts, near: found && toNear(found[0] ?? [], starts) });
      const documents = await store.readMany(hits.map((hit) => headAt(hit.text)?.id as string));
      return hits.flatMap((hit, at): KnowledgeAnswer[] => {
        const document = headAt(hit.text) as DocumentHead;
        const section = documents[at]?.sections[hit.section];
        if (!section) return [];
        const { fromLine, toLine } = section.span;
        const citation = `${document.id}#L${fromLine}-L${toLine}`;
        return [{ document, section, citation, score: hit.score, staleness: judgeStaleness(document, context.now()) }];
      });
    },
    async stats(context) {
      await store.refresh();
      const heads = [...store.heads().values()];
      const { bytes, segments } = await store.usage();
      const rankers = (fitted ?? (await readFitted(cache, embedder?.name)))?.state.weights ?? [];
      const open = vectors?.index();
      return {
        documents: heads.length,
        sections: heads.reduce((sum, head) => sum + head.sectionCount, 0),
        byKind: countBy(heads, (head) => head.kind),
        byTeam: countBy(heads, (head) => head.team ?? 'nobody'),
        bySource: countBy(heads, (head) => head.source),
        stale: heads.filter((head) => judgeStaleness(head, context.now()).stale).length,
        bytes,
        segments,
        rankers,
        ...(open ? { vectors: { index: open.name, count: await open.count(context) } } : {}),
      };
    },
    async fit(context) {
      await upToDate(context);
    },
  };
}

function fits(head: DocumentHead, { kind, team, source, metadata = {} }: KnowledgeFilter): boolean {
  if (kind !== undefined && head.kind !== kind) return false;
  if (team !== undefined && head.team !== team) return false;
  if (source !== undefined && head.source !== source) return false;
  return Object.entries(metadata).every(([name, wanted]) => {
    const value = Object.hasOwn(head.metadata, name) ? head.metadata[name] : undefined;
    return Array.isArray(value) ? value.includes(wanted) : value === wanted;
  });
}

async function readAll(store: DocumentStore, heads: readonly DocumentHead[]): Promise<readonly KnowledgeDocument[]> {
  return (await store.readMany(heads.map(({ id }) => id))).filter((document) => document !== undefined);
}

interface OpenedIndex {
  readonly of: FittedRankers;
  readonly hybrid: HybridIndex;
  readonly starts: ReadonlyMap<string, number>;
}

/** What was fitted before, unless the index of embeddings has lost what belongs to it. */
async function readSound(cache: string, vectors: SectionVectors | undefined, context: CallContext): Promise<FittedRankers | undefined> {
  const fitted = await readFitted(cache, vectors?.name);
  if (!fitted || !vectors) return fitted;
  const sections = fitted.documents.reduce((sum, { sectionCount }) => sum + sectionCount, 0);
  return (await vectors.holds(sections, context)) ? fitted : undefined;
}

/** Vectors of different models are never compared: each has its own folder. */
function flatIndexIn(folder: string, embedder: Embedder): OpenVectorIndex {
  return (dimensions) => openFlatVectors({ folder: join(folder, 'vectors', fileNameOf(embedder)), dimensions });
}

function fileNameOf({ name }: Embedder): string {
  return name.replace(/[^\w.-]+/g, '_');
}

/** What an index can ask for itself; front matter is asked for afterwards. */
function indexFilterOf({ kind, team, source }: KnowledgeFilter): Readonly<Record<string, string>> | undefined {
  const given = Object.entries({ kind, team, source }).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length > 0 ? Object.fromEntries(given) : undefined;
}

function countBy(heads: readonly DocumentHead[], name: (head: DocumentHead) => string): Readonly<Record<string, number>> {
  const counts = [...Map.groupBy(heads, name)].map(([key, group]) => [key, group.length] as const);
  return Object.fromEntries(counts.sort((a, b) => b[1] - a[1]));
}

function nothingIngested(): Tier0Error {
  return new Tier0Error({
    code: 'NOT_FOUND',
    message: 'There is nothing to search: no document was ingested yet.',
    hint: 'Run "tier0 patterns ingest DIR" with a folder of runbooks, incident records or policies.',
  });
}
