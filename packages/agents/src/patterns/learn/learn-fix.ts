import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { type CallContext, type Cause, CauseSchema, type Pattern, redact, Tier0Error } from '@tier0/core';
import { parseAllDocuments } from 'yaml';

const run = promisify(execFile);

/** A person's fix that was merged. */
export interface MergedFix {
  /** Clone of the repository on this machine. */
  readonly repository: string;
  /** Number of the pull request, as its merge names it (`#12`, `!12`), or a commit. */
  readonly pullRequest: string;
  /** What was wrong. Default: the line `Cause: <cause>` of the merge's message. */
  readonly cause?: string | undefined;
  /** Whether the symptom went. Without a word about it, and without a later commit that takes it back, the pattern begins without a track record. */
  readonly resolved?: boolean | undefined;
  /** What a forge says about the pull request; without it the merge's own message is read. */
  readonly told?: ToldFix | undefined;
}

/** A pull request as a forge knows it. */
export interface ToldFix {
  /** The commit that it was merged by. */
  readonly commit: string;
  readonly title: string;
  readonly body: string;
  /** URL, for those who want to read it. */
  readonly url: string;
  /** A later pull request took it back. */
  readonly reverted: boolean;
}

/** One field that a fix changed. */
export interface FixedField {
  readonly kind: string;
  /** Field path, list positions as `*`. */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** What was learned from a fix. */
export interface FixLesson {
  readonly pattern: Pattern;
  readonly commit: string;
  readonly fields: readonly FixedField[];
  /** What people wrote about what was wrong, without secrets; data and never instruction. */
  readonly wrong: string;
  /** Why it counts as a success or a failure, or as neither. */
  readonly outcome: string;
}

/**
 * Founds a pattern on a merged fix: what was wrong before, which fields the difference changed, whether the symptom went. Only YAML that can be
 * read before and after counts. Reads the clone, and what a forge told of the pull request. Throws NOT_FOUND, or INVALID_INPUT where the cause is not said or nothing was changed.
 */
export async function learnFromFix(fix: MergedFix, context: CallContext): Promise<FixLesson> {
  const git = async (...args: string[]) => {
    const { stdout } = await run('git', ['-C', fix.repository, '-c', 'core.fsmonitor=false', '--no-optional-locks', ...args], {
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
      signal: context.signal,
    });
    return stdout;
  };
  const commit = await findMerge(git, fix);
  const [at = '', subject = '', ...body] = (await git('show', '-s', '--format=%cI%n%s%n%b', commit)).split('\n');
  const cause = causeOf(fix, [...body, fix.told?.body ?? ''].join('\n'));
  const fields = await changedFields(git, commit);
  if (fields.length === 0) throw nothingChanged(fix, commit);
  const title = redact(fix.told?.title ?? subject).slice(0, 200);
  const occurrence = { incident: `git:${commit}`, at: new Date(at).toISOString() };
  const ended = await endingOf(git, fix, commit);
  const path = [...new Set(fields.map(({ kind }) => kind))];
  const pattern: Pattern = {
    id: `fix-${createHash('sha256').update(commit).digest('hex').slice(0, 12)}`,
    title: title === '' ? `A fix of ${cause}` : title,
    signature: {
      cause,
      keywords: [...new Set(fields.map(({ path: field }) => field.split('.').at(-1) as string))],
      shape: { codes: [], path, templates: [] },
    },
    remedy: 'hand-over',
    parameters: {},
    fix: fields.map(toSentence).join(' '),
    reference: fix.told?.url ?? `git:${commit}`,
    occurrences: ended.succeeded === undefined ? [] : [{ ...occurrence, succeeded: ended.succeeded }],
  };
  const wrong = redact(fix.told ? `${fix.told.title}\n\n${fix.told.body}` : [subject, ...body].join('\n')).trim();
  return { pattern, commit, fields, wrong, outcome: ended.reason };
}

/** A person's word goes first; a fix that was taken back has not helped; anything else is not known. */
async function endingOf(
  git: Git,
  { resolved, told }: MergedFix,
  commit: string,
): Promise<{ readonly succeeded?: boolean; readonly reason: string }> {
  if (resolved !== undefined) return { succeeded: resolved, reason: `a person says that the symptom ${resolved ? 'went' : 'stayed'}` };
  if (told?.reverted) return { succeeded: false, reason: 'a later pull request took it back' };
  const reverts = await git('log', '-1', '--format=%H', '--fixed-strings', `--grep=This reverts commit ${commit}`, `${commit}..HEAD`);
  if (reverts.trim() !== '') return { succeeded: false, reason: `commit ${reverts.trim().slice(0, 12)} took it back` };
  return { reason: 'nobody said whether the symptom went (--resolved yes|no)' };
}

type Git = (...args: string[]) => Promise<string>;

/** A merge of any forge names the number; a whole commit id names itself. */
async function findMerge(git: Git, { pullRequest, repository, told }: MergedFix): Promise<string> {
  if (told) return requireCommit(git, told.commit, repository);
  const number = /^[#!]?(\d{1,9})$/.exec(pullRequest)?.[1];
  const isCommit = /^[0-9a-f]{7,64}$/.test(pullRequest);
  const found =
    number === undefined
      ? ''
      : await git('log', '--format=%H', '--extended-regexp', `--grep=(#|!|pull request #?)${number}([^0-9]|$)`, '-1', 'HEAD').catch(
          () => '',
        );
  const named =
    found.trim() ||
    (isCommit ? await git('rev-parse', '--verify', '--quiet', '--end-of-options', `${pullRequest}^{commit}`).catch(() => '') : '');
  if (named.trim() !== '') return named.trim();
  throw new Tier0Error({
    code: 'NOT_FOUND',
    message: `No merge of "${pullRequest}" was found in "${repository}".`,
    hint: 'Fetch the branch it was merged into, and name the number of the pull request or the merge commit.',
  });
}

async function requireCommit(git: Git, commit: string, repository: string): Promise<string> {
  const named = /^[0-9a-f]{7,64}$/.test(commit)
    ? (await git('rev-parse', '--verify', '--quiet', '--end-of-options', `${commit}^{commit}`).catch(() => '')).trim()
    : '';
  if (named !== '') return named;
  throw new Tier0Error({
    code: 'NOT_FOUND',
    message: `The forge says that it was merged as ${commit.slice(0, 12)}, which is not in "${repository}".`,
    hint: 'Fetch the branch it was merged into, and run the same command again.',
  });
}

function causeOf({ cause }: MergedFix, body: string): Cause {
  const said = cause ?? /^Cause:\s*([a-z0-9-]+)\s*$/im.exec(body)?.[1];
  const known = CauseSchema.safeParse(said);
  if (known.success) return known.data;
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: said === undefined ? 'The merge does not say what was wrong.' : `"${said}" is no cause that tier0 knows.`,
    hint: 'Name the cause with --cause, e.g. --cause memory-limit-too-low; docs/rules.md lists them.',
  });
}

