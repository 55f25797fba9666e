import { createPublicKey } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { type AuditRecord, Tier0Error } from '@tier0/core';
import { type CheckpointKey, createFileAuditLog } from '@tier0/gitops';
import type { Command } from './command.ts';
import { parseOptions } from './command.ts';

/** `tier0 audit verify FILE`, `tier0 audit export FILE`. */
export const audit: Command = {
  name: 'audit',
  summary: 'verify an audit file (edited, dropped, moved and cut-off records), or export it',
  usage: `Usage: pnpm tier0 audit verify FILE [--key PUBLIC_KEY_FILE]
       pnpm tier0 audit export FILE [--format json|csv]

verify recomputes the hash chain; with --key (PEM, Ed25519) it also judges the signed checkpoints beside the file. Exit code 0 when the
log is sound, 1 when it is not. export verifies first, then prints the records; it prints nothing of a log that is not sound.

Example: pnpm tier0 audit verify out/audit.jsonl`,
  async run(args, environment) {
    const { positionals, values } = parseOptions('audit', args, { key: { type: 'string' }, format: { type: 'string', default: 'json' } });
    const [verb, file] = positionals;
    if ((verb !== 'verify' && verb !== 'export') || !file) {
      throw new Tier0Error({ code: 'INVALID_INPUT', message: 'What is to be verified?', hint: 'Run "pnpm tier0 audit verify FILE".' });
    }
    if (values.format !== 'json' && values.format !== 'csv') {
      throw new Tier0Error({ code: 'INVALID_INPUT', message: `There is no format "${values.format}".`, hint: 'Choose json or csv.' });
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
    const context = { signal: environment.signal, now: () => Date.now() };
    const log = createFileAuditLog({ file, ...(values.key ? { trustedKeys: [await readKey(values.key)] } : {}) });
    const verdict = await log.verify(context);
    if (verb === 'export' && verdict.sound) {
      for await (const record of log.read(context))
        environment.terminal.write(`${values.format === 'csv' ? toCsv(record) : JSON.stringify(record)}\n`);
      return 0;
    }
    environment.terminal.write(
      verdict.sound
        ? `sound: ${verdict.records} records, head ${verdict.head.slice(0, 12)}${hasCheckpoint ? '' : '; without its checkpoint file (.head) a cut-off end cannot be found'}\n`
        : `broken at record ${verdict.sequence}: ${verdict.reason}\n`,
    );
    return verdict.sound ? 0 : 1;
  },
};

async function readKey(file: string): Promise<CheckpointKey> {
  try {
    const publicKey = createPublicKey(await readFile(file))
      .export({ type: 'spki', format: 'pem' })
      .toString();
    return { name: file, publicKey };
  } catch (cause) {
    throw new Tier0Error({
      code: 'INVALID_INPUT',
      message: `${file} holds no public key.`,
      hint: 'Name a PEM file with an Ed25519 public key.',
      cause,
    });
  }
}

/** One line as in RFC 4180; text that a spreadsheet would run as a formula is made plain. */
function toCsv(record: AuditRecord): string {
  const cells = [
    record.sequence,
    record.at,
    record.actor,
    record.action,
    record.subject,
    record.key,
    JSON.stringify(record.detail),
    record.hash,
  ];
  return cells
    .map(
      (cell) =>
        `"${String(cell)
          .replace(/^([=+\-@\t\r])/, "'$1")
          .replaceAll('"', '""')}"`,
    )
    .join(',');
}
