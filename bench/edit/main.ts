import { isDeepStrictEqual } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { percentile, spreadOf, timed } from '../frame/measure.ts';
import { readOptions } from '../frame/options.ts';
import { publish, type Ratio, type Row, toRecord } from '../frame/record.ts';
import { isSameRoad, type Judgement, judge, read } from './check.ts';
import { generateSites } from './generated-sites.ts';
import { readWithGo } from './go-reader.ts';
import { createSecondReader, type SecondReader } from './second-reader.ts';
import { readSites, type Site } from './site.ts';
import { readBack, type TypedText, typedTexts, typeIn } from './typed-texts.ts';
import { createWriters, refusals, type Writer } from './writers.ts';

const options = readOptions(['documents', 'seed', 'rounds', 'texts', 'part']);
const seed = options.count('seed', 1);
const rows: Row[] = [];
const ratios: Ratio[] = [];
const notes: string[] = [];

const reader = await createSecondReader();
const writers = await createWriters();
const tier0 = writers.tier0 as Writer;
if (options.value('part') === 'texts') {
  onTypedTexts(options.count('texts', 10_000));
  publish(toRecord('edit', { rows, ratios, notes, peers: ['js-yaml'] }), options.json);
  process.exit(0);
}
if (options.data === undefined)
  notes.push('Without --data DIR only generated documents are edited; the layout of DIR is that of the manifests data.');
else await onData(readSites(options.data));
onGenerated(options.count('documents', 100_000));
onTypedTexts(options.count('texts', 10_000));
publish(toRecord('edit', { rows, ratios, notes, peers: ['js-yaml'] }), options.json);

/** Every writer on every site of the data, and tier0's time beside that of two parses. */
async function onData(sites: readonly Site[]): Promise<void> {
  for (const [name, write] of Object.entries(writers)) {
    const tally = createTally();
    for (const site of sites) tally.add(site, ...attempt(write, site, reader));
    report(`data`, name, tally);
  }
  await timeSites(sites);
}

function onGenerated(count: number): void {
  const tally = createTally();
  let dropped = 0;
  for (const site of generateSites(seed, count, () => dropped++)) tally.add(site, ...attempt(tier0, site, reader));
  report(`generated`, 'tier0', tally);
  notes.push(`Generated with seed ${seed}; ${dropped} more texts were dropped because they were no YAML or not what was meant.`);
}

/** Texts as people type them, each read back by YAML 1.2, by YAML 1.1 and by the reader of kubectl and Helm. */
function onTypedTexts(count: number): void {
  const texts = [...typedTexts(seed, count)];
  const results = texts.map((typed) => typeIn(typed));
  const written = texts.flatMap((typed, index) => {
    const result = results[index];
    return result && 'text' in result ? [{ typed, text: result.text }] : [];
  });
  const row = (measure: string, value: number) =>
    rows.push({ measure: `typed texts: ${measure}`, subject: 'tier0', unit: 'texts', ...spreadOf([value]), n: texts.length });
  const go = readWithGo(written.flatMap(({ typed, text }) => [typed.source, text]));
  if (!go) notes.push("Go is not here or could not build bench/edit/go-reader: kubectl's own reader was not asked.");
  const readers: Record<string, (text: string, place: number) => Reading> = {
    'YAML 1.2': (text) => read(text, '1.2'),
    'YAML 1.1': (text) => read(text, '1.1'),
    'go-yaml': (_, place) => go?.[place],
  };
  row('written', written.length);
  row('refused', texts.length - written.length);
  const meant = texts.filter((typed, index) => typed.meant !== undefined && !('text' in (results[index] ?? {})));
  row('refused, though a value is meant', meant.length);
  for (const [name, reader] of Object.entries(readers)) {
    const readings = written.flatMap(({ typed, text }, index) => {
      const before = reader(typed.source, 2 * index);
      const after = reader(text, 2 * index + 1);
      // A key `yes` is no text to a YAML 1.1 reader: there is no road to the field in the first place.
      const isRoad = before && isSameRoad(before[typed.document], read(typed.source, '1.2')?.[typed.document], typed.path);
      return isRoad && after ? [{ typed, back: readBack(after, typed)?.value }] : [];
    });
    const other = readings.filter(({ typed, back }) => !isSameToPeople(back, typed));
    row(`read by ${name}`, readings.length);
    row(`another value or type to ${name}`, other.length);
    notes.push(
      ...other.slice(0, 8).map(({ typed, back }) => `${name}: ${JSON.stringify(typed.text)} as ${typed.as} -> ${JSON.stringify(back)}`),
    );
  }
}

type Reading = readonly unknown[] | null | undefined;

function isSameToPeople(found: unknown, { meant }: TypedText): boolean {
  return isDeepStrictEqual(found, meant) || (Object.is(found, 0) && Object.is(meant, -0));
}

type Attempt = readonly [Judgement, string | undefined];

