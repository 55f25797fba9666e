import { Tier0Error } from '@tier0/core';
import { z } from 'zod';

/** `unknown`: nobody looked, or the look decided nothing; it lowers the coverage and not the stars. */
export type CellValue = 'yes' | 'partial' | 'no' | 'not-applicable' | 'unknown';

/** How a cell is known, strongest first. `absence`: looked for and not found at that commit. */
export const CELL_BASES = ['measured', 'code', 'chart', 'docs', 'absence'] as const;
/** What a rating rests on. */
export type CellBasis = (typeof CELL_BASES)[number];

/** A place where a reader can check a cell. */
export interface CellEvidence {
  /** `owner/repository`; undefined: this repository, as it stands. */
  readonly repository?: string | undefined;
  /** Abbreviated or full commit id; undefined with `repository`. */
  readonly commit?: string | undefined;
  readonly path: string;
}

/** What one tool can do in one row. */
export interface Cell {
  readonly value: CellValue;
  readonly basis: CellBasis;
  readonly evidence: readonly CellEvidence[];
  readonly note: string;
  /** Day of the rating, `YYYY-MM-DD`. */
  readonly date: string;
  readonly rater: string;
}

/** A tool in the capability matrix, pinned to the version that was read. */
export interface RatedTool {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  /** `owner/repository`; undefined: this repository. */
  readonly repository?: string | undefined;
  readonly commit?: string | undefined;
  /** Day of the commit that was read, `YYYY-MM-DD`; undefined: as it stands. */
  readonly committed?: string | undefined;
  readonly license: string;
}

/** One thing tools are compared by, and how much it counts. */
export interface Criterion {
  readonly id: string;
  readonly name: string;
  /** Share of the total, 0 to 1; all add up to 1. */
  readonly weight: number;
}

/** One capability and who has it. */
export interface CapabilityRow {
  readonly id: string;
  /** `Criterion.id`. */
  readonly criterion: string;
  readonly text: string;
  /** Why it matters to a team. */
  readonly motivation?: string | undefined;
  /** What makes a cell "yes", so that two raters come to the same. */
  readonly decided?: string | undefined;
  /** `Dimension.id`, the second way to look at the rows. */
  readonly dimension?: string | undefined;
  /** By `RatedTool.id`; one for every tool. */
  readonly cells: Readonly<Record<string, Cell>>;
}

/** A second grouping of the rows, without weights. */
export interface Dimension {
  readonly id: string;
  readonly name: string;
}

/** The capability matrix: who can do what, and where that can be checked. */
export interface Capabilities {
  readonly tools: readonly RatedTool[];
  readonly criteria: readonly Criterion[];
  readonly dimensions?: readonly Dimension[] | undefined;
  readonly rows: readonly CapabilityRow[];
}

export const DaySchema = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);

export const CellSchema = z.strictObject({
  value: z.enum(['yes', 'partial', 'no', 'not-applicable', 'unknown']),
  basis: z.enum(CELL_BASES),
  evidence: z.array(z.string()).default([]),
  note: z.string().default(''),
  date: DaySchema.optional(),
  rater: z.string().optional(),
});

export const RatedToolSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  name: z.string(),
  version: z.string(),
  repository: z.string().optional(),
  commit: z.string().optional(),
  committed: DaySchema.optional(),
  license: z.string(),
});

/** The form of `capabilities.yaml`. */
export const CapabilityFileSchema = z.strictObject({
  schema: z.literal('tier0.capabilities/v1'),
  rated: z.strictObject({ date: DaySchema, rater: z.string() }),
  tools: z.array(RatedToolSchema),
  dimensions: z.array(z.strictObject({ id: z.string(), name: z.string() })).optional(),
  criteria: z.array(z.strictObject({ id: z.string(), name: z.string(), weight: z.number().positive().max(1) })),
  rows: z.array(
    z.strictObject({
      id: z.string(),
      criterion: z.string(),
      dimension: z.string().optional(),
      text: z.string(),
      motivation: z.string().optional(),
      decided: z.string().optional(),
      cells: z.record(z.string(), CellSchema),
    }),
  ),
});

