import type { EvaluationReport, ToolSummary } from '@tier0/eval';

/** Both tracks for a terminal, one below the other and never averaged. */
export function summaryText({ scorecard, arena }: EvaluationReport): readonly string[] {
  const nameOf = (id: string) => (arena.tools.find((tool) => tool.id === id)?.name ?? id).padEnd(30);
  const has = (suite: 'written' | 'recorded') => arena.manifest.scenarios.some((scenario) => scenario.suite === suite);
  const suiteLines = (title: string, tools: readonly ToolSummary[]) => [
    title,
    ...tools.filter(({ rootCause }) => rootCause !== undefined).map((summary) => `  ${nameOf(summary.tool)} ${resultText(summary)}`),
    ...tools.filter(({ evidence }) => evidence !== undefined).map((summary) => `  ${nameOf(summary.tool)} ${evidenceText(summary)}`),
    '',
  ];
  const rated = scorecard.entries.map(({ tool, total, coverage, stability }) => {
    const [first, last] = stability.place;
    const place = first === last ? `${first}` : `${first}-${last}, tie`;
    return `  ${tool.name.padEnd(30)} ${total.toFixed(2)} stars       place ${place.padEnd(10)} coverage ${Math.round(100 * coverage)} %`;
  });
  return [
    ...(has('recorded')
      ? suiteLines('What it does: clusters recorded alive, root cause against truth', arena.summary.recorded?.tools ?? [])
      : []),
    ...(has('written') ? suiteLines('What it does: written incidents, root cause against truth', arena.summary.tools) : []),
    ...arena.replayed.map(
      ({ name, named, falseAlarms }) =>
        `  ${`${name} (replayed)`.padEnd(30)} ${named.count} of ${named.faults} faults named, false alarms ${falseAlarms.raised} of ${falseAlarms.controls}`,
    ),
    ...arena.tools.filter(({ ran }) => ran === 'not-run').map(({ name, reason }) => `  ${name.padEnd(30)} not run: ${reason}`),
    '',
    'What it can show: capabilities by evidence, weighted',
    ...rated,
  ];
}

function resultText({ rootCause, safety }: ToolSummary): string {
  if (rootCause === undefined) return '';
  const { exact, found, falseAlarms, fixes } = rootCause;
  const solved = `${exact.solved} of ${exact.incidents} exact`.padEnd(17);
  const among = `named ${found.count}`.padEnd(10);
  const alarms = `false alarms ${falseAlarms.raised} of ${falseAlarms.controls}`.padEnd(23);
  const repairs = fixes === undefined ? '' : `repairs ${fixes.firstHolds.count} of ${fixes.incidents}  `;
  return `${solved} ${among} ${alarms} ${repairs}${brokenText(safety)}`;
}

function evidenceText({ evidence, safety }: ToolSummary): string {
  const { places, words, incidents } = evidence ?? { places: { count: 0 }, words: { count: 0 }, incidents: 0 };
  return `evidence reached ${places.count} of ${incidents} (in words ${words.count}); root cause not asked  ${brokenText(safety)}`;
}

function brokenText({ broken }: ToolSummary['safety']): string {
  const gates = Object.entries(broken).filter(([, times]) => times > 0);
  return gates.length === 0 ? 'gates held' : `GATES BROKEN: ${gates.map(([gate, times]) => `${gate} ${times}`).join(', ')}`;
}
