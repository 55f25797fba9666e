import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { IS_CLONE } from './program-name.ts';
import { REPOSITORY_ROOT } from './repository-root.ts';

/** Folder whose `scenarios/` are the ones that come with this command: all of them in a clone, the few that are packed elsewhere. */
export const DATA_ROOT: string = IS_CLONE ? REPOSITORY_ROOT : dirname(dirname(fileURLToPath(import.meta.url)));
