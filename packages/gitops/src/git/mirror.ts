import { mkdir } from 'node:fs/promises';
import { resolve as resolvePath } from 'node:path';
import { type CallContext, Tier0Error } from '@tier0/core';
import { type GitAnswer, type GitCall, runGit } from './git.ts';
import { importStream } from './import-stream.ts';
import { createMutex } from './mutex.ts';
import { checkPath, checkRef, isCommitId, refuseCredentials, repositoryAddress } from './names.ts';
import { COMMIT_FORMAT, FOLDER, parseBatch, parseCommits, parseTree } from './output.ts';
import { type CommitSigner, withSignature } from './sign.ts';
import { withoutStaleLocks } from './stale-locks.ts';

/** Which repository is mirrored, and where. */
export interface MirrorOptions {
  /** Path, file:// or http(s) URL of the repository, without credentials. A relative path is one from the working directory. */
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

/** A commit to be made; the same request always makes the same commit. */
export interface CommitRequest {
  /** First parent first. None makes a root commit without other files. */
  readonly parents: readonly string[];
  /** New content by path; `undefined` removes the file. Everything else is as in the first parent. */
  readonly files: ReadonlyMap<string, string | Uint8Array | undefined>;
  readonly message: string;
  readonly author: { readonly name: string; readonly email: string };
  /** ISO 8601. Author and committer date, so that the commit id is a function of the request. */
  readonly date: string;
  /** Signs it. Default: not signed. */
  readonly signer?: CommitSigner | undefined;
}

/** One ref that shall move from `expected` to `commit`; undefined means "is not there". */
export interface RefUpdate {
  readonly ref: string;
  readonly commit: string | undefined;
  readonly expected: string | undefined;
}

/** Whether the remote took what was pushed. */
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
  /** The repository, without credentials; a path is a whole one. */
  readonly url: string;
  /** Brings every branch and every tier0 ref up to date. */
  fetch(context: CallContext): Promise<void>;
  /** Commit id of a branch, a full ref (`refs/...`) or a commit; undefined when there is none. */
  resolve(ref: string, context: CallContext): Promise<string | undefined>;
  /** Commit by full ref under a prefix like `refs/heads/tier0/`. */
  listRefs(prefix: string, context: CallContext): Promise<ReadonlyMap<string, string>>;
  /** Every file below a folder at a commit, that of the repository by default. */
  listFiles(commit: string, context: CallContext, folder?: string): Promise<readonly TreeFile[]>;
  /** Those of the paths that are files, symbolic links or submodules in the commit. */
  findFiles(commit: string, paths: readonly string[], context: CallContext): Promise<readonly TreeFile[]>;
  /** The bytes of a file at a commit; undefined when there is none. */
  readFile(commit: string, path: string, context: CallContext): Promise<Uint8Array | undefined>;
  /** Many contents in one go, by object id. */
  readBlobs(blobs: readonly string[], context: CallContext): Promise<ReadonlyMap<string, Uint8Array>>;
  /** Who wrote a commit, when, and on what it stands. */
  readCommit(commit: string, context: CallContext): Promise<CommitFacts>;
  /** The commit object as git stores it, with its signature. */
  readCommitObject(commit: string, context: CallContext): Promise<Uint8Array>;
  /** The commit that gave a path the content it has at `commit`; undefined when it never was there. */
  lastChange(commit: string, path: string, context: CallContext): Promise<string | undefined>;
  /** At most `limit` of the commits that `head` contains and `base` does not, over all parents; newest first. */
  commitsBetween(base: string, head: string, limit: number, context: CallContext): Promise<readonly CommitFacts[]>;
  /** Whether a text stood in any file of `head` or of a commit before it. */
  everHeld(text: string, head: string, context: CallContext): Promise<boolean>;
  /** Makes a commit without a work tree and without moving a ref. The same request gives the same id. */
  commitFiles(request: CommitRequest, context: CallContext): Promise<string>;
  /** Moves all refs or none, each only from the commit it is expected at. */
  push(updates: readonly RefUpdate[], context: CallContext): Promise<PushResult>;
  /** Unified diff. */
  diff(from: string, to: string, context: CallContext): Promise<string>;
  /** Paths that differ. */
  changedPaths(from: string, to: string, context: CallContext): Promise<readonly string[]>;
  /** The newest commit that both have; undefined when they have none. */
  mergeBase(a: string, b: string, context: CallContext): Promise<string | undefined>;
  /** Whether `descendant` contains `ancestor` (or is it). */
  isAncestor(ancestor: string, descendant: string, context: CallContext): Promise<boolean>;
}

/** Answers about paths that are remembered. */
const KNOWN_LISTS = 200;

