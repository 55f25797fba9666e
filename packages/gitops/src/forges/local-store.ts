import { isDeepStrictEqual } from 'node:util';
import { type CallContext, type CommitStatus, isTier0Error, type PullRequest, Tier0Error, toTimestamp } from '@tier0/core';
import { z } from 'zod';
import { contended } from '../git/contended.ts';
import type { Mirror, RefUpdate } from '../git/mirror.ts';
import type { StatementSignature } from '../governance/statement.ts';

/** What the local forge keeps of a pull request: one JSON file in the newest commit of `refs/tier0/prs/<n>`, so `git log` is its history. */
export interface StoredPullRequest {
  readonly number: number;
  readonly key: string;
  readonly title: string;
  readonly body: string;
  readonly author: string;
  readonly sourceBranch: string;
  readonly targetBranch: string;
  /** Tip of the source branch when it was last looked at; final once merged or closed. */
  readonly headCommit: string;
  readonly labels: readonly string[];
  readonly reviewers: readonly string[];
  readonly draft?: boolean | undefined;
  readonly autoMerge?: boolean | undefined;
  readonly state: PullRequest['state'];
  readonly reviews: readonly {
    readonly reviewer: string;
    readonly state: 'approved' | 'changes-requested' | 'commented';
    readonly commit: string;
    readonly at: string;
    readonly body: string;
    /** Digest of the proposal as the body's marker said when the review was given. */
    readonly digest?: string | undefined;
    /** By tier0, where a standing rule approved. */
    readonly signed?: StatementSignature | undefined;
  }[];
  readonly comments: Readonly<Record<string, { readonly body: string; readonly at: string }>>;
}

/** A status as it is kept, with the signature of who set it. */
export interface StoredStatus extends Omit<CommitStatus, 'context'> {
  readonly signed?: StatementSignature | undefined;
}

const SignatureSchema = z.object({ key: z.string(), signature: z.string() });

const StoredSchema: z.ZodType<StoredPullRequest> = z.object({
  number: z.number().int().positive(),
  key: z.string(),
  title: z.string(),
  body: z.string(),
  author: z.string(),
  sourceBranch: z.string(),
  targetBranch: z.string(),
  headCommit: z.string(),
  labels: z.array(z.string()),
  reviewers: z.array(z.string()),
  draft: z.boolean().optional(),
  autoMerge: z.boolean().optional(),
  state: z.discriminatedUnion('status', [
    z.object({ status: z.literal('open') }),
    z.object({ status: z.literal('merged'), commit: z.string(), at: z.string() }),
    z.object({ status: z.literal('closed'), by: z.string(), at: z.string(), reason: z.string().optional() }),
  ]),
  reviews: z.array(
    z.object({
      reviewer: z.string(),
      state: z.enum(['approved', 'changes-requested', 'commented']),
      commit: z.string(),
      at: z.string(),
      body: z.string(),
      digest: z.string().optional(),
      signed: SignatureSchema.optional(),
    }),
  ),
  comments: z.record(z.string(), z.object({ body: z.string(), at: z.string() })),
});

const StatusesSchema: z.ZodType<Record<string, StoredStatus>> = z.record(
  z.string(),
  z.object({ state: z.enum(['pending', 'success', 'failure']), description: z.string(), signed: SignatureSchema.optional() }),
);

/** A pull request together with the commit it was read from: what a later write is compared with. */
export interface Held {
  readonly revision: string;
  readonly pullRequest: StoredPullRequest;
}

const PREFIX = 'refs/tier0/prs/';
const FILE = 'pull-request.json';
/** Refs beyond are not of this forge. */
const MAX_NUMBER = 1_000_000_000;
const FORGE = { name: 'tier0 local forge', email: 'forge@tier0.invalid' };

/** Attempts after which a contended compare-and-swap gives up. */
export const SWAP_ATTEMPTS = 8;

/** Pull requests and statuses on refs of the repository itself. */
export interface LocalStore {
  /** Oldest first. One that somebody damaged is left out, so that it does not stop the others; reading it by its number says so. */
  list(context: CallContext): Promise<readonly Held[]>;
  /** A number that no pull request has, damaged ones included. */
  nextNumber(context: CallContext): Promise<number>;
  /** Throws NOT_FOUND. */
  get(number: number, context: CallContext): Promise<Held>;
  /** The ref update that stores `next` in place of what was held; nothing is written before it is pushed. */
  replace(next: StoredPullRequest, held: Held | undefined, context: CallContext): Promise<RefUpdate>;
  statuses(commit: string, context: CallContext): Promise<ReadonlyMap<string, StoredStatus>>;
  /** False when the status was already set so. */
  setStatus(commit: string, status: CommitStatus & StoredStatus, context: CallContext): Promise<boolean>;
}

