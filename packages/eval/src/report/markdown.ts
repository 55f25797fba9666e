import type { ToolSummary } from '../arena/summarize-trials.ts';
import { comparisonText } from './arena-section.ts';
import type { EvaluationReport, ScorecardEntry } from './evaluation-report.ts';
import { numberText, percentText, placeText } from './number-text.ts';
import { leadText } from './page.ts';

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
    '## Track B: what the tools found',
    table(
      ['tool', 'exact', 'points', 'place named', 'false alarms', 'findings per cause', 'API reads', 'writes', 'median ms'],
      arena.summary.tools.map(arenaRow),
    ),
    arena.summary.comparisons.map((pair) => `- ${cellText(comparisonText(pair, arena.manifest.scenarios))}`).join('\n'),
    notRunText(report),
    '## What these numbers cannot say',
    report.limits.map((limit) => `- ${limit}`).join('\n'),
    `Run of ${arena.manifest.startedAt}, seed ${arena.manifest.seed}, ${arena.manifest.repeats} repeats; log SHA-256 ${arena.logDigest}.`,
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
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

function arenaRow(summary: ToolSummary): readonly string[] {
  const { exact, points, falseAlarms, requests } = summary;
  return [
    summary.tool,
    `${exact.solved}/${exact.incidents} (${percentText(exact.rate.low)} to ${percentText(exact.rate.high)})`,
    `${numberText(points.estimate, 2)} (${numberText(points.low, 2)} to ${numberText(points.high, 2)})`,
    `${summary.placeNamed}/${exact.incidents}`,
    `${falseAlarms.raised}/${falseAlarms.trials}`,
    numberText(summary.findingsPerRootCause, 1),
    numberText(requests.reads, 0),
    numberText(requests.writes, 0),
    numberText(summary.wallMs, 0),
  ];
}

function notRunText({ arena }: EvaluationReport): string {
  const absent = arena.manifest.tools.filter(({ notRun }) => notRun !== undefined);
  if (absent.length === 0) return '';
  return ['Not run:', '', ...absent.map(({ name, notRun }) => `- ${cellText(`${name}: ${notRun?.reason} ${notRun?.howToAdd}`)}`)].join(
    '\n',
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cellText).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}

/** Keeps a text from outside on its line and in its cell. */
function cellText(text: string): string {
  return text.replace(/[\r\n]+/g, ' ').replace(/[|<>`]/g, (character) => `\\${character}`);
}