/** A mirror of one repository. Nothing is read or written before the first call. */
export function createMirror(options: MirrorOptions): Mirror {
  refuseCredentials(options.url);
  const directory = resolvePath(options.directory);
  const url = repositoryAddress(options.url);
  const writing = createMutex();
  let ready: Promise<void> | undefined;
  let refs: Promise<ReadonlyMap<string, string>> | undefined;

  const git = async (call: Omit<GitCall, 'directory' | 'signal'>, context: CallContext) => {
    ready ??= initialise(directory, options).catch((error) => {
      ready = undefined;
      throw error;
    });
    await ready;
    const environment = { ...settingsEnvironment(options), ...call.environment };
    const run = () => runGit({ timeoutMs: options.timeoutMs, ...call, directory, environment, signal: context.signal });
    return withoutStaleLocks(directory, context.signal, run);
  };
  const text = async (args: readonly string[], context: CallContext) => (await git({ args }, context)).stdout.toString('utf8').trim();

  /** Read once after each fetch: asking git again for every name is what would cost most. */
  const readRefs = (context: CallContext) => {
    refs ??= listAllRefs(() => text(['for-each-ref', '--format=%(refname) %(objectname)'], context)).catch((error) => {
      refs = undefined;
      throw error;
    });
    return refs;
  };

  /** What a commit holds never changes, and a proposal asks for the same paths more than once. */
  const known = new Map<string, readonly TreeFile[]>();
  const findFiles = async (commit: string, paths: readonly string[], context: CallContext) => {
    if (paths.length === 0) return [];
    const key = [commit, ...paths].join('\0');
    const found = known.get(key) ?? (await listPaths(commit, paths, context));
    if (isCommitId(commit)) known.set(key, found);
    const [oldest] = known.keys();
    if (known.size > KNOWN_LISTS && oldest !== undefined) known.delete(oldest);
    return found;
  };
  const listPaths = async (commit: string, paths: readonly string[], context: CallContext) => {
    const answer = await git({ args: ['ls-tree', '-z', '--full-tree', commit, '--', ...paths] }, context);
    return parseTree(answer.stdout.toString('utf8')).filter((file) => file.mode !== FOLDER);
  };

  return {
    url,

    fetch: (context) =>
      writing.run(async () => {
        const refspecs = ['+refs/heads/*:refs/heads/*', '+refs/tier0/*:refs/tier0/*'];
        await git({ args: ['fetch', '--quiet', '--prune', '--no-tags', '--no-write-fetch-head', url, ...refspecs] }, context);
        refs = undefined;
      }),

    async resolve(ref, context) {
      if (!isCommitId(ref)) {
        const name = ref.startsWith('refs/') ? ref : `refs/heads/${ref}`;
        checkRef(name);
        return (await readRefs(context)).get(name);
      }
      const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`];
      const answer = await git({ args, answers: [0, 1, 128] }, context);
      return answer.exitCode === 0 ? answer.stdout.toString('utf8').trim() : undefined;
    },

    async listRefs(prefix, context) {
      return new Map([...(await readRefs(context))].filter(([ref]) => ref.startsWith(prefix)));
    },

    async listFiles(commit, context, folder) {
      const scope = folder ? ['--', folder.endsWith('/') ? folder : `${folder}/`] : [];
      const answer = await git({ args: ['ls-tree', '-r', '-z', '--full-tree', commit, ...scope] }, context);
      return parseTree(answer.stdout.toString('utf8'));
    },

    findFiles,

    async readFile(commit, path, context) {
      if (path.includes('\n')) return undefined;
      const answer = await git({ args: ['cat-file', '--batch'], input: `${commit}:${path}\n` }, context);
      return [...parseBatch(answer.stdout).values()][0];
    },

    async readBlobs(blobs, context) {
      if (blobs.length === 0) return new Map();
      const answer = await git({ args: ['cat-file', '--batch'], input: `${blobs.join('\n')}\n` }, context);
      return parseBatch(answer.stdout);
    },

    async readCommit(commit, context) {
      const answer = await git({ args: ['log', '-1', ...COMMIT_FORMAT, commit] }, context);
      return parseCommits(answer.stdout.toString('utf8'))[0] as CommitFacts;
    },

    async readCommitObject(commit, context) {
      return (await git({ args: ['cat-file', 'commit', commit] }, context)).stdout;
    },

    async lastChange(commit, path, context) {
      const answer = await git({ args: ['log', '-1', '--format=%H', commit, '--', `:(top,literal)${path}`] }, context);
      return answer.stdout.toString('utf8').trim() || undefined;
    },

    async commitsBetween(base, head, limit, context) {
      const answer = await git({ args: ['log', `--max-count=${limit}`, ...COMMIT_FORMAT, head, `^${base}`] }, context);
      return parseCommits(answer.stdout.toString('utf8'));
    },

    async everHeld(text, head, context) {
      const answer = await git({ args: ['log', '--max-count=1', '--format=%H', `-S${text}`, head] }, context);
      return answer.stdout.toString('utf8').trim() !== '';
    },

    async commitFiles(request, context) {
      const [parent] = request.parents;
      const paths = [...request.files.keys()];
      for (const path of paths) checkPath(path);
      const modes = new Map((parent ? await findFiles(parent, paths, context) : []).map((file) => [file.path, file.mode]));
      const answer = await git(
        { args: ['fast-import', '--quiet', '--date-format=raw', '--done'], input: importStream(request, modes) },
        context,
      );
      const unsigned = answer.stdout.toString('utf8').trim();
      return request.signer ? signCommit(git, unsigned, request.signer, context) : unsigned;
    },

    push: (updates, context) =>
      writing.run(async () => {
        for (const update of updates) checkRef(update.ref);
        const leases = updates.map((update) => `--force-with-lease=${update.ref}:${update.expected ?? ''}`);
        const refspecs = updates.map((update) => `${update.commit ?? ''}:${update.ref}`);
        const args = ['push', '--porcelain', '--atomic', '--no-verify', '--no-follow-tags', ...leases, url, ...refspecs];
        const answer = await git({ args, answers: [0, 1] }, context).catch((error) => asRejection(error));
        if ('reason' in answer) return { status: 'rejected', reason: answer.reason };
        const said = answer.stdout.toString('utf8');
        const refused = said.split('\n').filter((line) => line.startsWith('!'));
        if (answer.exitCode === 0) {
          // Known here at once; the mirror's own refs follow with the next fetch.
          const moved = new Map(await readRefs(context));
          for (const { ref, commit } of updates) {
            if (commit) moved.set(ref, commit);
            else moved.delete(ref);
          }
          refs = Promise.resolve(moved);
          return { status: 'pushed' };
        }
        if (refused.length > 0) return { status: 'rejected', reason: refused.map((line) => line.replaceAll('\t', ' ')).join('; ') };
        return throwUnpushed(url, answer.stderr);
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
}

type RunInMirror = (call: Omit<GitCall, 'directory' | 'signal'>, context: CallContext) => Promise<GitAnswer>;

async function signCommit(git: RunInMirror, unsigned: string, signer: CommitSigner, context: CallContext): Promise<string> {
  const commit = (await git({ args: ['cat-file', 'commit', unsigned] }, context)).stdout;
  const input = withSignature(commit, signer.sign(commit));
  return (await git({ args: ['hash-object', '-t', 'commit', '-w', '--stdin'], input }, context)).stdout.toString('utf8').trim();
}

async function listAllRefs(ask: () => Promise<string>): Promise<ReadonlyMap<string, string>> {
  const lines = (await ask()).split('\n').filter(Boolean);
  return new Map(lines.map((line) => line.split(' ') as [string, string]));
}

async function initialise(directory: string, options: MirrorOptions): Promise<void> {
  await mkdir(directory, { recursive: true });
  await runGit({ args: ['init', '--quiet', '--bare', '--template=', '.'], directory, timeoutMs: options.timeoutMs });
}

const MIRROR_SETTINGS = {
  // Commits wait in the mirror without a ref until they are pushed: nothing may collect them meanwhile.
  'gc.auto': '0',
  'maintenance.auto': 'false',
  // A redirect would carry the authorization to whoever it names.
  'http.followRedirects': 'false',
  // What comes in is checked as git checks it: no `..`, no `.git`, no symbolic link named like one of git's own files.
  'fetch.fsckObjects': 'true',
  // Old histories hold these by accident, and nothing follows from them.
  ...Object.fromEntries(
    ['zeroPaddedFilemode', 'missingSpaceBeforeDate', 'badTimezone', 'missingNameBeforeEmail', 'missingEmail', 'zeroPaddedDate'].map(
      (flaw) => [`fetch.fsck.${flaw}`, 'warn'],
    ),
  ),
};

/** Settings by environment: no process list shows them, and no file needs to be written. */
function settingsEnvironment(options: MirrorOptions): Record<string, string> {
  const header = options.authorization ? { 'http.extraHeader': `Authorization: ${options.authorization}` } : {};
  const settings = Object.entries({ ...MIRROR_SETTINGS, ...header });
  const numbered = settings.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return { GIT_CONFIG_COUNT: String(settings.length), ...Object.fromEntries(numbered) };
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