function attempt(write: Writer, site: Site, second: SecondReader): Attempt {
  refusals.delete('last');
  let result: string | undefined;
  try {
    result = write(site);
  } catch (error) {
    return [judge(site, undefined, second), `it threw: ${error instanceof Error ? error.message.split('\n')[0] : error}`];
  }
  return [judge(site, result, second), result === undefined ? refusals.get('last') : undefined];
}

interface Tally {
  readonly verdicts: Map<string, number>;
  readonly second: Map<string, number>;
  readonly reasons: Map<string, number>;
  readonly failures: string[];
  sites: number;
  collateralLines: number;
  add(site: Site, judgement: Judgement, reason: string | undefined): void;
}

function createTally(): Tally {
  const raise = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1);
  return {
    verdicts: new Map(),
    second: new Map(),
    reasons: new Map(),
    failures: [],
    sites: 0,
    collateralLines: 0,
    add(site, judgement, reason) {
      this.sites++;
      this.collateralLines += judgement.collateralLines;
      raise(this.verdicts, judgement.verdict);
      if (judgement.verdict !== 'refused') raise(this.second, judgement.second);
      if (reason) raise(this.reasons, kindOf(reason));
      if (judgement.verdict === 'dirty' || judgement.verdict === 'wrong') this.failures.push(`${judgement.verdict} ${site.id}`);
    },
  };
}

/** A reason without the names in it. */
function kindOf(reason: string): string {
  return reason
    .replace(/^(?:\[[^\]]*\]|[^:[\]]|"[^"]*")*: /, '')
    .replace(/; the document repeats.*/, '; the document repeats anchors by alias')
    .replace(/"[^"]*"|\*\w+|line \d+, column \d+|\d+/g, '_');
}

function report(over: string, subject: string, tally: Tally): void {
  const share = (count: number) => (100 * count) / tally.sites;
  const row = (measure: string, value: number, unit: string) =>
    rows.push({ measure: `${over}: ${measure}`, subject, unit, ...spreadOf([value]), n: tally.sites });
  for (const verdict of ['clean', 'dirty', 'wrong', 'refused']) row(verdict, tally.verdicts.get(verdict) ?? 0, 'edits');
  row('refused', share(tally.verdicts.get('refused') ?? 0), '%');
  row('collateral lines', tally.collateralLines, 'lines');
  row('second parser agrees', tally.second.get('agrees') ?? 0, 'edits');
  row('second parser cannot read the source', tally.second.get('skipped') ?? 0, 'edits');
  if (subject !== 'tier0') return;
  if (tally.failures.length > 0) notes.push(`tier0, ${over}: ${tally.failures.slice(0, 20).join(', ')}`);
  const reasons = [...tally.reasons].sort((a, b) => b[1] - a[1]).slice(0, 12);
  if (reasons.length > 0) notes.push(`tier0 refused, ${over}:`, ...reasons.map(([reason, count]) => `  ${count} x ${reason}`));
}

/** Site by site, in turn: two bare parses of the file, and the whole edit. The median over the sites of the ratio of their medians. */
async function timeSites(sites: readonly Site[]): Promise<void> {
  const rounds = options.count('rounds', 7);
  const parse = (site: Site) => parseAllDocuments(site.source, { merge: true, uniqueKeys: false, logLevel: 'silent' });
  const subjects = {
    'two parses': (site: Site) => {
      parse(site);
      parse(site);
    },
    ...writers,
  };
  const times = new Map<string, number[][]>(Object.keys(subjects).map((name) => [name, sites.map(() => [])]));
  for (let round = -1; round < rounds; round++) {
    for (const [index, site] of sites.entries()) {
      for (const [name, call] of Object.entries(subjects)) {
        const { wallMs } = await timed(() => quietly(() => call(site)));
        if (round >= 0) times.get(name)?.[index]?.push(wallMs);
      }
    }
  }
  const medians = new Map([...times].map(([name, perSite]) => [name, perSite.map((values) => spreadOf(values).median)]));
  const parses = medians.get('two parses') as number[];
  for (const [name, values] of medians) {
    rows.push({ measure: 'data: time of one edit', subject: name, unit: 'ms', ...spreadOf(values) });
    if (name === 'two parses') continue;
    const relative = values.map((value, index) => value / (parses[index] as number)).sort((a, b) => a - b);
    const target = name === 'tier0' ? { target: '<= 1.2' } : {};
    ratios.push({ measure: `time of ${name}, p50`, peer: 'two parses', ratio: percentile(relative, 0.5), better: 'lower', ...target });
    ratios.push({ measure: `time of ${name}, p99`, peer: 'two parses', ratio: percentile(relative, 0.99), better: 'lower' });
  }
}

function quietly(call: () => unknown): void {
  try {
    call();
  } catch {
    // A writer that cannot do a site is counted elsewhere; here only its time counts.
  }
}
