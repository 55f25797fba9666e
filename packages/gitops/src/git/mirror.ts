import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join, resolve as resolvePath } from 'node:path';
import { type CallContext, Tier0Error } from '@tier0/core';
import { createMutex } from '../mutex.ts';
import { type GitCall, runGit } from './git.ts';

export interface MirrorOptions {
  /** Path, file:// or http(s) URL of the repository, without credentials. */
  readonly url: string;
  /** Folder of the bare mirror. A cache: it may be deleted at any time. */
  readonly directory: string;
  /** Value of the HTTP Authorization header; handed to git by environment, so that no process list shows it. */
  readonly authorization?: string | undefined;
  /** Milliseconds one git command may take. Default 60,000. */
  readonly timeoutMs?: number | undefined;
}

/** A file in a commit. */
export interface TreeFile {
  readonly path: string;
  /** `100644`, `100755`, `120000` (symbolic link) or `160000` (submodule). */
  readonly mode: string;
  /** Object id of the content. */
  readonly blob: string;
}

export interface CommitRequest {
  /** First parent first. None makes a root commit without other files. */
  readonly parents: readonly string[];
  /** New content by path; `undefined` removes the file. Everything else is as in the first parent. */
  readonly files: ReadonlyMap<string, string | Uint8Array | undefined>;
  readonly message: string;
  readonly author: { readonly name: string; readonly email: string };
  /** ISO 8601. Author and committer date, so that the commit id is a function of the request. */
  readonly date: string;
}

/** One ref that shall move from `expected` to `commit`; undefined means "is not there". */
export interface RefUpdate {
  readonly ref: string;
  readonly commit: string | undefined;
  readonly expected: string | undefined;
}

export type PushResult = { readonly status: 'pushed' } | { readonly status: 'rejected'; readonly reason: string };

/** What a commit says about itself. */
export interface CommitFacts {
  readonly parents: readonly string[];
  readonly tree: string;
  readonly authorName: string;
  readonly authorEmail: string;
  /** ISO 8601. */
  readonly date: string;
  readonly message: string;
}

/** A warm bare copy of a repository: reads need no network, writes go straight to the remote by compare-and-swap. */
export interface Mirror {
  /** The repository, without credentials. */
  readonly url: string;
  /** Brings every branch and every tier0 ref up to date. */
  fetch(context: CallContext): Promise<void>;
  /** Commit id of a branch, a full ref (`refs/...`) or a commit; undefined when there is none. */
  resolve(ref: string, context: CallContext): Promise<string | undefined>;
  /** Commit by full ref under a prefix like `refs/heads/tier0/`. */
  listRefs(prefix: string, context: CallContext): Promise<ReadonlyMap<string, string>>;
  listFiles(commit: string, context: CallContext, folder?: string): Promise<readonly TreeFile[]>;
  readFile(commit: string, path: string, context: CallContext): Promise<Uint8Array | undefined>;
  /** Many contents in one go, by object id. */
  readBlobs(blobs: readonly string[], context: CallContext): Promise<ReadonlyMap<string, Uint8Array>>;
  readCommit(commit: string, context: CallContext): Promise<CommitFacts>;
  /** Makes a commit without a work tree and without moving a ref. The same request gives the same id. */
  commitFiles(request: CommitRequest, context: CallContext): Promise<string>;
  /** Moves all refs or none, each only from the commit it is expected at. */
  push(updates: readonly RefUpdate[], context: CallContext): Promise<PushResult>;
  /** Unified diff. */
  diff(from: string, to: string, context: CallContext): Promise<string>;
  /** Paths that differ. */
  changedPaths(from: string, to: string, context: CallContext): Promise<readonly string[]>;
  mergeBase(a: string, b: string, context: CallContext): Promise<string | undefined>;
  /** Whether `descendant` contains `ancestor` (or is it). */
  isAncestor(ancestor: string, descendant: string, context: CallContext): Promise<boolean>;
}

const COMMIT = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;
const SAFE_REF = /^refs\/[\w@][\w./@+-]*$/;

