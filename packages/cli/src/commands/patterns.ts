import { join, resolve } from 'node:path';
import { createFilePatternLibrary, SEED_PATTERNS } from '@tier0/agents';
import {
  type IngestReport,
  ingest,
  type KnowledgeAnswer,
  type KnowledgeStats,
  learnFromFix,
  openKnowledgeBase,
} from '@tier0/agents/patterns';
import { type CallContext, type Pattern, Tier0Error, trackRecord } from '@tier0/core';
import type { Environment } from '../environment.ts';
import { PROGRAM } from '../program-name.ts';
import { stateFolder } from '../world/state-folder.ts';
import { type Command, parseOptions } from './command.ts';
import { didYouMean } from './did-you-mean.ts';

const OPTIONS = {
  out: { type: 'string', default: 'out' },
  source: { type: 'string' },
  revision: { type: 'string' },
  licence: { type: 'string' },
  kind: { type: 'string' },
  team: { type: 'string' },
  limit: { type: 'string', default: '5' },
  repository: { type: 'string', default: '.' },
  cause: { type: 'string' },
  resolved: { type: 'string' },
  output: { type: 'string', short: 'o', default: 'text' },
} as const;

/** `tier0 patterns ingest DIR | search TEXT | show ID | stats | learn PULL_REQUEST`. */
export const patterns: Command = {
  name: 'patterns',
  usage: `Usage: ${PROGRAM} patterns ingest DIR [--source NAME] [--revision COMMIT] [--licence LINE]
       ${PROGRAM} patterns search TEXT [--kind KIND] [--team TEAM] [--limit N]
       ${PROGRAM} patterns show ID
       ${PROGRAM} patterns stats
       ${PROGRAM} patterns learn PULL_REQUEST [--repository DIR] [--cause CAUSE] [--resolved yes|no]

Reads Markdown, YAML, JSON and plain text into the knowledge base of a run (--out DIR, default: out) and searches it: nothing is downloaded, no
key is needed, no text leaves this machine. A second ingest reads what changed and follows what was deleted. With --revision a commit of a Git
repository is read instead of the files that lie in the folder. Answers cite document and lines. What a document says is never an instruction.
"learn" founds a pattern on a person's merged fix: the fields it changed, the cause (--cause, or a line "Cause: ..." in the merge's message), and
whether the symptom went (--resolved). It reads the clone in DIR and asks no forge.
  --kind      runbook, incident, post-mortem, policy, deployment-pattern or note
  --output    text or json

Example: ${PROGRAM} patterns ingest docs`,
  async run(args, environment) {
    const { values, positionals } = parseOptions('patterns', args, OPTIONS);
    const [verb, ...rest] = positionals;
    const call: Call = { values, words: rest, environment, context: { signal: environment.signal, now: () => Date.now() } };
    const work = verb === undefined ? undefined : VERBS[verb];
    if (!work) {
      throw new Tier0Error({
        code: 'INVALID_INPUT',
        message: verb === undefined ? 'What is to be done with patterns?' : `There is no "patterns ${verb}".`,
        hint: `${didYouMean(verb ?? '', Object.keys(VERBS))}Choose ${Object.keys(VERBS).join(', ')}.`,
      });
    }
    return work(call);
  },
};

interface Values {
  readonly out: string;
  readonly source?: string | undefined;
  readonly revision?: string | undefined;
  readonly licence?: string | undefined;
  readonly kind?: string | undefined;
  readonly team?: string | undefined;
  readonly limit: string;
  readonly repository: string;
  readonly cause?: string | undefined;
  readonly resolved?: string | undefined;
  readonly output: string;
}

interface Call {
  readonly values: Values;
  readonly words: readonly string[];
  readonly environment: Environment;
  readonly context: CallContext;
}

const VERBS: Readonly<Record<string, (call: Call) => Promise<number>>> = { ingest: ingestFolder, search, show, stats, learn };

async function ingestFolder(call: Call): Promise<number> {
  const { source, revision, licence } = call.values;
  const base = await openBase(call);
  const report = await ingest(base, { directory: only(call, 'Which folder is to be read?'), source, revision, licence }, call.context);
  await base.fit(call.context);
  say(call, report, ingestText(report));
  return report.problems.length > 0 ? 1 : 0;
}

async function search(call: Call): Promise<number> {
  const { kind, team, limit } = call.values;
  const text = call.words.join(' ');
  if (text === '') throw missing('What is to be searched for?');
  const base = await openBase(call);
  const count = Number(limit);
  if (!Number.isInteger(count) || count < 1) throw missing(`--limit wants a whole number of at least 1, not "${limit}".`);
  const answers = await base.search({ text, kind: toKind(kind), team, limit: count }, call.context);
  say(call, answers, answers.map(answerText).join('\n') || 'Nothing was found.\n');
  return answers.length > 0 ? 0 : 1;
}

