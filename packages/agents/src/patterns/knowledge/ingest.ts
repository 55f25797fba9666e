import { basename, resolve } from 'node:path';
import { type CallContext, Tier0Error } from '@tier0/core';
import { digestOf, type KnowledgeDocument } from './document.ts';
import type { DocumentHead } from './document-head.ts';
import type { KnowledgeBase } from './knowledge-base.ts';
import { type FoundFile, type FoundFiles, findFiles } from './read-folder.ts';
import { findFilesInGit } from './read-git.ts';
import { toDocuments } from './to-documents.ts';

/** What is read into the knowledge base. */
export interface IngestOptions {
  /** Folder, or Git repository when `revision` is given. */
  readonly directory: string;
  /** Name of the collection. Default: name of the folder. */
  readonly source?: string | undefined;
  /** Branch, tag or commit of a Git repository: that is read, and not what lies in its working tree. */
  readonly revision?: string | undefined;
  /** Licence line of texts that do not bring one of their own. */
  readonly licence?: string | undefined;
  /** Larger files are left out, and said so. Default 16 MiB. A file is held in memory while it is read. */
  readonly maxBytes?: number | undefined;
}

/** What an ingest did. */
export interface IngestReport {
  readonly source: string;
  /** Files whose content is known already. */
  readonly unchanged: number;
  /** Documents that are new or have changed. */
  readonly written: readonly string[];
  /** Documents whose file is gone. */
  readonly removed: readonly string[];
  /** Files that could not be taken in; what was known of them before stays as it was. */
  readonly problems: readonly { readonly path: string; readonly reason: string }[];
}

const DEFAULT_MAX_BYTES = 16 * 1024 * 1024;
/** Documents are written in batches of about this many bytes of source: a crash loses one batch and not the whole. */
const BATCH_BYTES = 4 * 1024 * 1024;

/**
 * Reads a folder or a commit into the knowledge base: what is new or changed is written, what is gone is removed, the rest is not even read
 * again where Git names its content. Throws NOT_FOUND where there is no such place, CONFLICT where an unnamed
 * collection was read from another folder before, INVALID_INPUT where nothing in it can be read: the index
 * then stays as it was, since an empty place is more often a wrong path than the end of all knowledge.
 */
export async function ingest(base: KnowledgeBase, options: IngestOptions, context: CallContext): Promise<IngestReport> {
  const directory = resolve(options.directory);
  const source = options.source ?? basename(directory);
  const found =
    options.revision === undefined ? await findFiles(directory, context) : await findFilesInGit(directory, context, options.revision);
  if (found.files.length === 0) throw nothingToRead(options.directory);
  await base.store.refresh();
  const known = Map.groupBy(
    [...base.store.heads().values()].filter((head) => head.source === source),
    (head) => head.path,
  );
  if (options.source === undefined) refuseOtherRoot(known, source, directory);
  const work = await readChanged(base, { found, known, source, options, context });
  const gone = [...known]
    .filter(([path]) => !found.files.some((file) => file.path === path))
    .flatMap(([, heads]) => heads.map(({ id }) => id));
  await base.store.write({ drop: gone }, context);
  return { source, ...work, removed: [...work.removed, ...gone] };
}

interface Job {
  readonly found: FoundFiles;
  readonly known: ReadonlyMap<string, readonly DocumentHead[]>;
  readonly source: string;
  readonly options: IngestOptions;
  readonly context: CallContext;
}

async function readChanged(base: KnowledgeBase, job: Job): Promise<Omit<IngestReport, 'source'>> {
  const problems = [...job.found.problems];
  const written: string[] = [];
  const removed: string[] = [];
  let unchanged = 0;
  let batch: KnowledgeDocument[] = [];
  let batchBytes = 0;
  const flush = async () => {
    const ids = new Set(batch.map(({ id }) => id));
    const drop = batch.flatMap(({ provenance }) => job.known.get(provenance.path) ?? []).flatMap(({ id }) => (ids.has(id) ? [] : [id]));
    await base.store.write({ put: batch, drop }, job.context);
    written.push(...ids);
    removed.push(...new Set(drop));
    batch = [];
    batchBytes = 0;
  };
  for (const file of job.found.files) {
    job.context.signal.throwIfAborted();
    const result = await readFile(file, job);
    if (result === 'unchanged') unchanged++;
    else if ('reason' in result) problems.push({ path: file.path, reason: result.reason });
    else {
      batch.push(...result.documents);
      batchBytes += file.size;
      if (batchBytes > BATCH_BYTES) await flush();
    }
  }
  await flush();
  return { unchanged, written, removed, problems };
}

type FileResult = 'unchanged' | { readonly reason: string } | { readonly documents: readonly KnowledgeDocument[] };

async function readFile(file: FoundFile, { known, source, options, context }: Job): Promise<FileResult> {
  const maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
  if (file.size > maxBytes) return { reason: tooLarge(file.size, maxBytes) };
  const before = known.get(file.path)?.[0];
  if (file.blob !== undefined && file.blob === before?.digest) return 'unchanged';
  try {
    const bytes = await file.read();
    const digest = file.blob ?? digestOf(bytes);
    if (digest === before?.digest) return 'unchanged';
    const readAt = new Date(context.now()).toISOString();
    const { path, commit, changedAt } = file;
    const { licence } = options;
    const provenance = {
      source,
      root: resolve(options.directory),
      path,
      readAt,
      ...(commit === undefined ? {} : { commit }),
      ...(changedAt === undefined ? {} : { changedAt }),
      ...(licence === undefined ? {} : { licence }),
    };
    const { documents, problem } = toDocuments({ bytes, digest, provenance });
    return documents ? { documents } : { reason: problem };
  } catch (error) {
    context.signal.throwIfAborted();
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Not read at all: what is this large is nearly always an export or a log that lies in the wrong place. */
function tooLarge(size: number, maxBytes: number): string {
  return `it has ${size} bytes, at most ${maxBytes} are read: split it, move it away, or allow more (--max-bytes, maxBytes) if it really is a text to search`;
}

/** Two folders may have the same name: the second must not delete what the first one taught. */
function refuseOtherRoot(known: ReadonlyMap<string, readonly DocumentHead[]>, source: string, directory: string): void {
  const other = [...known.values()].flat().find((head) => head.root !== directory);
  if (!other) return;
  throw new Tier0Error({
    code: 'CONFLICT',
    message: `The source "${source}" was read from "${other.root}", not from "${directory}".`,
    hint: 'Name the collection: a new name keeps both, the same name says that it has moved (--source NAME).',
  });
}

function nothingToRead(directory: string): Tier0Error {
  return new Tier0Error({
    code: 'INVALID_INPUT',
    message: `There is nothing to read in "${directory}": no Markdown, YAML, JSON or plain text below it.`,
    hint: 'Check the path. Nothing was changed; what was ingested from there before is still known.',
  });
}
