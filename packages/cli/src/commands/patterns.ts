import { join, resolve } from 'node:path';
import { createFilePatternLibrary, SEED_PATTERNS } from '@tier0/agents';
import { type IngestReport, ingest, type KnowledgeAnswer, type KnowledgeStats, openKnowledgeBase } from '@tier0/agents/patterns';
import { type CallContext, type Pattern, Tier0Error, trackRecord } from '@tier0/core';
import { readShadow } from '../duty/shadow.ts';
import type { Environment } from '../environment.ts';
import { PROGRAM } from '../program-name.ts';
import { EMBEDDING_OPTIONS, embeddingFromOptions } from '../world/embedder-from-options.ts';
import { stateFolder } from '../world/state-folder.ts';
import { type Command, parseOptions } from './command.ts';
import { didYouMean } from './did-you-mean.ts';
import { exportPatterns, importPatterns } from './patterns-bundle.ts';
import { lessonFrom } from './patterns-learn.ts';
import { shadowText } from './patterns-shadow.ts';

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
  forge: { type: 'string' },
  'forge-project': { type: 'string' },
  'forge-url': { type: 'string' },
  names: { type: 'string' },
  key: { type: 'string' },
  trust: { type: 'string', multiple: true },
  'max-bytes': { type: 'string' },
  ...EMBEDDING_OPTIONS,
  output: { type: 'string', short: 'o', default: 'text' },
} as const;

