import { relative } from 'node:path';
import { PROGRAM } from '../program-name.ts';
import type { StateFolder } from './state-folder.ts';

/** What a person types to go on with what a run left in its folder. */
export function resumeCommand({ directory }: Pick<StateFolder, 'directory'>): string {
  const near = relative(process.cwd(), directory);
  const out = near.startsWith('..') ? directory : near;
  return out === 'out' ? `${PROGRAM} resume` : `${PROGRAM} resume --out ${out}`;
}
