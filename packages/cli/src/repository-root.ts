import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of the clone this command runs from: scenarios are named relative to it. */
export const REPOSITORY_ROOT = join(dirname(fileURLToPath(import.meta.url)), '../../..');
