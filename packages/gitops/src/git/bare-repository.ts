import { mkdir } from 'node:fs/promises';
import type { CallContext } from '@tier0/core';
import { runGit } from './git.ts';

/** Makes an empty bare repository; making it again changes nothing. */
export async function createBareRepository(
  options: { readonly directory: string; readonly branch: string },
  context: CallContext,
): Promise<void> {
  const { directory, branch } = options;
  await mkdir(directory, { recursive: true });
  await runGit({ args: ['init', '--quiet', '--bare', `--initial-branch=${branch}`, directory], directory, signal: context.signal });
}
