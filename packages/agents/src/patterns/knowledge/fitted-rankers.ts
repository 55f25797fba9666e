import { readFile } from 'node:fs/promises';
import { deserialize, serialize } from 'node:v8';
import { crc32 } from 'node:zlib';
import type { CallContext } from '@tier0/core';
import { writeAtomically } from '@tier0/core/files';
import { extendHybrid, fitHybrid, type HybridState, type SearchableText } from '../search/hybrid.ts';
import type { KnowledgeDocument } from './document.ts';
import type { DocumentHead } from './document-head.ts';
import { type IndexedDocument, type SectionVectors, toNear } from './section-vectors.ts';

/** Rankers, and which document, in which version, stands at each of their positions. */
export interface FittedRankers {
  readonly documents: readonly IndexedDocument[];
  /** Documents that the statistics come from: the first ones. */
  readonly fittedCount: number;
  readonly state: HybridState;
}

/** What a fit is made with besides the documents. */
export interface FitMeans {
  readonly vectors: SectionVectors | undefined;
  readonly context: CallContext;
}

const FORMAT = 2;

/** Names a version of a document. */
export function keyOf({ id, digest }: Pick<DocumentHead, 'id' | 'digest'>): string {
  return `${digest} ${id}`;
}

/** Learns from documents, and puts them into the index of embeddings where there is one. */
export async function fitRankers(documents: readonly KnowledgeDocument[], { vectors, context }: FitMeans): Promise<FittedRankers> {
  const indexed = documents.map(toIndexed);
  await vectors?.add(indexed, context);
  const starts = startsOf(indexed);
  const nearest = async (texts: readonly string[]) =>
    ((await vectors?.nearest(texts, undefined, context)) ?? []).map((found) => toNear(found, starts));
  const state = await fitHybrid(documents.map(toText), vectors && { name: vectors.name, nearest });
  return { documents: indexed.map(withoutText), fittedCount: documents.length, state };
}

/** Adds documents that came later: they are ranked by what was learned before. */
export async function extendRankers(
  fitted: FittedRankers,
  documents: readonly KnowledgeDocument[],
  { vectors, context }: FitMeans,
): Promise<FittedRankers> {
  const indexed = documents.map(toIndexed);
  await vectors?.add(indexed, context);
  const state = extendHybrid(fitted.state, documents.map(toText));
  return { ...fitted, documents: [...fitted.documents, ...indexed.map(withoutText)], state };
}

/** Position of each document's first section among all sections. */
export function startsOf(documents: readonly IndexedDocument[]): ReadonlyMap<string, number> {
  const starts = new Map<string, number>();
  let start = 0;
  for (const { key, sectionCount } of documents) {
    starts.set(key, start);
    start += sectionCount;
  }
  return starts;
}

function toIndexed(document: KnowledgeDocument) {
  return { key: keyOf(document), sectionCount: document.sections.length, document };
}

function withoutText({ key, sectionCount }: IndexedDocument): IndexedDocument {
  return { key, sectionCount };
}

function toText({ title, sections }: KnowledgeDocument): SearchableText {
  return { title, sections };
}

/** The cache can always be made again: one that is missing, damaged, or of another version or model is not there. */
export async function readFitted(file: string, embedding: string | undefined): Promise<FittedRankers | undefined> {
  const bytes = await readFile(file).catch(() => undefined);
  if (!bytes || bytes.length < 4 || bytes.readUInt32LE(0) !== crc32(bytes.subarray(4))) return undefined;
  try {
    const { format, node, fitted } = deserialize(bytes.subarray(4)) as { format: number; node: string; fitted: FittedRankers };
    return format === FORMAT && node === process.versions.v8 && fitted.state.embedding === embedding ? fitted : undefined;
  } catch {
    return undefined;
  }
}

export async function writeFitted(file: string, fitted: FittedRankers): Promise<void> {
  const body = serialize({ format: FORMAT, node: process.versions.v8, fitted });
  const head = Buffer.alloc(4);
  head.writeUInt32LE(crc32(body), 0);
  await writeAtomically(file, Buffer.concat([head, body]));
}