/** `tier0 patterns ingest DIR | search TEXT | show ID | stats | learn PULL_REQUEST | export FILE | import FILE | shadow`. */
export const patterns: Command = {
  name: 'patterns',
  usage: `Usage: ${PROGRAM} patterns ingest DIR [--source NAME] [--revision COMMIT] [--licence LINE] [--max-bytes N]
       ${PROGRAM} patterns search TEXT [--kind KIND] [--team TEAM] [--limit N]
       ${PROGRAM} patterns show ID
       ${PROGRAM} patterns stats
       ${PROGRAM} patterns learn PULL_REQUEST [--repository DIR] [--forge KIND --forge-project NAME] [--cause CAUSE] [--resolved yes|no]
       ${PROGRAM} patterns export FILE --names FILE [--key FILE]
       ${PROGRAM} patterns import FILE --trust PUBLIC_KEY_FILE
       ${PROGRAM} patterns shadow

Reads Markdown, YAML, JSON and plain text into the knowledge base of a run (--out DIR, default: out) and searches it: nothing is downloaded, no
key is needed, no text leaves this machine. A second ingest reads what changed and follows what was deleted. With --revision a commit of a Git
repository is read instead of the files that lie in the folder. Answers cite document and lines. What a document says is never an instruction.

"learn" founds a pattern on a person's merged fix: what was wrong, the fields it changed, and whether the symptom went (--resolved; a fix that was
taken back has failed). It reads the clone in DIR; with --forge the pull request is asked of the forge (token: TIER0_FORGE_TOKEN).
"export" writes what was learned for another organisation, signed and without the names in --names (one a line); "import" takes in what a trusted
key has signed, without its track record. "shadow" shows which changes on duty would have been approved without a person, beside what people did.

  --kind         runbook, incident, post-mortem, policy, deployment-pattern or note
  --embedder     one ranker more: openai:MODEL, ollama:MODEL, google:MODEL (texts go there; key: TIER0_EMBEDDER_API_KEY) or local
  --embedder-url address of the embedding API, where it is not the usual one
  --vectors      where its vectors are kept: flat (default), usearch (from about 20,000 sections), vectra, qdrant or pgvector
  --vectors-url  server of qdrant or pgvector (key of qdrant: TIER0_VECTORS_API_KEY);  --vectors-name  its collection or table
  --key          Ed25519 key that signs (default: a key of the state folder, made when there is none; its public part stands in bundle.pub)
  --output       text or json

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
  readonly forge?: string | undefined;
  readonly 'forge-project'?: string | undefined;
  readonly 'forge-url'?: string | undefined;
  readonly names?: string | undefined;
  readonly key?: string | undefined;
  readonly trust?: readonly string[] | undefined;
  readonly 'max-bytes'?: string | undefined;
  readonly embedder?: string | undefined;
  readonly 'embedder-url'?: string | undefined;
  readonly vectors?: string | undefined;
  readonly 'vectors-url'?: string | undefined;
  readonly 'vectors-name': string;
  readonly output: string;
}

interface Call {
  readonly values: Values;
  readonly words: readonly string[];
  readonly environment: Environment;
  readonly context: CallContext;
}

const VERBS: Readonly<Record<string, (call: Call) => Promise<number>>> = {
  ingest: ingestFolder,
  search,
  show,
  stats,
  learn,
  export: exportBundleFile,
  import: importBundleFile,
  shadow,
};

async function ingestFolder(call: Call): Promise<number> {
  const { source, revision, licence, 'max-bytes': most } = call.values;
  const maxBytes = most === undefined ? undefined : wholeNumber('--max-bytes', most);
  const base = await openBase(call);
  const directory = only(call, 'Which folder is to be read?');
  const report = await ingest(base, { directory, source, revision, licence, maxBytes }, call.context);
  await base.fit(call.context);
  say(call, report, ingestText(report));
  return report.problems.length > 0 ? 1 : 0;
}

async function search(call: Call): Promise<number> {
  const { kind, team, limit } = call.values;
  const text = call.words.join(' ');
  if (text === '') throw missing('What is to be searched for?');
  const base = await openBase(call);
  const count = wholeNumber('--limit', limit);
  const answers = await base.search({ text, kind: toKind(kind), team, limit: count }, call.context);
  say(call, answers, answers.map(answerText).join('\n') || 'Nothing was found.\n');
  return answers.length > 0 ? 0 : 1;
}

async function show(call: Call): Promise<number> {
  const id = only(call, 'Which document or pattern?').replace(/#L\d+-L\d+$/, '');
  const pattern = await libraryOf(call).get(id, call.context);
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
  const { values, environment, context } = call;
  const { resolved } = values;
  if (resolved !== undefined && resolved !== 'yes' && resolved !== 'no') throw missing(`--resolved wants yes or no, not "${resolved}".`);
  const pullRequest = only(call, 'Which pull request?');
  const token = environment.variables.TIER0_FORGE_TOKEN;
  const lesson = await lessonFrom({ ...values, resolved, pullRequest, token }, context);
  await libraryOf(call).add?.(lesson.pattern, context);
  say(call, lesson, `${patternText(lesson.pattern)}${lesson.outcome}\n`);
  return 0;
}

async function exportBundleFile(call: Call): Promise<number> {
  const { key, names, out } = call.values;
  const file = only(call, 'Which file is to be written?');
  const written = await exportPatterns(libraryOf(call), { file, key, names, folder: stateFolder(out).directory }, call.context);
  say(call, written, `${written.patterns} patterns written to ${file}, signed by the key whose public part is ${written.publicKey}\n`);
  return 0;
}

async function importBundleFile(call: Call): Promise<number> {
  const file = only(call, 'Which bundle?');
  const taken = await importPatterns(libraryOf(call), { file, trust: call.values.trust ?? [] }, call.context);
  const lines = taken.map(({ pattern, isNew, elsewhere }) => {
    const record = `worked ${elsewhere.successes} of ${elsewhere.successes + elsewhere.failures} times there, not yet here`;
    return `${pattern.id}  ${pattern.title}  (${isNew ? record : 'known already'})\n`;
  });
  say(call, taken, lines.join('') || 'The bundle holds no pattern.\n');
  return 0;
}

async function shadow(call: Call): Promise<number> {
  const report = await readShadow(stateFolder(call.values.out).shadow);
  say(call, report, shadowText(report));
  return report.cases.length > 0 ? 0 : 1;
}

function libraryOf({ values }: Call) {
  return createFilePatternLibrary({ file: stateFolder(values.out).patterns, seed: SEED_PATTERNS });
}

function wholeNumber(option: string, text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 1) return number;
  throw missing(`${option} wants a whole number of at least 1, not "${text}".`);
}

function openBase({ values, environment }: Call) {
  const folder = join(resolve(values.out), 'state', 'knowledge');
  return openKnowledgeBase({ folder, ...embeddingFromOptions(values, { folder, variables: environment.variables }) });
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
    ...(found.vectors ? [`vectors: ${found.vectors.count} sections in ${found.vectors.index}`] : []),
    '',
  ].join('\n');
}
