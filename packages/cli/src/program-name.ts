import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY_ROOT } from './repository-root.ts';

/** Whether this runs from a clone of the repository, and not from an installed package. */
export const IS_CLONE: boolean = existsSync(join(REPOSITORY_ROOT, 'packages/cli/src/program-name.ts'));

/** What a person types to play an incident. */
export const PLAY: string = IS_CLONE ? 'npm start' : 'tier0 play';

/** What a person types to get here: in a clone the command is not on PATH, and pnpm finds it. */
export const PROGRAM: string = IS_CLONE ? 'pnpm tier0' : 'tier0';
