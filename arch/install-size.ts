import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

/** What a folder weighs. */
export interface FolderSize {
  readonly files: number;
  /** Sum of the sizes of its files. */
  readonly bytes: number;
  /** Bytes of the blocks that they take. */
  readonly onDisk: number;
}

/** What all files under a folder weigh. */
export function folderSize(folder: string): FolderSize {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const sizes = files.map((entry) => statSync(join(entry.parentPath, entry.name)));
  const sum = (numbers: readonly number[]) => numbers.reduce((all, number) => all + number, 0);
  return { files: files.length, bytes: sum(sizes.map(({ size }) => size)), onDisk: sum(sizes.map(({ blocks }) => blocks * 512)) };
}

/** Bytes of a minified program that uses one exported name, bundled in `folder` with everything it needs but Node itself. */
export async function bundleBytes(folder: string, { name, from }: { readonly name: string; readonly from: string }): Promise<number> {
  const contents = `import { ${name} } from ${JSON.stringify(from)}; globalThis.used = ${name};`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: folder },
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    write: false,
    logLevel: 'silent',
  });
  return outputFiles.reduce((all, file) => all + file.contents.length, 0);
}
