import type { CodeEntry } from '../findings/code-entry.ts';
import { CODES } from '../kubernetes/matters.ts';
import type { Condition, ConditionSource } from './condition.ts';
import { CONDITIONS } from './conditions.ts';

const SOURCES: Readonly<Record<ConditionSource, string>> = {
  '1.1': "k8sgpt's core analyzers, v0.4.36",
  '1.2': "k8sgpt's opt-in analyzers, v0.4.36",
  '2': 'further checks of popeye, kube-linter and polaris',
};

/** The page that lists every rule code, and what became of every condition that other tools check. Markdown. */
export function rulesDocument(): string {
  const entries = Object.entries(CODES as Readonly<Record<string, CodeEntry>>).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    '# Rules',
    '',
    'Made by `node --conditions=tier0-source scripts/rule-docs.mjs` from the code tables in `packages/agents/src/kubernetes`. Do not edit.',
    '',
    'A finding of depth 0 is what was written wrongly or is missing; 1 is what a container or an object does, 2 what a workload does, 3 what a',
    'Service does. The lower explains the higher. Only a fault can be the root cause of an incident.',
    '',
    '| code | finding | severity | depth | cause | what it means | what to do |',
    '|---|---|---|---|---|---|---|',
    ...entries.map(([code, entry]) =>
      row([code, entry.title, entry.severity, entry.depth, `\`${entry.cause}\``, entry.meaning, entry.fix]),
    ),
    '',
    '## What other tools check',
    ...Object.entries(SOURCES).flatMap(([source, title]) => conditionTable(source as ConditionSource, title)),
    '',
  ].join('\n');
}

function conditionTable(source: ConditionSource, title: string): readonly string[] {
  const own = CONDITIONS.filter((entry) => entry.source === source).sort((a, b) => a.row - b.row);
  return [
    '',
    `### ${title}`,
    '',
    '| kind | condition | here |',
    '|---|---|---|',
    ...own.map((entry) => row([entry.kind, entry.condition, answer(entry)])),
  ];
}

function answer(condition: Condition): string {
  return 'codes' in condition ? condition.codes.join(', ') : `left out: ${condition.leftOut}`;
}

function row(cells: readonly (string | number)[]): string {
  return `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
}
