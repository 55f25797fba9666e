import { basename } from 'node:path';
import type { CallContext } from '@tier0/core';
import { writeInside } from '@tier0/core/files';
import type { Mirror } from '@tier0/gitops';

/** Takes the catalog out of a repository: every `catalog-info.yaml`, joined into one file under `directory`. Undefined when there is none. */
export async function catalogFromRepository(
  mirror: Mirror,
  branch: string,
  directory: string,
  context: CallContext,
): Promise<string | undefined> {
  await mirror.fetch(context);
  const commit = await mirror.resolve(branch, context);
  if (!commit) return undefined;
  const files = (await mirror.listFiles(commit, context)).filter((file) => /^catalog-info\.ya?ml$/.test(basename(file.path)));
  if (files.length === 0) return undefined;
  const texts = await Promise.all(files.map((file) => mirror.readFile(commit, file.path, context)));
  const content = texts.map((text) => new TextDecoder().decode(text)).join('\n---\n');
  return writeInside(directory, { path: 'catalog-info.yaml', content });
}
