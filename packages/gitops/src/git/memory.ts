import { Tier0Error } from '@tier0/core';
import { unifiedDiff } from './line-diff.ts';
import type { Mirror } from './mirror.ts';
import { checkPath, checkRef, isCommitId } from './names.ts';
import { createObjectStore, type StoredCommit } from './object-store.ts';

/** How a repository in memory is called. */
export interface MemoryRepositoryOptions {
  /** What proposals call it; nothing is read from there. */
  readonly url: string;
}

/**
 * A repository that lives in this process and needs no git: for previews, tests and the local forge where git is missing. Commits have
 * the ids git would give them. It speaks to no remote: whoever shall see its refs shares the object. SHA-1 only.
 */
export function createMemoryRepository(options: MemoryRepositoryOptions): Mirror {
  const objects = createObjectStore();
  const refs = new Map<string, string>();
  const commitOf = (id: string): StoredCommit => objects.commit(id) ?? throwMissing(id);
  const filesOf = (commit: string) => objects.files(commitOf(commit).tree);
  const contentOf = (commit: string, path: string) => {
    const file = filesOf(commit).find((one) => one.path === path);
    return file && objects.blob(file.blob);
  };
  /** Everything a commit contains, itself included. */
  const reachable = (from: string): ReadonlyMap<string, StoredCommit> => {
    const seen = new Map<string, StoredCommit>();
    const waiting = [from];
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      if (seen.has(id)) continue;
      const commit = commitOf(id);
      seen.set(id, commit);
      waiting.push(...commit.parents);
    }
    return seen;
  };
  const changed = (from: string, to: string): readonly string[] => {
    const [old, now] = [from, to].map((commit) => new Map(filesOf(commit).map((file) => [file.path, `${file.mode} ${file.blob}`])));
    const paths = [...new Set([...(old?.keys() ?? []), ...(now?.keys() ?? [])])].sort();
    return paths.filter((path) => old?.get(path) !== now?.get(path));
  };

  return {
    url: options.url,
    async fetch({ signal }) {
      signal.throwIfAborted();
    },
    async resolve(ref) {
      if (isCommitId(ref)) return objects.commit(ref)?.id;
      const name = ref.startsWith('refs/') ? ref : `refs/heads/${ref}`;
      checkRef(name);
      return refs.get(name);
    },
    listRefs: async (prefix) => new Map([...refs].filter(([ref]) => ref.startsWith(prefix)).sort()),
    async listFiles(commit, _context, folder) {
      const scope = folder && !folder.endsWith('/') ? `${folder}/` : (folder ?? '');
      return filesOf(commit).filter((file) => file.path.startsWith(scope));
    },
    findFiles: async (commit, paths) => filesOf(commit).filter((file) => paths.includes(file.path)),
    readFile: async (commit, path) => contentOf(commit, path),
    async readBlobs(blobs) {
      const found = blobs.map((id) => [id, objects.blob(id)] as const);
      return new Map(found.filter((pair): pair is readonly [string, Uint8Array] => pair[1] !== undefined));
    },
    async readCommit(commit) {
      const { id: _id, ...facts } = commitOf(commit);
      return facts;
    },
    readCommitObject: async (commit) => objects.commitObject(commit) ?? throwMissing(commit),
    lastChange: async (commit, path) => {
      const blobAt = (id: string) => filesOf(id).find((file) => file.path === path)?.blob;
      for (let id: string | undefined = commit; id !== undefined; ) {
        const own = blobAt(id);
        const { parents } = commitOf(id);
        const same: string | undefined = parents.find((parent) => blobAt(parent) === own);
        if (same === undefined) return own === undefined && parents.length === 0 ? undefined : id;
        id = same;
      }
      return undefined;
    },
    async commitsBetween(base, head, limit) {
      const known = reachable(base);
      const fresh = [...reachable(head).values()].filter((commit) => !known.has(commit.id));
      return newestFirst(fresh)
        .slice(0, limit)
        .map(({ id: _id, ...facts }) => facts);
    },
    async everHeld(text, head) {
      const holds = (id: string) => filesOf(id).some(({ path }) => Buffer.from(contentOf(id, path) ?? []).includes(text));
      return [...reachable(head).keys()].some(holds);
    },
    async commitFiles(request, { signal }) {
      signal.throwIfAborted();
      for (const path of request.files.keys()) checkPath(path);
      return objects.writeCommit(request);
    },
    async push(updates, { signal }) {
      signal.throwIfAborted();
      for (const { ref, commit } of updates) {
        checkRef(ref);
        if (commit !== undefined) commitOf(commit);
      }
      const moved = updates.find(({ ref, expected }) => refs.get(ref) !== expected);
      if (moved) return { status: 'rejected', reason: `${moved.ref} is not at ${moved.expected ?? 'nothing'}` };
      for (const { ref, commit } of updates) {
        if (commit) refs.set(ref, commit);
        else refs.delete(ref);
      }
      return { status: 'pushed' };
    },
    async diff(from, to) {
      return changed(from, to)
        .map((path) => unifiedDiff({ path, before: contentOf(from, path), after: contentOf(to, path) }))
        .join('');
    },
    changedPaths: async (from, to) => changed(from, to),
    async mergeBase(a, b) {
      const ofB = reachable(b);
      const common = [...reachable(a).values()].filter((commit) => ofB.has(commit.id));
      const older = new Set(common.flatMap((commit) => commit.parents));
      return newestFirst(common.filter((commit) => !older.has(commit.id)))[0]?.id;
    },
    isAncestor: async (ancestor, descendant) => objects.commit(descendant) !== undefined && reachable(descendant).has(ancestor),
  };
}

function newestFirst(commits: readonly StoredCommit[]): readonly StoredCommit[] {
  return [...commits].sort((a, b) => Date.parse(b.date) - Date.parse(a.date));
}

function throwMissing(commit: string): never {
  throw new Tier0Error({
    code: 'NOT_FOUND',
    message: `There is no commit ${commit} in memory.`,
    hint: 'Use a commit that was made or listed here.',
  });
}