/** A mirror of one repository. Nothing is read or written before the first call. */
export function createMirror(options: MirrorOptions): Mirror {
  refuseCredentials(options.url);
  const directory = resolvePath(options.directory);
  const writing = createMutex();
  let ready: Promise<void> | undefined;

  const git = async (call: Omit<GitCall, 'directory' | 'signal'>, context: CallContext) => {
    ready ??= initialise(directory, options).catch((error) => {
      ready = undefined;
      throw error;
    });
    await ready;
    const environment = { ...authorizationEnvironment(options), ...call.environment };
    return runGit({ timeoutMs: options.timeoutMs, ...call, directory, environment, signal: context.signal });
  };
  const text = async (args: readonly string[], context: CallContext, input?: string | Uint8Array, environment?: Record<string, string>) =>
    (await git({ args, input, environment }, context)).stdout.toString('utf8').trim();

  const mirror: Mirror = {
    url: options.url,

    fetch: (context) =>
      writing.run(async () => {
        const refspecs = ['+refs/heads/*:refs/heads/*', '+refs/tier0/*:refs/tier0/*'];
        await git({ args: ['fetch', '--quiet', '--prune', '--no-tags', '--no-write-fetch-head', options.url, ...refspecs] }, context);
      }),

    async resolve(ref, context) {
      const name = COMMIT.test(ref) || ref.startsWith('refs/') ? ref : `refs/heads/${ref}`;
      if (!COMMIT.test(name)) checkRef(name);
      const call = { args: ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`], answers: [0, 1, 128] };
      const answer = await git(call, context);
      return answer.exitCode === 0 ? answer.stdout.toString('utf8').trim() : undefined;
    },

    async listRefs(prefix, context) {
      const lines = (await text(['for-each-ref', '--format=%(refname) %(objectname)', prefix], context)).split('\n').filter(Boolean);
      return new Map(lines.map((line) => line.split(' ') as [string, string]));
    },

    async listFiles(commit, context, folder) {
      const scope = folder ? ['--', folder.endsWith('/') ? folder : `${folder}/`] : [];
      const answer = await git({ args: ['ls-tree', '-r', '-z', '--full-tree', commit, ...scope] }, context);
      return parseTree(answer.stdout.toString('utf8'));
    },

    async readFile(commit, path, context) {
      const listed = await git({ args: ['ls-tree', '-z', '--full-tree', commit, '--', path] }, context);
      const file = parseTree(listed.stdout.toString('utf8')).find((entry) => entry.path === path);
      return file ? (await git({ args: ['cat-file', 'blob', file.blob] }, context)).stdout : undefined;
    },

    async readBlobs(blobs, context) {
      if (blobs.length === 0) return new Map();
      const answer = await git({ args: ['cat-file', '--batch'], input: `${blobs.join('\n')}\n` }, context);
      return parseBatch(answer.stdout);
    },

    async readCommit(commit, context) {
      const format = '--format=%P%x00%T%x00%an%x00%ae%x00%cI%x00%B';
      const answer = await git({ args: ['log', '-1', '--no-show-signature', format, commit] }, context);
      const [parents = '', tree = '', authorName = '', authorEmail = '', date = '', message = ''] = answer.stdout
        .toString('utf8')
        .split('\0');
      return { parents: parents.split(' ').filter(Boolean), tree, authorName, authorEmail, date, message: message.trimEnd() };
    },

    async commitFiles(request, context) {
      const scratch = await mkdtemp(join(directory, 'tier0-index-')).catch(async () => {
        await text(['rev-parse', '--git-dir'], context);
        return mkdtemp(join(directory, 'tier0-index-'));
      });
      try {
        const index = { GIT_INDEX_FILE: join(scratch, 'index') };
        const [parent] = request.parents;
        await text(['read-tree', parent ?? '--empty'], context, undefined, index);
        const entries = await Promise.all([...request.files].map(([path, content]) => indexEntry(path, content, parent, context)));
        await text(['update-index', '-z', '--index-info'], context, entries.join(''), index);
        const tree = await text(['write-tree'], context, undefined, index);
        const parents = request.parents.flatMap((commit) => ['-p', commit]);
        return await text(['commit-tree', tree, ...parents, '-F', '-'], context, request.message, identityOf(request));
      } finally {
        await rm(scratch, { recursive: true, force: true });
      }
    },

    push: (updates, context) =>
      writing.run(async () => {
        for (const update of updates) checkRef(update.ref);
        const leases = updates.map((update) => `--force-with-lease=${update.ref}:${update.expected ?? ''}`);
        const refspecs = updates.map((update) => `${update.commit ?? ''}:${update.ref}`);
        const args = ['push', '--porcelain', '--atomic', '--no-verify', '--no-follow-tags', ...leases, options.url, ...refspecs];
        const answer = await git({ args, answers: [0, 1] }, context).catch((error) => asRejection(error));
        if ('reason' in answer) return { status: 'rejected', reason: answer.reason };
        const said = answer.stdout.toString('utf8');
        const refused = said.split('\n').filter((line) => line.startsWith('!'));
        if (answer.exitCode === 0) {
          const moves = updates.map((update) => (update.commit ? `update ${update.ref} ${update.commit}\n` : `delete ${update.ref}\n`));
          await git({ args: ['update-ref', '--stdin'], input: moves.join('') }, context);
          return { status: 'pushed' };
        }
        if (refused.length > 0) return { status: 'rejected', reason: refused.map((line) => line.replaceAll('\t', ' ')).join('; ') };
        return throwUnpushed(options.url, answer.stderr);
      }),

    async diff(from, to, context) {
      const args = ['diff', '--no-color', '--no-ext-diff', '--no-textconv', '--no-renames', from, to];
      return (await git({ args }, context)).stdout.toString('utf8');
    },

    async changedPaths(from, to, context) {
      const answer = await git({ args: ['diff', '--name-only', '-z', '--no-renames', from, to] }, context);
      return answer.stdout.toString('utf8').split('\0').filter(Boolean);
    },

    async mergeBase(a, b, context) {
      const answer = await git({ args: ['merge-base', a, b], answers: [0, 1] }, context);
      return answer.stdout.toString('utf8').trim() || undefined;
    },

    async isAncestor(ancestor, descendant, context) {
      const call = { args: ['merge-base', '--is-ancestor', ancestor, descendant], answers: [0, 1, 128] };
      return (await git(call, context)).exitCode === 0;
    },
  };

  async function indexEntry(path: string, content: string | Uint8Array | undefined, parent: string | undefined, context: CallContext) {
    if (content === undefined) return `0 ${'0'.repeat(40)}\t${path}\0`;
    const blob = await text(['hash-object', '-w', '--stdin'], context, content);
    const old = parent
      ? parseTree((await git({ args: ['ls-tree', '-z', '--full-tree', parent, '--', path] }, context)).stdout.toString('utf8'))
      : [];
    return `${old.find((entry) => entry.path === path)?.mode ?? '100644'} ${blob}\t${path}\0`;
  }

  return mirror;
}

async function initialise(directory: string, options: MirrorOptions): Promise<void> {
  await mkdir(directory, { recursive: true });
  await runGit({ args: ['init', '--quiet', '--bare', '.'], directory, timeoutMs: options.timeoutMs });
  // Commits wait in the mirror without a ref until they are pushed: nothing may collect them meanwhile.
  await runGit({ args: ['config', 'gc.auto', '0'], directory });
}

function authorizationEnvironment(options: MirrorOptions): Record<string, string> {
  if (!options.authorization) return {};
  return { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'http.extraHeader', GIT_CONFIG_VALUE_0: `Authorization: ${options.authorization}` };
}

function identityOf(request: CommitRequest): Record<string, string> {
  const { name, email } = request.author;
  return {
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: email,
    GIT_AUTHOR_DATE: request.date,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: email,
    GIT_COMMITTER_DATE: request.date,
  };
}

function parseTree(listing: string): readonly TreeFile[] {
  return listing
    .split('\0')
    .filter(Boolean)
    .map((line) => {
      const [facts = '', path = ''] = line.split('\t');
      const [mode = '', , blob = ''] = facts.split(' ');
      return { path, mode, blob };
    });
}

function parseBatch(output: Buffer): ReadonlyMap<string, Uint8Array> {
  const blobs = new Map<string, Uint8Array>();
  let offset = 0;
  while (offset < output.length) {
    const end = output.indexOf(10, offset);
    const [id = '', type = '', size = '0'] = output.subarray(offset, end).toString('latin1').split(' ');
    if (type === 'missing') {
      offset = end + 1;
      continue;
    }
    blobs.set(id, output.subarray(end + 1, end + 1 + Number(size)));
    offset = end + 1 + Number(size) + 1;
  }
  return blobs;
}

function refuseCredentials(url: string): void {
  if (!/^[a-z+]+:\/\/[^/@]*@/i.test(url)) return;
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: 'The repository URL holds credentials.',
    hint: 'Leave them out of the URL and pass the HTTP Authorization header as `authorization`.',
  });
}

function checkRef(ref: string): void {
  if (SAFE_REF.test(ref) && !/\.\.|\/\/|\.lock(?:\/|$)|[./]$/.test(ref)) return;
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: `"${ref}" is not a ref name.`,
    hint: 'Use letters, digits and ./-_@+ in branch names.',
  });
}

/** A ref that moved between advertisement and update is an answer, whatever words the server uses for it. */
function asRejection(error: unknown): { readonly reason: string } {
  if (error instanceof Error && /cannot lock ref|failed to update ref|reference already exists/i.test(error.message))
    return { reason: error.message };
  throw error;
}

function throwUnpushed(url: string, stderr: string): never {
  throw new Tier0Error({
    code: 'UNAVAILABLE',
    message: `Nothing could be pushed to ${url}: ${stderr.trim().slice(0, 500)}`,
    hint: 'Check the repository URL, that it can be reached, and that the account may push.',
  });
}