/** Checks a parsed capability file. Throws INVALID_INPUT naming the first cell that cannot stand. */
export function parseCapabilities(document: unknown): Capabilities {
  const parsed = CapabilityFileSchema.safeParse(document);
  if (!parsed.success)
    throw invalid(parsed.error.issues[0]?.path.join('.') ?? 'file', parsed.error.issues[0]?.message ?? 'has the wrong shape');
  const { rated, tools, criteria, dimensions, rows } = parsed.data;
  const capabilities = {
    tools,
    criteria,
    ...(dimensions === undefined ? {} : { dimensions }),
    rows: rows.map((row) => ({ ...row, cells: mapCells(row.cells, (cell, tool) => completeCell(cell, rated, `${row.id}.${tool}`)) })),
  };
  requireWhole(capabilities);
  return capabilities;
}

function mapCells<From, To>(cells: Readonly<Record<string, From>>, change: (cell: From, tool: string) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(cells).map(([tool, cell]) => [tool, change(cell, tool)]));
}

/** A cell with what it inherits. Throws INVALID_INPUT when it claims what its basis cannot carry. */
export function completeCell(
  cell: z.infer<typeof CellSchema>,
  rated: { readonly date: string; readonly rater: string },
  where: string,
): Cell {
  const claims = cell.value === 'yes' || cell.value === 'partial';
  if (claims && cell.basis === 'absence') throw invalid(where, `claims "${cell.value}" from absence`);
  if (claims && cell.evidence.length === 0) throw invalid(where, `claims "${cell.value}" without evidence`);
  return {
    value: cell.value,
    basis: cell.basis,
    evidence: cell.evidence.map((text) => parseEvidence(text, where)),
    note: cell.note,
    date: cell.date ?? rated.date,
    rater: cell.rater ?? rated.rater,
  };
}

/** `owner/repository@commit:path`, or a bare path inside this repository. */
function parseEvidence(text: string, where: string): CellEvidence {
  const foreign = /^([\w.-]+\/[\w.-]+)@([0-9a-f]{7,40}):(.+)$/.exec(text);
  if (foreign) return { repository: foreign[1]!, commit: foreign[2]!, path: foreign[3]! };
  if (/^[\w@.-][\w@./-]*$/.test(text) && !text.split('/').includes('..')) return { path: text };
  throw invalid(where, `cites "${text}", which is neither owner/repository@commit:path nor a path inside this repository`);
}

function requireWhole({ tools, criteria, dimensions = [], rows }: Capabilities): void {
  const total = criteria.reduce((sum, criterion) => sum + criterion.weight, 0);
  if (Math.abs(total - 1) > 1e-9) throw invalid('criteria', `the weights add up to ${total}, not 1`);
  for (const row of rows) {
    if (!criteria.some((criterion) => criterion.id === row.criterion)) throw invalid(row.id, `names no criterion: "${row.criterion}"`);
    if (row.dimension !== undefined && !dimensions.some(({ id }) => id === row.dimension))
      throw invalid(row.id, `names no dimension: "${row.dimension}"`);
    for (const { id } of tools) if (!row.cells[id]) throw invalid(row.id, `has no cell for ${id}`);
    for (const id of Object.keys(row.cells))
      if (!tools.some((tool) => tool.id === id)) throw invalid(row.id, `rates "${id}", which is no tool`);
  }
}

function invalid(where: string, problem: string): Tier0Error {
  return new Tier0Error({
    code: 'INVALID_INPUT',
    message: `The capability matrix cannot be used: ${where}: ${problem}.`,
    hint: 'Correct that place of capabilities.yaml; the head of the file says what a cell holds.',
  });
}
