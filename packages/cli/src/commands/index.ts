import { audit } from './audit.ts';
import type { Command } from './command.ts';
import { createHelpCommand } from './help.ts';
import { play } from './play.ts';
import { resume } from './resume.ts';

/** Every command of `tier0`, in the order the help lists them. */
export const COMMANDS: readonly Command[] = [play, resume, audit, createHelpCommand(() => COMMANDS)];