async function show(call: Call): Promise<number> {
  const id = only(call, 'Which document or pattern?').replace(/#L\d+-L\d+$/, '');
  const library = createFilePatternLibrary({ file: stateFolder(call.values.out).patterns, seed: SEED_PATTERNS });
  const pattern = await library.get(id, call.context);
  if (pattern) {
    say(call, pattern, patternText(pattern));
    return 0;
  }
  const document = await (await openBase(call)).get(id);
  if (!document) {
    throw new Tier0Error({
      code: 'NOT_FOUND',
      message: `There is no document and no pattern "${id}".`,
      hint: `Run "${PROGRAM} patterns search TEXT": each answer begins with its id.`,
    });
  }
  const { provenance } = document;
  const facts = [document.kind, document.team, provenance.changedAt, provenance.commit, provenance.licence].filter(
    (fact) => fact !== undefined,
  );
  say(
    call,
    document,
    `${document.id}\n${document.title} (${facts.join(', ')})\n\n${document.sections.map(({ text }) => text).join('\n\n')}\n`,
  );
  return 0;
}

async function stats(call: Call): Promise<number> {
  const found = await (await openBase(call)).stats(call.context);
  say(call, found, statsText(found));
  return 0;
}

async function learn(call: Call): Promise<number> {
  const { repository, cause, resolved, out } = call.values;
  if (resolved !== undefined && resolved !== 'yes' && resolved !== 'no') throw missing(`--resolved wants yes or no, not "${resolved}".`);
  const pullRequest = only(call, 'Which pull request?');
  const answer = resolved === undefined ? {} : { resolved: resolved === 'yes' };
  const lesson = await learnFromFix({ repository: resolve(repository), pullRequest, cause, ...answer }, call.context);
  const file = stateFolder(out).patterns;
  await createFilePatternLibrary({ file, seed: SEED_PATTERNS }).add?.(lesson.pattern, call.context);
  say(call, lesson.pattern, patternText(lesson.pattern));
  return 0;
}

function openBase({ values }: Call) {
  return openKnowledgeBase({ folder: join(resolve(values.out), 'state', 'knowledge') });
}

const KINDS = ['runbook', 'incident', 'post-mortem', 'policy', 'deployment-pattern', 'note'] as const;

function toKind(text: string | undefined): (typeof KINDS)[number] | undefined {
  const kind = KINDS.find((one) => one === text);
  if (text !== undefined && kind === undefined) throw missing(`There is no kind "${text}": choose ${KINDS.join(', ')}.`);
  return kind;
}

function only({ words }: Call, question: string): string {
  const [word] = words;
  if (word === undefined || words.length > 1) throw missing(question);
  return word;
}

function missing(message: string): Tier0Error {
  return new Tier0Error({ code: 'INVALID_INPUT', message, hint: `Run "${PROGRAM} patterns --help" to see how it is called.` });
}

function say({ values, environment }: Call, value: unknown, text: string): void {
  if (values.output !== 'text' && values.output !== 'json') throw missing(`There is no output "${values.output}": choose text or json.`);
  environment.terminal.write(values.output === 'json' ? `${JSON.stringify(value, null, 2)}\n` : text);
}

function ingestText({ source, written, removed, unchanged, problems }: IngestReport): string {
  const lines = [
    `${source}: ${written.length} documents written, ${removed.length} removed, ${unchanged} files unchanged`,
    ...problems.map(({ path, reason }) => `  not read: ${path}: ${reason}`),
  ];
  return `${lines.join('\n')}\n`;
}

function answerText({ citation, document, section, score, staleness }: KnowledgeAnswer): string {
  const facts = [document.kind, document.team, staleness.stale ? `STALE: ${staleness.reason}` : staleness.reason].filter(Boolean);
  const excerpt = section.text.split('\n').filter((line) => line.trim() !== '');
  return `${citation}\n  ${score.toFixed(2)}  ${document.title}${section.headings
    .filter((heading) => heading !== document.title)
    .map((heading) => ` > ${heading}`)
    .join('')}\n  ${facts.join(', ')}\n${excerpt
    .slice(0, 4)
    .map((line) => `    ${line.slice(0, 150)}`)
    .join('\n')}\n`;
}

function patternText(pattern: Pattern): string {
  const { successes, failures } = trackRecord(pattern);
  return `${pattern.id}\n${pattern.title}\ncause ${pattern.signature.cause}, remedy ${pattern.remedy}, worked ${successes} of ${successes + failures} times\n${pattern.fix}\n`;
}

function statsText(found: KnowledgeStats): string {
  const counts = (record: Readonly<Record<string, number>>) =>
    Object.entries(record)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ') || 'none';
  const rankers = found.rankers.map(({ name, weight, quality }) => {
    const measured = quality === undefined ? 'not measured' : `finds its own passages ${(100 * quality).toFixed(0)} %`;
    return `  ${name.padEnd(16)} weight ${weight.toFixed(2)} (${measured})`;
  });
  return [
    `${found.documents} documents, ${found.sections} sections, ${found.stale} stale; ${found.bytes} bytes in ${found.segments} segments`,
    `kinds: ${counts(found.byKind)}`,
    `teams: ${counts(found.byTeam)}`,
    `sources: ${counts(found.bySource)}`,
    ...rankers,
    '',
  ].join('\n');
}
