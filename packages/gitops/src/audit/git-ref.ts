import {
  type AuditLog,
  type AuditRecord,
  AuditRecordSchema,
  type AuditVerdict,
  type CallContext,
  canonicalJson,
  chainRecord,
  Tier0Error,
  verifyChain,
} from '@tier0/core';
import type { CommitFacts, Mirror } from '../git/mirror.ts';
import { createMutex } from '../git/mutex.ts';

/** Where the chain of records is kept. */
export interface GitAuditLogOptions {
  readonly mirror: Mirror;
  /** Default `refs/tier0/audit`. Protect it on the forge against force pushes and deletion. */
  readonly ref?: string | undefined;
}

/** Records read at most; a log of this length belongs into a store. */
const MAX_RECORDS = 1_000_000;
/** Times an append is tried while others append as well. */
const MAX_TRIES = 50;

/** What was read, and at which commit. */
interface Seen {
  readonly tip: string | undefined;
  readonly records: readonly AuditRecord[];
  readonly flaw?: string | undefined;
}

/**
 * An audit log as commits on a ref, one record a commit, so that every clone holds a copy and Git's own ids hash the chain once more.
 * Durable on the remote when `append` resolves; writers are ordered by compare-and-swap on the ref. Each append is one fetch and one push.
 */
export function createGitAuditLog({ mirror, ref = 'refs/tier0/audit' }: GitAuditLogOptions): AuditLog {
  const writing = createMutex();
  let seen: Seen = { tip: undefined, records: [] };

  /** Reads what is new. A ref that no longer contains what was seen before was rewritten, whatever its chain says. */
  const look = async (context: CallContext): Promise<Seen> => {
    await mirror.fetch(context);
    const tip = await mirror.resolve(ref, context);
    if (tip === seen.tip && !seen.flaw) return seen;
    if (seen.tip && !(tip && (await mirror.isAncestor(seen.tip, tip, context)))) {
      return {
        tip,
        records: seen.records,
        flaw: `${ref} no longer contains ${seen.tip.slice(0, 12)}, which it held before: it was rewritten`,
      };
    }
    if (!tip) return { tip, records: [] };
    const commits = await mirror.commitsBetween(seen.tip ?? (await beginning(mirror, context)), tip, MAX_RECORDS, context);
    const parsed = [...commits].reverse().map(recordOf);
    const broken = parsed.indexOf(undefined);
    const records = [...seen.records, ...(broken < 0 ? parsed : parsed.slice(0, broken))] as readonly AuditRecord[];
    const next = { tip, records, ...(broken < 0 ? {} : { flaw: 'the commit is not one record on top of the one before' }) };
    if (broken < 0) seen = next;
    return next;
  };
  const judge = (state: Seen): AuditVerdict => {
    const verdict = verifyChain(state.records);
    if (!verdict.sound || !state.flaw) return verdict;
    return { sound: false, records: state.records.length, sequence: state.records.length + 1, reason: state.flaw };
  };

  return {
    name: 'git-ref',
    append: (entry, context) =>
      writing.run(async () => {
        for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
          const state = await look(context);
          const verdict = judge(state);
          if (!verdict.sound) throw unsound(ref, verdict);
          const known = state.records.find((record) => record.key === entry.key);
          if (known) return known;
          const record = chainRecord(entry, state.records.at(-1));
          const commit = await commitRecord(mirror, record, state.tip ?? (await beginning(mirror, context)), context);
          const pushed = await mirror.push([{ ref, commit, expected: state.tip }], context);
          if (pushed.status === 'pushed') {
            seen = { tip: commit, records: [...state.records, record] };
            return record;
          }
        }
        throw new Tier0Error({
          code: 'CONFLICT',
          message: `${ref} moved at each of ${MAX_TRIES} tries to append to it.`,
          hint: 'Other writers are faster, or the remote refuses the ref: check its protection rules, then try again.',
          retryable: true,
        });
      }),
    async *read(context) {
      const state = await look(context);
      yield* state.records;
      if (state.flaw) {
        throw new Tier0Error({
          code: 'MALFORMED_RESPONSE',
          message: `${ref} cannot be read to its end: ${state.flaw}.`,
          hint: 'Run `verify`, and compare the ref with that of another clone.',
        });
      }
    },
    verify: async (context) => judge(await look(context)),
  };
}

/** The commit every log begins with. It holds nothing and is the same everywhere, so two first writers begin the same log. */
async function beginning(mirror: Mirror, context: CallContext): Promise<string> {
  return mirror.commitFiles(
    { parents: [], files: new Map(), message: 'tier0 audit log', author: AUTHOR, date: '2000-01-01T00:00:00.000Z' },
    context,
  );
}

const AUTHOR = { name: 'tier0', email: 'tier0@localhost' };

async function commitRecord(mirror: Mirror, record: AuditRecord, parent: string, context: CallContext): Promise<string> {
  return mirror.commitFiles(
    { parents: [parent], files: new Map(), message: canonicalJson(record), author: AUTHOR, date: record.at },
    context,
  );
}

function recordOf(commit: CommitFacts): AuditRecord | undefined {
  try {
    if (commit.parents.length !== 1) return undefined;
    const value: unknown = JSON.parse(commit.message);
    return AuditRecordSchema.safeParse(value).success && canonicalJson(value) === commit.message ? (value as AuditRecord) : undefined;
  } catch {
    return undefined;
  }
}

function unsound(ref: string, verdict: Extract<AuditVerdict, { sound: false }>): Tier0Error {
  return new Tier0Error({
    code: 'CONFLICT',
    message: `The audit log on ${ref} is not sound at sequence ${verdict.sequence}: ${verdict.reason}. Nothing was appended.`,
    hint: 'Keep the ref as evidence, find out who changed it, and restore it from another clone.',
  });
}
