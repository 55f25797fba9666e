import type { RootCauseSummary, SuiteSummary, ToolSummary } from '../arena/summarize-trials.ts';
import { SAFETY_GATES, type Suite } from '../arena/trial.ts';
import { comparisonText, SUITE_TEXTS, sizeText, suitesOf } from './arena-section.ts';
import type { ArenaReport, EvaluationReport, ScorecardEntry, ScorecardReport } from './evaluation-report.ts';
import { numberText, percentText, placeText } from './number-text.ts';
import { leadText } from './page.ts';
import { gatesText } from './safety-table.ts';
import { stackText } from './scorecard-extras.ts';

/** The report as Markdown, for a pull request or a terminal. */
export function evaluationMarkdown(report: EvaluationReport): string {
  const { scorecard, arena } = report;
  const blocks = [
    '# Operations tools, compared',
    leadText(report),
    `> ${report.disclosure}`,
    '## Track A: what the tools cover',
    'Stars from 1 to 5; in brackets the share of cells that rest on code or a measurement. Shared places are ties.',
    table(
      ['tool', 'place', 'weighted', ...scorecard.criteria.map(({ name, weight }) => `${name} ${percentText(weight)}`)],
      scorecard.entries.map(scorecardRow),
    ),
    '### How firm is the order',
    'Share of weight draws in which a tool took each rank, and its rank without one criterion.',
    sensitivityTable(scorecard),
    '### What to put together',
    scorecard.stack.stacks.map((stack) => `- ${cellText(stackText(stack, scorecard.stack.needs))}`).join('\n'),
    '## Track B: what the tools found',
    ...suitesOf(arena).flatMap(({ suite, summary }) => suiteBlocks(arena, suite, summary)),
    replayedTable(arena),
    judgedText(arena),
    gateText(arena),
    notRunText(report),
    '## How it was measured',
    report.method.map((rule) => `- ${rule}`).join('\n'),
    '## What these numbers cannot say',
    report.limits.map((limit) => `- ${limit}`).join('\n'),
    `Run of ${arena.manifest.startedAt}, seed ${arena.manifest.seed}, ${arena.manifest.repeats} repeats; log SHA-256 ${arena.logDigest}.`,
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function suiteBlocks(arena: ArenaReport, suite: Suite, summary: SuiteSummary): readonly string[] {
  const { title, text } = SUITE_TEXTS[suite];
  return [
    `### ${title}`,
    `${sizeText(arena.manifest.scenarios.filter((scenario) => scenario.suite === suite))} ${text}`,
    rootCauseTable(arena, summary),
    evidenceTable(arena, summary),
    summary.comparisons.map((pair) => `- ${cellText(comparisonText(pair, arena, suite))}`).join('\n'),
  ];
}

function scorecardRow({ tool, own, staleDays, stability, total, coverage, criteria }: ScorecardEntry): readonly string[] {
  const marks = [own ? 'ours' : '', staleDays === undefined ? '' : `snapshot ${staleDays} days old`].filter(Boolean).join(', ');
  const [first, last] = stability.place;
  return [
    `${tool.name} ${tool.version}${marks === '' ? '' : ` (${marks})`}`,
    `${placeText(stability.place)}${first === last ? '' : ' tie'}`,
    `${numberText(total, 2)} (${percentText(coverage)})`,
    ...criteria.map((score) => `${numberText(score.stars, 1)} (${percentText(score.coverage)})`),
  ];
}

function sensitivityTable({ entries, criteria }: ScorecardReport): string {
  const head = ['tool', ...entries.map((_, rank) => `rank ${rank + 1}`), ...criteria.map(({ name }) => `without ${name}`)];
  const rows = entries.map(({ tool, stability }) => [
    tool.name,
    ...stability.rankProbabilities.map((share) => percentText(share)),
    ...criteria.map(({ id }) => String(stability.rankWithout[id] ?? '–')),
  ]);
  return table(head, rows);
}

function nameIn({ tools }: ArenaReport, id: string): string {
  const tool = tools.find((one) => one.id === id);
  return tool === undefined ? id : `${tool.name} ${tool.version}`;
}

function rootCauseTable(arena: ArenaReport, suite: SuiteSummary): string {
  const rows = suite.tools.flatMap((summary) => (summary.rootCause ? [rootCauseRow(arena, summary, summary.rootCause)] : []));
  const head = [
    'tool',
    'exact every time',
    'true cause among what it said',
    'points',
    'false alarms',
    'repair holds',
    'place named',
    'shown per cause',
    'gates',
    'API reads',
    'median ms',
  ];
  return rows.length === 0 ? '' : table(head, rows);
}

function rootCauseRow(arena: ArenaReport, summary: ToolSummary, cause: RootCauseSummary): readonly string[] {
  const { exact, points, falseAlarms, fixes } = cause;
  return [
    nameIn(arena, summary.tool),
    `${exact.solved}/${exact.incidents} (${percentText(exact.rate.low)} to ${percentText(exact.rate.high)})`,
    `${cause.found.count}/${exact.incidents}`,
    `${numberText(points.estimate, 2)} (${numberText(points.low, 2)} to ${numberText(points.high, 2)})`,
    `${falseAlarms.raised}/${falseAlarms.controls}`,
    fixes ? `${fixes.firstHolds.count}/${fixes.incidents}` : 'proposes none',
    `${cause.placeNamed}/${exact.incidents}`,
    numberText(cause.findingsPerRootCause, 1),
    gatesOf(summary),
    numberText(summary.requests.reads, 0),
    numberText(summary.wallMs, 0),
  ];
}

function gatesOf({ safety }: ToolSummary): string {
  const broken = SAFETY_GATES.filter((gate) => safety.broken[gate] > 0);
  return broken.length === 0 ? 'held' : broken.map((gate) => `${gate} ${safety.broken[gate]}`).join(', ');
}

function evidenceTable(arena: ArenaReport, suite: SuiteSummary): string {
  const rows = suite.tools.flatMap((summary) => {
    const { evidence } = summary;
    if (evidence === undefined) return [];
    const { places, words, incidents, characters } = evidence;
    return [
      [
        nameIn(arena, summary.tool),
        `${places.count}/${incidents}`,
        `${words.count}/${incidents}`,
        'not asked',
        numberText(characters, 0),
        gatesOf(summary),
      ],
    ];
  });
  if (rows.length === 0) return '';
  return table(
    ['set of tools without a model', 'true object reached', 'cause in words', 'root cause', 'characters to read', 'gates'],
    rows,
  );
}

function replayedTable(arena: ArenaReport): string {
  const { replayed } = arena;
  if (replayed.length === 0) return '';
  type Tallies = Pick<(typeof replayed)[number], 'named' | 'accusationsPerFault' | 'falseAlarms'>;
  const row = (name: string, { named, accusationsPerFault, falseAlarms }: Tallies, where: string) => [
    name,
    `${named.count}/${named.faults}`,
    numberText(accusationsPerFault, 1),
    `${falseAlarms.raised}/${falseAlarms.controls}`,
    where,
  ];
  const rows = replayed.flatMap((one) => [
    row(`${one.name} ${one.version}, replayed`, one, `${one.date}, ${one.machine}`),
    ...one.sameClusters.map((live) => row(`${nameIn(arena, live.tool)}, live on the same clusters`, live, 'this run')),
  ]);
  return table(['recorded answers', 'fault named', 'accusations per fault', 'false alarms', 'recorded'], rows);
}

function judgedText(arena: ArenaReport): string {
  const { judged } = arena;
  if (judged === undefined) return '';
  const rows = judged.tools.map(({ tool, mean, judged: count }) => [nameIn(arena, tool), numberText(mean, 2), String(count)]);
  return table([`prose, judged by ${judged.judge} (secondary)`, 'grade 0 to 1', 'explanations'], rows);
}

function gateText({ summary, tools }: ArenaReport): string {
  const broken = summary.tools.filter(({ tool }) => gatesText(summary, tool) !== 'held');
  if (broken.length === 0) return 'No tool broke a gate.';
  const told = broken.map(({ tool }) => `${tools.find(({ id }) => id === tool)?.name ?? tool} (${gatesText(summary, tool)})`);
  return `Gates were broken by ${cellText(told.join(', '))}.`;
}

function notRunText({ arena }: EvaluationReport): string {
  const absent = arena.tools.filter(({ ran }) => ran === 'not-run');
  if (absent.length === 0) return '';
  return ['Not run:', '', ...absent.map(({ name, reason, howToAdd }) => `- ${cellText(`${name}: ${reason} ${howToAdd}`)}`)].join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cellText).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}

/** Keeps a text from outside on its line and in its cell. */
function cellText(text: string): string {
  return text.replace(/[\r\n]+/g, ' ').replace(/[|<>`]/g, (character) => `\\${character}`);
}
