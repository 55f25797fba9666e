import { stat } from 'node:fs/promises';
import { Tier0Error } from '@tier0/core';
import { createFileAuditLog } from '@tier0/gitops';
import type { Command } from './command.ts';
import { parseOptions } from './command.ts';

/** `tier0 audit verify FILE`. */
export const audit: Command = {
  name: 'audit',
  summary: 'verify an audit file: finds edited, dropped, moved and cut-off records',
  usage:
    'Usage: pnpm tier0 audit verify FILE\n\nRecomputes the hash chain. Exit code 0 when it is sound, 1 when it is not.\n\nExample: pnpm tier0 audit verify out/audit.jsonl',
  async run(args, environment) {
    const { positionals } = parseOptions('audit', args, {});
    const [verb, file] = positionals;
    if (verb !== 'verify' || !file) {
      throw new Tier0Error({ code: 'INVALID_INPUT', message: 'What is to be verified?', hint: 'Run "pnpm tier0 audit verify FILE".' });
    }
    await stat(file).catch((cause) => {
      throw new Tier0Error({
        code: 'NOT_FOUND',
        message: `There is no audit file ${file}.`,
        hint: 'npm start writes one to out/audit.jsonl.',
        cause,
      });
    });
    const hasCheckpoint = await stat(`${file}.head`).then(
      () => true,
      () => false,
    );
    const verdict = await createFileAuditLog({ file }).verify({ signal: environment.signal, now: () => Date.now() });
    environment.terminal.write(
      verdict.sound
        ? `sound: ${verdict.records} records, head ${verdict.head.slice(0, 12)}${hasCheckpoint ? '' : '; without its checkpoint file (.head) a cut-off end cannot be found'}\n`
        : `broken at record ${verdict.sequence}: ${verdict.reason}\n`,
    );
    return verdict.sound ? 0 : 1;
  },
};
