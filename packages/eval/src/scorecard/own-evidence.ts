import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Capabilities } from './capabilities.ts';
import { readCapabilities } from './read-capabilities.ts';

/** A path that a cell about this repository cites and that does not exist. */
export interface MissingEvidence {
  readonly row: string;
  readonly tool: string;
  readonly path: string;
}

/** Looks up every path inside this repository that the matrix cites, from the repository's root. Empty: all exist. */
export async function checkOwnEvidence(root: string, capabilities?: Capabilities): Promise<readonly MissingEvidence[]> {
  const { rows } = capabilities ?? (await readCapabilities());
  const cited = rows.flatMap((row) =>
    Object.entries(row.cells).flatMap(([tool, cell]) =>
      cell.evidence.filter(({ repository }) => repository === undefined).map(({ path }) => ({ row: row.id, tool, path })),
    ),
  );
  const missing = await Promise.all(cited.map(async (place) => ((await exists(join(root, place.path))) ? [] : [place])));
  return missing.flat();
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
