import { join } from 'node:path';
import { z } from 'zod';
import { dataFolder } from '../package-data.ts';
import { firstProblem, readYaml } from '../yaml/checked-yaml.ts';
import { DaySchema } from './capabilities.ts';

/** Something a platform must do. */
export interface Need {
  readonly id: string;
  readonly name: string;
}

/** A product that a platform is put together from. */
export interface BuildingBlock {
  readonly id: string;
  readonly name: string;
  /** By `Need.id`. */
  readonly covers: Readonly<Record<string, 'yes' | 'partial'>>;
  /** 1 to 3: what a team runs and wires up itself. */
  readonly effort: number;
  /** Path in this repository that reads or acts on it; undefined: tier0 knows nothing of it. */
  readonly connected?: string | undefined;
}

/** Needs and blocks, as they stand in `building-blocks.yaml`. */
export interface BuildingBlocks {
  readonly needs: readonly Need[];
  readonly blocks: readonly BuildingBlock[];
}

const FileSchema = z.strictObject({
  schema: z.literal('tier0.building-blocks/v1'),
  rated: z.strictObject({ date: DaySchema, rater: z.string() }),
  needs: z.array(z.strictObject({ id: z.string(), name: z.string() })).min(1),
  blocks: z
    .array(
      z.strictObject({
        id: z.string(),
        name: z.string(),
        covers: z.record(z.string(), z.enum(['yes', 'partial'])),
        effort: z.number().int().min(1).max(3),
        connected: z.string().optional(),
      }),
    )
    .max(16),
});

/** Reads the building blocks that ship with this package, or a file of the user's. Throws INVALID_INPUT with the line. */
export async function readBuildingBlocks(file = join(dataFolder(), 'building-blocks.yaml')): Promise<BuildingBlocks> {
  const { value, problemAt } = await readYaml(file, FileSchema);
  const unknown = value.blocks.flatMap(({ covers }, index) =>
    Object.keys(covers)
      .filter((need) => !value.needs.some(({ id }) => id === need))
      .map((need) => problemAt(['blocks', index, 'covers', need], `there is no need "${need}"`)),
  );
  if (unknown.length > 0) throw firstProblem(unknown);
  return { needs: value.needs, blocks: value.blocks };
}

/** A set of blocks for a list of needs. */
export interface Stack {
  readonly blocks: readonly BuildingBlock[];
  readonly covered: readonly string[];
  /** Covered in part only. */
  readonly partial: readonly string[];
  readonly missing: readonly string[];
  /** Effort of the blocks; one that tier0 connects to already counts one less. */
  readonly integration: number;
}

/**
 * The sets that cover the needs best and then with the least integration; several when they are equal. Every set is tried: with sixteen blocks at most
 * that are 65,536.
 */
export function composeStacks({ blocks }: BuildingBlocks, needs: readonly string[]): readonly Stack[] {
  const useful = blocks.filter(({ covers }) => needs.some((need) => covers[need] !== undefined));
  let best: Stack[] = [];
  for (let choice = 0; choice < 2 ** useful.length; choice++) {
    const stack = stackOf(
      useful.filter((_, index) => (choice & (1 << index)) !== 0),
      needs,
    );
    const order = best[0] === undefined ? -1 : compare(stack, best[0]);
    if (order < 0) best = [stack];
    else if (order === 0) best.push(stack);
  }
  return best;
}

function stackOf(blocks: readonly BuildingBlock[], needs: readonly string[]): Stack {
  const covered = needs.filter((need) => blocks.some(({ covers }) => covers[need] === 'yes'));
  const partial = needs.filter((need) => !covered.includes(need) && blocks.some(({ covers }) => covers[need] === 'partial'));
  const missing = needs.filter((need) => !covered.includes(need) && !partial.includes(need));
  const integration = blocks.reduce((sum, { effort, connected }) => sum + effort - (connected === undefined ? 0 : 1), 0);
  return { blocks, covered, partial, missing, integration };
}

/** More covered first, then more in part, then less integration, then fewer blocks. */
function compare(a: Stack, b: Stack): number {
  return (
    b.covered.length - a.covered.length ||
    b.partial.length - a.partial.length ||
    a.integration - b.integration ||
    a.blocks.length - b.blocks.length
  );
}
