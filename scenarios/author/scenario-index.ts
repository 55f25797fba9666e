import { existsSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { CAUSES } from '@tier0/core';
import { type ExpectedRootCause, listScenarios, readScenario, type Scenario } from '@tier0/eval';

/** One line of the index, and the groups of causes it stands under. */
interface Row {
  readonly groups: readonly string[];
  readonly line: string;
}

const CONTROLS = 'healthy';

/** The index of every scenario below `home`, by group of causes: what is wrong, where it stands, what is special. Markdown. Deterministic. */
export async function scenarioIndex(home: string): Promise<string> {
  const folders = listScenarios(home);
  const rows: Row[] = [];
  for (const folder of folders) rows.push(rowOf(await readScenario(folder), { folder, home }));
  const groups = [...Object.keys(CAUSES), CONTROLS].filter((group) => rows.some((row) => row.groups.includes(group)));
  const sections = groups.flatMap((group) => [
    `## ${group}`,
    '',
    '| scenario | what happened | causes | kinds | special |',
    '|---|---|---|---|---|',
    ...rows.filter((row) => row.groups.includes(group)).map(({ line }) => line),
    '',
  ]);
  const intro = [
    '# Index of the scenarios',
    '',
    `Made by \`node --conditions=tier0-source scenarios/author/write-index.ts\` from what each folder says of itself: ${folders.length} scenarios, of which`,
    `${rows.filter((row) => row.groups.includes(CONTROLS)).length} are healthy. One with causes of several groups stands under each of them.`,
    '',
  ];
  return `${[...intro, ...sections].join('\n').trimEnd()}\n`;
}

function rowOf(scenario: Scenario, { folder, home }: { readonly folder: string; readonly home: string }): Row {
  const { expected, meta } = scenario;
  const path = relative(home, folder).replaceAll('\\', '/');
  const causes = [...new Set(expected.rootCauses.map(({ cause }) => cause))];
  const kinds = [...new Set(expected.rootCauses.map(({ subject }) => subject.kind))];
  const cells = [
    `[${basename(folder)}](${path})`,
    meta.title,
    causes.join(', '),
    kinds.join(', '),
    specialsOf(scenario, folder).join(', '),
  ];
  const groups = causes.map(groupOf);
  return { groups: expected.healthy ? [CONTROLS] : [...new Set(groups)], line: `| ${cells.map(cell).join(' | ')} |` };
}

function groupOf(cause: ExpectedRootCause['cause']): string {
  return Object.entries(CAUSES).find(([, causes]) => (causes as readonly string[]).includes(cause))?.[0] ?? 'unknown';
}

function specialsOf({ objects, logs, expected }: Scenario, folder: string): readonly string[] {
  const count = expected.rootCauses.length;
  const innocents = expected.forbidden?.length ?? 0;
  return [
    ...(existsSync(join(folder, 'repo')) ? ['played live'] : []),
    ...(count > 1 ? [`${count} faults at once`] : []),
    ...(innocents > 0 ? [innocents === 1 ? 'an innocent that tempts' : `${innocents} innocents that tempt`] : []),
    ...(logs.size > 0 ? ['logs'] : []),
    ...(objects.some(({ kind }) => kind === 'Event') ? [] : ['no events']),
  ];
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