export function createLocalStore(mirror: Mirror): LocalStore {
  const read = async (revision: string, context: CallContext): Promise<Held> => {
    const bytes = await mirror.readFile(revision, FILE, context);
    const parsed = StoredSchema.safeParse(parseJson(bytes));
    if (!parsed.success) throw malformed(revision);
    return { revision, pullRequest: parsed.data };
  };
  const numbered = async (context: CallContext) => {
    const refs = [...(await mirror.listRefs(PREFIX, context))].map(([ref, revision]) => ({
      number: Number(ref.slice(PREFIX.length)),
      revision,
    }));
    return refs
      .filter(({ number }) => Number.isSafeInteger(number) && number > 0 && number < MAX_NUMBER)
      .sort((a, b) => a.number - b.number);
  };
  const readable = (number: number, revision: string, context: CallContext): Promise<Held | undefined> =>
    read(revision, context).then(
      (held) => (held.pullRequest.number === number ? held : undefined),
      (error: unknown) => {
        if (isTier0Error(error) && error.code === 'MALFORMED_RESPONSE') return undefined;
        throw error;
      },
    );
  const write = (file: string, value: unknown, parent: string | undefined, context: CallContext, message: string) =>
    mirror.commitFiles(
      {
        parents: parent ? [parent] : [],
        files: new Map([[file, `${JSON.stringify(value, null, 2)}\n`]]),
        message,
        author: FORGE,
        date: toTimestamp(context.now()),
      },
      context,
    );
  const readStatuses = async (commit: string, context: CallContext) => {
    const revision = await mirror.resolve(statusRef(commit), context);
    const bytes = revision ? await mirror.readFile(revision, STATUS_FILE, context) : undefined;
    return { revision, statuses: bytes ? StatusesSchema.parse(parseJson(bytes)) : {} };
  };

  return {
    async list(context) {
      await mirror.fetch(context);
      const held = await Promise.all((await numbered(context)).map(({ number, revision }) => readable(number, revision, context)));
      return held.filter((one) => one !== undefined);
    },
    async nextNumber(context) {
      return ((await numbered(context)).at(-1)?.number ?? 0) + 1;
    },
    async get(number, context) {
      await mirror.fetch(context);
      const revision = await mirror.resolve(`${PREFIX}${number}`, context);
      if (revision) return read(revision, context);
      throw new Tier0Error({
        code: 'NOT_FOUND',
        message: `There is no pull request ${number} in ${mirror.url}.`,
        hint: 'List the pull requests with `git for-each-ref refs/tier0/prs`.',
      });
    },
    async replace(next, held, context) {
      const commit = await write(FILE, next, held?.revision, context, `Pull request ${next.number}: ${next.state.status}`);
      return { ref: `${PREFIX}${next.number}`, commit, expected: held?.revision };
    },
    async statuses(commit, context) {
      const { statuses } = await readStatuses(commit, context);
      return new Map(Object.entries(statuses));
    },
    async setStatus(commit, status, context) {
      for (let attempt = 0; attempt < SWAP_ATTEMPTS; attempt++) {
        await mirror.fetch(context);
        const { revision, statuses } = await readStatuses(commit, context);
        const old = statuses[status.context];
        const { context: name, ...kept } = status;
        if (isDeepStrictEqual(old, kept)) return false;
        const next = { ...statuses, [name]: kept };
        const stored = await write(STATUS_FILE, next, revision, context, `${status.context}: ${status.state}`);
        const result = await mirror.push([{ ref: statusRef(commit), commit: stored, expected: revision }], context);
        if (result.status === 'pushed') return true;
      }
      throw contended(`the statuses of ${commit}`);
    },
  };
}

const STATUS_FILE = 'statuses.json';

function statusRef(commit: string): string {
  return `refs/tier0/statuses/${commit}`;
}

function parseJson(bytes: Uint8Array | undefined): unknown {
  try {
    return JSON.parse(Buffer.from(bytes ?? new Uint8Array()).toString('utf8'));
  } catch {
    return undefined;
  }
}

function malformed(revision: string): Tier0Error {
  return new Tier0Error({
    code: 'MALFORMED_RESPONSE',
    message: `Commit ${revision} does not hold a pull request of the local forge.`,
    hint: `Look at it with \`git show ${revision}:${FILE}\`; the versions before it are its parents.`,
  });
}
