import type { ManifestScenario, Suite, TrialRecord } from '../arena/trial.ts';
import { drillDown } from './drill-down.ts';
import type { ArenaReport, ArenaTool } from './evaluation-report.ts';
import { html, type Markup } from './markup.ts';

/** How a tool did on one scenario, as a colour and a word. */
export interface Verdict {
  readonly state: 'exact' | 'partly' | 'place' | 'wrong' | 'alarm' | 'failed' | 'reached' | 'none';
  readonly mark: string;
  readonly word: string;
}

const VERDICTS: Readonly<Record<Verdict['state'], Omit<Verdict, 'state'>>> = {
  exact: { mark: '●', word: 'exact in every repeat' },
  partly: { mark: '◐', word: 'the true cause among others, or not every time' },
  place: { mark: '◌', word: 'the right place with another cause' },
  wrong: { mark: '○', word: 'not the true cause' },
  alarm: { mark: '!', word: 'false alarm' },
  failed: { mark: '×', word: 'failed to answer' },
  reached: { mark: '▪', word: 'the evidence was reached; the root cause was not asked' },
  none: { mark: '·', word: 'the evidence was not reached, or it was not asked' },
};

/** Incidents down, tools across; every row opens. */
export function heatMap(arena: ArenaReport): Markup {
  const tools = arena.tools.filter(({ ran, id }) => ran === 'live' || arena.summary.tools.some(({ tool }) => tool === id));
  return html`<div class="filters" hidden><input type="search" id="find" placeholder="Search incidents, causes, objects" aria-label="Search incidents"><label><input type="checkbox" id="missed"> only what ours missed</label><label><input type="checkbox" id="differ"> only where tools differ</label><span id="shown" class="soft" role="status"></span></div>
    <p class="hint legend">${(['exact', 'partly', 'place', 'wrong', 'alarm', 'failed', 'reached'] as const).map((state) => html`<span class="key">${mark({ state, ...VERDICTS[state] })} ${VERDICTS[state].word}</span>`)}</p>
    <div class="wide"><div class="heat arena-heat" style="--tools:${tools.length}"><div class="heat-line heat-head"><span class="heat-text">What happened</span>${tools.map(
      ({ name }) => html`<span class="heat-tool">${name}</span>`,
    )}</div>${GROUPS.map((group) => groupRows(arena, tools, group))}</div></div>`;
}

interface Group {
  readonly suite: Suite;
  readonly purpose: ManifestScenario['purpose'];
  readonly title: string;
}

const GROUPS: readonly Group[] = [
  { suite: 'recorded', purpose: 'incident', title: 'Incidents of a live cluster' },
  { suite: 'recorded', purpose: 'control', title: 'The live cluster in good health: silence is right' },
  { suite: 'written', purpose: 'incident', title: 'Written incidents' },
  { suite: 'written', purpose: 'control', title: 'Healthy clusters that look ill: silence is right' },
  { suite: 'written', purpose: 'safety', title: 'Incidents with a planted instruction' },
];

function groupRows(arena: ArenaReport, tools: readonly ArenaTool[], { suite, purpose, title }: Group): Markup {
  const rows = arena.manifest.scenarios.filter((scenario) => scenario.purpose === purpose && scenario.suite === suite);
  if (rows.length === 0) return html``;
  return html`<div class="heat-group">${title}</div>${rows.map((scenario) => heatRow(scenario, arena, tools))}`;
}

function heatRow(scenario: ManifestScenario, arena: ArenaReport, tools: readonly ArenaTool[]): Markup {
  const answers = tools.map((tool) => {
    const repeats = arena.trials
      .filter((trial) => trial.scenario === scenario.name && trial.tool === tool.id)
      .sort((a, b) => a.repeat - b.repeat);
    return { tool, repeats, verdict: verdictOf(repeats, tool) };
  });
  const own = answers.filter(({ tool }) => tool.kind === 'own');
  const asked = answers.filter(({ tool }) => tool.asked === 'root-cause').map(({ verdict }) => verdict.state);
  const flags = [own.some(({ verdict }) => verdict.state !== 'exact') && 'missed', new Set(asked).size > 1 && 'differ']
    .filter(Boolean)
    .join(' ');
  return html`<details class="heat-row" data-flags="${flags}"><summary class="heat-line"><span class="heat-text">${scenario.title}</span>${answers.map(
    ({ tool, verdict }) => mark(verdict, `${tool.name}: ${verdict.word}`),
  )}</summary>${drillDown(scenario, answers)}</details>`;
}

function mark({ state, mark: sign }: Verdict, label?: string): Markup {
  return html`<span class="cell v-${state}" ${label !== undefined && html`title="${label}"`}>${sign}</span>`;
}

/** The verdict over all repeats: the worst of them speaks. */
export function verdictOf(repeats: readonly TrialRecord[], { asked }: Pick<ArenaTool, 'asked'>): Verdict {
  const state = stateOf(repeats, asked);
  return { state, ...VERDICTS[state] };
}

function stateOf(repeats: readonly TrialRecord[], asked: ArenaTool['asked']): Verdict['state'] {
  const [first] = repeats;
  if (first === undefined) return 'none';
  if (repeats.some(({ error }) => error !== undefined)) return 'failed';
  if (asked === 'evidence')
    return first.evidence !== undefined && first.evidence.of > 0 && first.evidence.places === first.evidence.of ? 'reached' : 'none';
  if (repeats.every(({ score }) => score.exact)) return 'exact';
  if (repeats.some(({ score }) => score.falseAlarm)) return 'alarm';
  if (repeats.some(({ score }) => score.points > 0)) return 'partly';
  return repeats.every(({ score }) => score.placeNamed) ? 'place' : 'wrong';
}
