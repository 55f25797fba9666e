import { createPublicKey } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { type AuditRecord, type AuditVerdict, Tier0Error } from '@tier0/core';
import { type CheckpointKey, createFileAuditLog, keyFingerprint } from '@tier0/gitops';
import { PLAY, PROGRAM } from '../program-name.ts';
import type { Command } from './command.ts';
import { parseOptions } from './command.ts';
import { chosen } from './did-you-mean.ts';

/** `tier0 audit verify FILE`, `tier0 audit export FILE`. */
export const audit: Command = {
  name: 'audit',
  usage: `Usage: ${PROGRAM} audit verify FILE [--key PUBLIC_KEY_FILE]
       ${PROGRAM} audit export FILE [-o json|csv]

verify recomputes the hash chain and demands a checkpoint that the key (PEM, Ed25519; default FILE.pub) has signed. Exit code 0 when the log
is sound and signed, 1 when it is broken, empty, or not proven. export verifies first, and prints nothing of a log that is not sound.

Example: ${PROGRAM} audit verify out/audit.jsonl`,
  async run(args, environment) {
    const { positionals, values } = parseOptions('audit', args, {
      key: { type: 'string' },
      output: { type: 'string', short: 'o' },
      format: { type: 'string' },
    });
    // The older spelling is still understood.
    const form = values.output ?? values.format ?? 'json';
    const [verb, file] = positionals;
    chosen({ name: 'What follows "audit"', given: verb, known: ['verify', 'export'] });
    if (!file) throw new Tier0Error({ code: 'INVALID_INPUT', message: 'Which audit file?', hint: `Run "${PROGRAM} audit ${verb} FILE".` });
    chosen({ name: '--output', given: form, known: ['json', 'csv'] });
    await stat(file).catch((cause) => {
      throw new Tier0Error({
        code: 'NOT_FOUND',
        message: `There is no audit file ${file}.`,
        hint: `"${PLAY}" writes one to out/audit.jsonl.`,
        cause,
      });
    });
    const context = { signal: environment.signal, now: () => Date.now() };
    const keyFile = values.key ?? (await besideFile(`${file}.pub`));
    const key = keyFile === undefined ? undefined : await readKey(keyFile);
    const log = createFileAuditLog({ file, ...(key ? { trustedKeys: [key] } : {}) });
    const verdict = await log.verify(context);
    const isProven = verdict.sound && verdict.records > 0 && verdict.signedTo !== undefined;
    if (verb === 'export' && isProven) {
      for await (const record of log.read(context))
        environment.terminal.write(`${form === 'csv' ? toCsv(record) : JSON.stringify(record)}\n`);
      return 0;
    }
    environment.terminal.write(`${told(verdict, key, values.key === undefined)}\n`);
    return isProven ? 0 : 1;
  },
};

/** What was found, in words that claim no more than that. */
function told(verdict: AuditVerdict, key: CheckpointKey | undefined, isKeyFound: boolean): string {
  if (!verdict.sound) return `broken at record ${verdict.sequence}: ${verdict.reason}`;
  if (verdict.records === 0) return 'empty: the log holds no record, and nothing says whether it ever held one';
  const head = `${verdict.records} records, head ${verdict.head.slice(0, 12)}`;
  if (!key || verdict.signedTo === undefined)
    return `not proven: ${head}; the chain is unbroken, but a log that was written anew looks the same. Name the key of its checkpoints with --key`;
  const rest = verdict.records - verdict.signedTo;
  const unsigned = rest > 0 ? `; the last ${rest} are not signed yet` : '';
  const found = isKeyFound ? ', a key that lay beside the log: compare it with the one you know' : '';
  return `sound: ${head}, signed to record ${verdict.signedTo} by ${keyFingerprint(key.publicKey).slice(0, 16)}${found}${unsigned}`;
}

function besideFile(file: string): Promise<string | undefined> {
  return stat(file).then(
    () => file,
    () => undefined,
  );
}

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