async function changedFields(git: Git, commit: string): Promise<readonly FixedField[]> {
  const parent = (await git('rev-parse', '--verify', '--quiet', `${commit}^1`).catch(() => '')).trim();
  if (parent === '') return [];
  const names = await git('diff', '--name-only', '-z', '--no-renames', '--no-ext-diff', parent, commit);
  const files = names.split('\0').filter((name) => /\.ya?ml$/i.test(name));
  const fields: FixedField[] = [];
  for (const file of files.slice(0, 100)) {
    const [before, after] = await Promise.all([parent, commit].map((at) => git('cat-file', 'blob', `${at}:${file}`).catch(() => '')));
    fields.push(...compareYaml(before as string, after as string));
  }
  return fields;
}

/** Documents are matched by kind and name; fields of one that is new or gone are no repair of a field. */
function compareYaml(before: string, after: string): readonly FixedField[] {
  const old = new Map(objectsIn(before).map((object) => [keyOf(object), object]));
  return objectsIn(after).flatMap((object) => {
    const other = old.get(keyOf(object));
    return other ? compareValues(other, object, { kind: String(object.kind ?? 'file'), path: [] }) : [];
  });
}

type Fields = Readonly<Record<string, unknown>>;

function objectsIn(text: string): readonly Fields[] {
  const parsed = parseAllDocuments(text, { logLevel: 'silent' });
  if (!Array.isArray(parsed) || parsed.some(({ errors }) => errors.length > 0)) return [];
  return parsed.map((document) => document.toJS({ maxAliasCount: 100 })).filter(isFields);
}

function keyOf({ kind, metadata }: Fields): string {
  const { name, namespace } = isFields(metadata) ? metadata : {};
  return JSON.stringify([kind, namespace, name]);
}

function compareValues(
  before: unknown,
  after: unknown,
  place: { readonly kind: string; readonly path: readonly string[] },
): readonly FixedField[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (isFields(before) && isFields(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((name) => compareValues(before[name], after[name], { ...place, path: [...place.path, name] }));
  }
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    return before.flatMap((one, index) => compareValues(one, after[index], { ...place, path: [...place.path, '*'] }));
  }
  return [{ kind: place.kind, path: place.path.join('.'), before, after }];
}

/** Values may be names or secrets of the organisation: they are shown only where they are numbers, switches or quantities. */
function toSentence({ kind, path, before, after }: FixedField): string {
  const shown = (value: unknown) =>
    typeof value === 'boolean' || /^-?\d+(\.\d+)?[A-Za-z]{0,2}$/.test(String(value)) ? String(value) : undefined;
  const [from, to] = [shown(before), shown(after)];
  if (before === undefined) return `${kind}: set ${path}${to === undefined ? '' : ` to ${to}`}.`;
  if (after === undefined) return `${kind}: remove ${path}.`;
  return `${kind}: change ${path}${from !== undefined && to !== undefined ? ` from ${from} to ${to}` : ''}.`;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function nothingChanged({ pullRequest }: MergedFix, commit: string): Tier0Error {
  return new Tier0Error({
    code: 'INVALID_INPUT',
    message: `"${pullRequest}" (${commit.slice(0, 12)}) changed no field of any YAML document that stood there before.`,
    hint: 'Learn from the change that repaired the field; what was only added or deleted teaches no repair.',
  });
}
