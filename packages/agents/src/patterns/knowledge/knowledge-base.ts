import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { crc32 } from 'node:zlib';
import { type CallContext, Tier0Error } from '@tier0/core';
import { writeAtomically } from '@tier0/core/files';
import type { RankerWeight } from '../search/calibrate.ts';
import { extendHybrid, fitHybrid, type HybridIndex, type HybridState, openHybrid, type SearchableText } from '../search/hybrid.ts';
import type { DocumentSection, KnowledgeDocument, KnowledgeKind } from './document.ts';
import { type DocumentHead, judgeStaleness, type Staleness } from './document-head.ts';
import { type DocumentStore, openDocumentStore } from './document-store.ts';

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

/** Which document, in which version, stands at a position of the rankers. */
interface Fitted {
  readonly keys: readonly string[];
  /** Documents that the statistics come from: the first ones of `keys`. */
  readonly fittedCount: number;
  readonly state: HybridState;
}

/** Rankers fitted on documents of which a larger share has changed are fitted anew. */
const REFIT_SHARE = 0.2;
const FORMAT = 1;

/** Opens the knowledge base in a folder, or begins one. */
export async function openKnowledgeBase({ folder, embedder }: KnowledgeBaseOptions): Promise<KnowledgeBase> {
  const store = await openDocumentStore(folder);
  const cache = join(folder, 'rankers.bin');
  let fitted: Fitted | undefined;
  let checked: ReadonlyMap<string, DocumentHead> | undefined;
  let index: { readonly of: Fitted; readonly hybrid: HybridIndex } | undefined;

  let byKey: { readonly of: ReadonlyMap<string, DocumentHead>; readonly heads: ReadonlyMap<string, DocumentHead> } | undefined;
  const headsByKey = () => {
    const of = store.heads();
    if (byKey?.of !== of) byKey = { of, heads: new Map([...of.values()].map((head) => [keyOf(head), head])) };
    return byKey.heads;
  };

  /** Everything that is alive must stand in the rankers; what is dead is left out of the answers until the next fit. */
  const upToDate = async (context: CallContext): Promise<Fitted> => {
    await store.refresh();
    if (fitted && checked === store.heads()) return fitted;
    checked = store.heads();
    const heads = [...checked.values()];
    if (heads.length === 0) throw nothingIngested();
    fitted ??= await readCache(cache, embedder?.name);
    const known = new Set(fitted?.keys);
    const added = heads.filter((head) => !known.has(keyOf(head)));
    const dead = (fitted?.keys.length ?? 0) - (heads.length - added.length);
    const later = (fitted?.keys.length ?? 0) - (fitted?.fittedCount ?? 0);
    if (fitted && added.length + dead + later <= REFIT_SHARE * fitted.fittedCount) {
      if (added.length > 0) fitted = await extended(fitted, await readAll(store, added), { embedder, context });
    } else {
      fitted = await fitAnew(await readAll(store, heads), { embedder, context });
      await writeCache(cache, fitted);
    }
    return fitted;
  };
  const opened = async (context: CallContext) => {
    const now = await upToDate(context);
    if (index?.of !== now) index = { of: now, hybrid: openHybrid(now.state) };
    return index;
  };

  return {
    store,
    get: (id) => store.read(id),
    async search(query, context) {
      const { of, hybrid } = await opened(context);
      const heads = headsByKey();
      const headAt = (position: number) => heads.get(of.keys[position] as string);
      const vector = embedder && (await embedder.embed([query.text], context))[0];
      const accepts = (position: number) => {
        const head = headAt(position);
        return head !== undefined && fits(head, query);
      };
      const hits = hybrid.search(query.text, { limit: query.limit ?? 10, accepts, vector });
      const documents = await Promise.all(hits.map((hit) => store.read(headAt(hit.text)?.id as string)));
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
      fitted ??= await readCache(cache, embedder?.name);
      return {
        documents: heads.length,
        sections: heads.reduce((sum, head) => sum + head.sectionCount, 0),
        byKind: countBy(heads, (head) => head.kind),
        byTeam: countBy(heads, (head) => head.team ?? 'nobody'),
        bySource: countBy(heads, (head) => head.source),
        stale: heads.filter((head) => judgeStaleness(head, context.now()).stale).length,
        bytes,
        segments,
        rankers: fitted?.state.weights ?? [],
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

function keyOf({ id, digest }: Pick<DocumentHead, 'id' | 'digest'>): string {
  return `${digest} ${id}`;
}

async function readAll(store: DocumentStore, heads: readonly DocumentHead[]): Promise<readonly KnowledgeDocument[]> {
  const documents: KnowledgeDocument[] = [];
  for (const { id } of heads) {
    const document = await store.read(id);
    if (document) documents.push(document);
  }
  return documents;
}

interface Means {
  readonly embedder: Embedder | undefined;
  readonly context: CallContext;
}

async function fitAnew(documents: readonly KnowledgeDocument[], { embedder, context }: Means): Promise<Fitted> {
  const embed = embedder && ((texts: readonly string[]) => embedder.embed(texts, context));
  const vectors = await embed?.(sectionTexts(documents));
  const state = await fitHybrid(documents.map(toText), embedder && embed && vectors ? { name: embedder.name, vectors, embed } : undefined);
  return { keys: documents.map(keyOf), fittedCount: documents.length, state };
}

async function extended(fitted: Fitted, documents: readonly KnowledgeDocument[], { embedder, context }: Means): Promise<Fitted> {
  const vectors = await embedder?.embed(sectionTexts(documents), context);
  const state = extendHybrid(fitted.state, documents.map(toText), vectors);
  return { ...fitted, keys: [...fitted.keys, ...documents.map(keyOf)], state };
}

function toText({ title, sections }: KnowledgeDocument): SearchableText {
  return { title, sections: sections.map((section) => section.text) };
}

function sectionTexts(documents: readonly KnowledgeDocument[]): readonly string[] {
  return documents.flatMap(({ title, sections }) => sections.map((section) => `${title}\n\n${section.text}`));
}

function countBy(heads: readonly DocumentHead[], name: (head: DocumentHead) => string): Readonly<Record<string, number>> {
  const counts = [...Map.groupBy(heads, name)].map(([key, group]) => [key, group.length] as const);
  return Object.fromEntries(counts.sort((a, b) => b[1] - a[1]));
}

/** The cache can always be made again: one that is missing, damaged, or of another version or model is not there. */
async function readCache(file: string, embedding: string | undefined): Promise<Fitted | undefined> {
  const bytes = await readFile(file).catch(() => undefined);
  if (!bytes || bytes.length < 4 || bytes.readUInt32LE(0) !== crc32(bytes.subarray(4))) return undefined;
  try {
    const { format, node, fitted } = deserialize(bytes.subarray(4)) as { format: number; node: string; fitted: Fitted };
    return format === FORMAT && node === process.versions.v8 && fitted.state.embedding === embedding ? fitted : undefined;
  } catch {
    return undefined;
  }
}

async function writeCache(file: string, fitted: Fitted): Promise<void> {
  const body = serialize({ format: FORMAT, node: process.versions.v8, fitted });
  const head = Buffer.alloc(4);
  head.writeUInt32LE(crc32(body), 0);
  await writeAtomically(file, Buffer.concat([head, body]));
}

function nothingIngested(): Tier0Error {
  return new Tier0Error({
    code: 'NOT_FOUND',
    message: 'There is nothing to search: no document was ingested yet.',
    hint: 'Run "tier0 patterns ingest DIR" with a folder of runbooks, incident records or policies.',
  });
}
