import { createHash } from 'node:crypto';
import { Tier0Error } from '@tier0/core';
import type { CommitFacts, CommitRequest, TreeFile } from './mirror.ts';
import { plainName } from './names.ts';
import { FOLDER } from './output.ts';
import { withSignature } from './sign.ts';

/** A commit with the instants that order it. */
export interface StoredCommit extends CommitFacts {
  readonly id: string;
}

/** Git objects in memory, under the ids that git gives them (SHA-1 over type, length and content). */
export interface ObjectStore {
  /** Content of a blob; undefined when there is none of this id. */
  blob(id: string): Uint8Array | undefined;
  /** Undefined when there is no commit of this id. */
  commit(id: string): StoredCommit | undefined;
  /** Every file below a tree, in git's order. */
  files(tree: string): readonly TreeFile[];
  /** A commit as git stores it; undefined when there is none of this id. */
  commitObject(id: string): Uint8Array | undefined;
  writeCommit(request: CommitRequest): string;
}

interface TreeEntry {
  readonly name: string;
  readonly mode: string;
  readonly id: string;
}

const NEW_FILE = '100644';

export function createObjectStore(): ObjectStore {
  const blobs = new Map<string, Uint8Array>();
  const trees = new Map<string, readonly TreeEntry[]>();
  const commits = new Map<string, StoredCommit>();
  const commitObjects = new Map<string, Uint8Array>();

  const writeTree = (entries: readonly TreeEntry[]): string => {
    const sorted = [...entries].sort((a, b) => Buffer.compare(sortKey(a), sortKey(b)));
    const lines = sorted.flatMap((entry) => [Buffer.from(`${entry.mode.replace(/^0/, '')} ${entry.name}\0`), Buffer.from(entry.id, 'hex')]);
    const id = idOf('tree', Buffer.concat(lines));
    trees.set(id, sorted);
    return id;
  };

  /** The tree with the edits in it; undefined when nothing is left. */
  const editTree = (
    tree: string | undefined,
    edits: readonly (readonly [string, string | Uint8Array | undefined])[],
  ): string | undefined => {
    const entries = new Map((tree ? (trees.get(tree) ?? []) : []).map((entry) => [entry.name, entry]));
    const below = Map.groupBy(edits, ([path]) => path.split('/')[0] ?? '');
    for (const [name, inside] of below) {
      const old = entries.get(name);
      const own = inside.find(([path]) => path === name);
      if (own) {
        const content = own[1];
        if (content === undefined) entries.delete(name);
        else entries.set(name, { name, mode: old && old.mode !== FOLDER ? old.mode : NEW_FILE, id: writeBlob(blobs, content) });
        continue;
      }
      const rest = inside.map(([path, content]) => [path.slice(name.length + 1), content] as const);
      const id = editTree(old?.mode === FOLDER ? old.id : undefined, rest);
      if (id) entries.set(name, { name, mode: FOLDER, id });
      else if (old?.mode === FOLDER) entries.delete(name);
    }
    return entries.size > 0 ? writeTree([...entries.values()]) : undefined;
  };

  const filesBelow = (tree: string, folder: string): readonly TreeFile[] =>
    (trees.get(tree) ?? []).flatMap((entry) =>
      entry.mode === FOLDER
        ? filesBelow(entry.id, `${folder}${entry.name}/`)
        : [{ path: folder + entry.name, mode: entry.mode, blob: entry.id }],
    );

  return {
    blob: (id) => blobs.get(id),
    commit: (id) => commits.get(id),
    commitObject: (id) => commitObjects.get(id),
    files: (tree) => filesBelow(tree, ''),
    writeCommit(request) {
      const parents = request.parents.map((parent) => commits.get(parent) ?? throwMissing(parent));
      const tree = editTree(parents[0]?.tree, [...request.files]) ?? writeTree([]);
      const bytes = commitBytes(request, tree);
      const signed = request.signer ? withSignature(bytes, request.signer.sign(bytes)) : bytes;
      const id = idOf('commit', signed);
      commitObjects.set(id, signed);
      const { author, message } = request;
      const date = `${new Date(Math.floor(Date.parse(request.date) / 1000) * 1000).toISOString().slice(0, 19)}+00:00`;
      const names = { authorName: plainName(author.name), authorEmail: plainName(author.email) };
      commits.set(id, { id, parents: [...request.parents], tree, ...names, date, message: message.trimEnd() });
      return id;
    },
  };
}

function writeBlob(blobs: Map<string, Uint8Array>, content: string | Uint8Array): string {
  const bytes = Buffer.from(content as string);
  const id = idOf('blob', bytes);
  blobs.set(id, bytes);
  return id;
}

function idOf(type: 'blob' | 'tree' | 'commit', content: Uint8Array): string {
  return createHash('sha1').update(`${type} ${content.length}\0`).update(content).digest('hex');
}

/** Git orders folders as if their names ended with a slash. */
function sortKey(entry: TreeEntry): Buffer {
  return Buffer.from(entry.mode === FOLDER ? `${entry.name}/` : entry.name);
}

function commitBytes(request: CommitRequest, tree: string): Buffer {
  const date = Math.floor(Date.parse(request.date) / 1000);
  const identity = `${plainName(request.author.name)} <${plainName(request.author.email)}> ${date} +0000`;
  const parents = request.parents.map((parent) => `parent ${parent}\n`).join('');
  return Buffer.from(`tree ${tree}\n${parents}author ${identity}\ncommitter ${identity}\n\n${request.message}`);
}

function throwMissing(commit: string): never {
  throw new Tier0Error({ code: 'NOT_FOUND', message: `There is no commit ${commit}.`, hint: 'Commit on top of one that is there.' });
}
