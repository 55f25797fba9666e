import type { CallContext } from '@tier0/core';
import type { NearSection } from '../search/ranker.ts';
import type { VectorIndex, VectorQuery, VectorRecord } from '../vectors/vector-index.ts';
import type { KnowledgeDocument } from './document.ts';
import type { Embedder } from './knowledge-base.ts';

/** Opens the index that vectors are kept in, for vectors of so many dimensions. */
export type OpenVectorIndex = (dimensions: number) => Promise<VectorIndex>;

/** A document as the index names it: its digest and id, and how many sections it has. */
export interface IndexedDocument {
  readonly key: string;
  readonly sectionCount: number;
}

/** Sections of documents in an index of embeddings. */
export interface SectionVectors {
  /** Name of the embedding model. */
  readonly name: string;
  /** Embeds documents and takes them in. Durable when it returns. */
  add(documents: readonly (IndexedDocument & { readonly document: KnowledgeDocument })[], context: CallContext): Promise<void>;
  remove(documents: readonly IndexedDocument[], context: CallContext): Promise<void>;
  /** Whether the index holds at least so many sections: one that was emptied behind our back does not. */
  holds(sections: number, context: CallContext): Promise<boolean>;
  /** For each text the sections nearest to it, by document and position within it. */
  nearest(texts: readonly string[], filter: VectorQuery['filter'], context: CallContext): Promise<readonly (readonly FoundSection[])[]>;
  /** The index, once it is open. */
  index(): VectorIndex | undefined;
}

/** A section that an index found. */
export interface FoundSection {
  readonly key: string;
  readonly section: number;
  /** Cosine, -1 to 1. */
  readonly score: number;
}

/** Sections asked for: what is further down has no say in the first ten documents. */
const NEAREST = 200;
/** Sections embedded before they are written: bounds memory, whatever the size of the corpus. */
const BATCH = 512;

/** Puts sections into an index of any kind, and finds them again. */
export function createSectionVectors({
  embedder,
  openIndex,
}: {
  readonly embedder: Embedder;
  readonly openIndex: OpenVectorIndex;
}): SectionVectors {
  let index: VectorIndex | undefined;
  const opened = async (dimensions: number) => {
    // The index itself refuses vectors of other dimensions than it has.
    index ??= await openIndex(dimensions);
    return index;
  };
  const embedded = async (texts: readonly string[], context: CallContext) => {
    const vectors = await embedder.embed(texts, context);
    return { vectors, index: await opened(vectors[0]?.length ?? 0) };
  };
  return {
    name: embedder.name,
    index: () => index,
    async add(documents, context) {
      const sections = documents.flatMap(({ key, document }) => document.sections.map((_, at) => ({ key, document, at })));
      for (let from = 0; from < sections.length; from += BATCH) {
        context.signal.throwIfAborted();
        const some = sections.slice(from, from + BATCH);
        const target = await embedded(
          some.map(({ document, at }) => `${document.title}\n\n${document.sections[at]?.text}`),
          context,
        );
        const records = some.map(({ key, document, at }, i) => toRecord(idOf(key, at), document, target.vectors[i] as Float32Array));
        await target.index.upsert(
          records.filter(({ vector }) => vector.some((value) => value !== 0)),
          context,
        );
      }
    },
    async remove(documents, context) {
      const ids = documents.flatMap(({ key, sectionCount }) => Array.from({ length: sectionCount }, (_, at) => idOf(key, at)));
      if (ids.length > 0) await index?.remove(ids, context);
    },
    async holds(sections, context) {
      const known = index ?? (await embedded(['tier0'], context)).index;
      return (await known.count(context)) >= sections;
    },
    async nearest(texts, filter, context) {
      if (texts.length === 0) return [];
      const asked = await embedded(texts, context);
      const found: FoundSection[][] = [];
      for (const vector of asked.vectors) {
        const isDirection = vector.some((value) => value !== 0);
        const hits = isDirection ? await asked.index.search({ vector, limit: NEAREST, filter }, context) : [];
        found.push(hits.map(({ id, score }) => ({ ...fromId(id), score })));
      }
      return found;
    },
  };
}

/** Where the sections that were found stand among all of them; what is not there any more is left out. */
export function toNear(found: readonly FoundSection[], starts: ReadonlyMap<string, number>): readonly NearSection[] {
  return found.flatMap(({ key, section, score }) => {
    const start = starts.get(key);
    return start === undefined ? [] : [{ section: start + section, score }];
  });
}

function toRecord(id: string, { kind, team, provenance }: KnowledgeDocument, vector: Float32Array): VectorRecord {
  return { id, vector, metadata: { kind, source: provenance.source, ...(team === undefined ? {} : { team }) } };
}

function idOf(key: string, section: number): string {
  return `${key}#s${section}`;
}

function fromId(id: string): { readonly key: string; readonly section: number } {
  const at = id.lastIndexOf('#s');
  return { key: id.slice(0, at), section: Number(id.slice(at + 2)) };
}
