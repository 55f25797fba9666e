import { ask } from './ask.ts';
import { audit } from './audit.ts';
import { changes } from './changes.ts';
import type { Command } from './command.ts';
import { createCompletionCommand } from './completion.ts';
import { config } from './config.ts';
import { diagnose } from './diagnose.ts';
import { diff } from './diff.ts';
import { doctor } from './doctor.ts';
import { edit } from './edit.ts';
import { evaluate } from './eval.ts';
import { expire } from './expire.ts';
import { explain } from './explain.ts';
import { createHelpCommand } from './help.ts';
import { impact } from './impact.ts';
import { locate } from './locate.ts';
import { mcp } from './mcp.ts';
import { owner } from './owner.ts';
import { patterns } from './patterns.ts';
import { play } from './play.ts';
import { policy } from './policy.ts';
import { pr } from './pr.ts';
import { proposeCommand as propose } from './propose.ts';
import { record } from './record.ts';
import { recordModelCommand } from './record-model.ts';
import { resume } from './resume.ts';
import { run } from './run.ts';
import { serve } from './serve.ts';
import { serveRecording } from './serve-recording.ts';
import { tickets } from './tickets.ts';

/** Every command of `tier0`, in the order the help lists them. */
export const COMMANDS: readonly Command[] = [
  play,
  diagnose,
  explain,
  record,
  serveRecording,
  serve,
  config,
  run,
  resume,
  propose,
  pr,
  expire,
  tickets,
  patterns,
  audit,
  policy,
  locate,
  edit,
  impact,
  owner,
  changes,
  diff,
  ask,
  mcp,
  recordModelCommand,
  evaluate,
  doctor,
  createCompletionCommand(() => COMMANDS),
  createHelpCommand(() => COMMANDS),
];
