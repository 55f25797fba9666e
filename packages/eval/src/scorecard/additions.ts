import { Tier0Error } from '@tier0/core';
import { type CheckedYaml, type FileProblem, firstProblem, readYaml } from '../yaml/checked-yaml.ts';
import { type CapabilityAdditions, CapabilityAdditionsSchema, WeightsFileSchema } from './addition-schema.ts';
import { type Capabilities, type CapabilityRow, type Cell, completeCell } from './capabilities.ts';
import { readCapabilities } from './read-capabilities.ts';

/** The scorecard with what a user adds in one file. Throws INVALID_INPUT with the line. */
export async function addCapabilities(capabilities: Capabilities, file: string): Promise<Capabilities> {
  const checked = await readYaml(file, CapabilityAdditionsSchema);
  const problems = problemsOf(checked, capabilities);
  if (problems.length > 0) throw firstProblem(problems);
  return merged(capabilities, checked.value);
}

/** What is wrong in an addition to the scorecard that ships with this package, beyond its form. */
export async function additionProblems(checked: CheckedYaml<CapabilityAdditions>): Promise<readonly FileProblem[]> {
  return problemsOf(checked, await readCapabilities());
}

function problemsOf(
  { value, problemAt }: CheckedYaml<CapabilityAdditions>,
  { tools, criteria, rows }: Capabilities,
): readonly FileProblem[] {
  const toolIds = new Set([...tools, ...value.tools].map(({ id }) => id));
  const criterionIds = new Set([...criteria, ...value.criteria].map(({ id }) => id));
  const rowIds = new Set([...rows, ...value.rows].map(({ id }) => id));
  const twice = (known: readonly { readonly id: string }[], added: readonly { readonly id: string }[], name: string) =>
    added.flatMap(({ id }, index) =>
      known.some((one) => one.id === id) || added.findIndex((one) => one.id === id) !== index
        ? [problemAt([name, index, 'id'], `"${id}" is there already`)]
        : [],
    );
  const rated = [
    ...value.rows.flatMap(({ cells }, index) =>
      Object.entries(cells).map(([tool, cell]) => ({ at: ['rows', index, 'cells', tool], tool, cell })),
    ),
    ...Object.entries(value.cells).flatMap(([row, cells]) =>
      Object.entries(cells).map(([tool, cell]) => ({ at: ['cells', row, tool], tool, cell })),
    ),
  ];
  return [
    ...twice(tools, value.tools, 'tools'),
    ...twice(criteria, value.criteria, 'criteria'),
    ...twice(rows, value.rows, 'rows'),
    ...value.rows.flatMap(({ criterion }, index) =>
      criterionIds.has(criterion)
        ? []
        : [problemAt(['rows', index, 'criterion'], `there is no criterion "${criterion}": ${[...criterionIds].join(', ')}`)],
    ),
    ...Object.keys(value.cells).flatMap((row) => (rowIds.has(row) ? [] : [problemAt(['cells', row], `there is no row "${row}"`)])),
    ...rated.flatMap(({ at, tool, cell }) => {
      if (!toolIds.has(tool)) return [problemAt(at, `there is no tool "${tool}": ${[...toolIds].join(', ')}`)];
      try {
        completeCell(cell, value.rated, at.join('.'));
        return [];
      } catch (error) {
        return [
          problemAt(
            at,
            error instanceof Tier0Error
              ? error.message.replace(/^The capability matrix cannot be used: [^:]*: /, '').replace(/\.$/, '')
              : String(error),
          ),
        ];
      }
    }),
  ];
}

function merged(capabilities: Capabilities, added: CapabilityAdditions): Capabilities {
  const { rated } = added;
  const tools = [...capabilities.tools, ...added.tools];
  const criteria = scaled([...capabilities.criteria, ...added.criteria]);
  const own = Object.entries(added.cells);
  const known = capabilities.rows.map((row): CapabilityRow => {
    const cells = own.find(([id]) => id === row.id)?.[1] ?? {};
    return { ...row, cells: { ...row.cells, ...completed(cells, rated, row.id) } };
  });
  const fresh = added.rows.map(({ cells, ...row }): CapabilityRow => ({ ...row, cells: completed(cells, rated, row.id) }));
  const rows = [...known, ...fresh].map((row) => ({
    ...row,
    cells: withUnknown(
      row.cells,
      tools.map(({ id }) => id),
      rated,
    ),
  }));
  return { ...capabilities, tools, criteria, rows };
}

function completed(cells: CapabilityAdditions['cells'][string], rated: CapabilityAdditions['rated'], row: string): Record<string, Cell> {
  return Object.fromEntries(Object.entries(cells).map(([tool, cell]) => [tool, completeCell(cell, rated, `${row}.${tool}`)]));
}

/** Nobody looked: that is no "no". */
function withUnknown(
  cells: Readonly<Record<string, Cell>>,
  tools: readonly string[],
  { date, rater }: CapabilityAdditions['rated'],
): Record<string, Cell> {
  const unknown: Cell = { value: 'unknown', basis: 'absence', evidence: [], note: 'not rated', date, rater };
  return Object.fromEntries(tools.map((tool) => [tool, cells[tool] ?? unknown]));
}

/** The scorecard with other weights, from a file. Throws INVALID_INPUT with the line. */
export async function withWeights(capabilities: Capabilities, file: string): Promise<Capabilities> {
  const { value, problemAt } = await readYaml(file, WeightsFileSchema);
  const ids = capabilities.criteria.map(({ id }) => id);
  const unknown = Object.keys(value.weights).filter((id) => !ids.includes(id));
  if (unknown.length > 0)
    throw firstProblem(unknown.map((id) => problemAt(['weights', id], `there is no criterion "${id}": ${ids.join(', ')}`)));
  const weighted = capabilities.criteria.map((criterion) => ({ ...criterion, weight: value.weights[criterion.id] ?? criterion.weight }));
  if (weighted.every(({ weight }) => weight === 0)) throw firstProblem([problemAt(['weights'], 'one weight at least must be above 0')]);
  return {
    ...capabilities,
    criteria: scaled(weighted.filter(({ weight }) => weight > 0)),
    rows: capabilities.rows.filter(({ criterion }) => weighted.some(({ id, weight }) => id === criterion && weight > 0)),
  };
}

function scaled<T extends { readonly weight: number }>(criteria: readonly T[]): readonly T[] {
  const total = criteria.reduce((sum, { weight }) => sum + weight, 0);
  return criteria.map((criterion) => ({ ...criterion, weight: criterion.weight / total }));
}
