// What an audit log costs: appending a record durably, verifying a long chain, finding tamperings.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AuditEntry, type AuditRecord, canonicalJson, chainRecord } from '@tier0/core';
import { createFileAuditLog } from '@tier0/gitops';
import { percentile, spreadOf, timed } from '../frame/measure.ts';
import { readOptions } from '../frame/options.ts';
import { publish, type Row, toRecord } from '../frame/record.ts';

const options = readOptions(['records', 'appends']);
const records = options.count('records', 100_000);
const appends = options.count('appends', 3_000);
const context = { signal: new AbortController().signal, now: Date.now };
const folder = await mkdtemp(join(tmpdir(), 'tier0-audit-bench-'));

function entry(number: number): AuditEntry {
  const detail = {
    pullRequest: number,
    risk: 'low',
    reasons: ['memory limit raised for three days'],
    files: [`apps/${number % 500}/deployment.yaml`],
  };
  return {
    key: `inc-${number}:propose`,
    at: '2026-11-22T12:00:00.000Z',
    actor: 'tier0',
    action: 'proposed',
    subject: `inc-${number}`,
    detail,
  };
}

/** Milliseconds of each durable append to a log that already holds some records. */
async function measureAppends(held: number): Promise<readonly number[]> {
  const file = join(folder, `append-${held}.jsonl`);
  await writeChain(file, held);
  const log = createFileAuditLog({ file });
  await log.append(entry(held + 1), context);
  const walls: number[] = [];
  for (let index = 2; index <= appends + 1; index++) walls.push((await timed(() => log.append(entry(held + index), context))).wallMs);
  return walls;
}

async function writeChain(file: string, length: number): Promise<void> {
  const lines: string[] = [];
  let last: AuditRecord | undefined;
  for (let index = 1; index <= length; index++) {
    last = chainRecord(entry(index), last);
    lines.push(canonicalJson(last));
  }
  await writeFile(file, lines.map((line) => `${line}\n`).join(''));
  if (last) await writeFile(`${file}.head`, `${JSON.stringify({ sequence: String(last.sequence).padStart(15, '0'), hash: last.hash })}\n`);
}

try {
  const rows: Row[] = [];
  for (const held of [0, records]) {
    const walls = [...(await measureAppends(held))].sort((a, b) => a - b);
    rows.push({ measure: `append-to-${held}`, subject: 'tier0', unit: 'ms', ...spreadOf(walls) });
    rows.push({ measure: `append-to-${held}-p95`, subject: 'tier0', unit: 'ms', ...spreadOf([percentile(walls, 0.95)]) });
  }
  for (const length of [records / 100, records / 10, records].map(Math.round)) {
    const file = join(folder, `verify-${length}.jsonl`);
    await writeChain(file, length);
    const log = createFileAuditLog({ file });
    const runs = [];
    for (let round = 0; round < 5; round++) {
      const { result, wallMs, cpuMs } = await timed(() => log.verify(context));
      if (!result.sound || result.records !== length) throw new Error(JSON.stringify(result));
      runs.push({ wallMs, cpuMs });
    }
    rows.push({ measure: `verify-${length}`, subject: 'tier0', unit: 'ms', ...spreadOf(runs.map((run) => run.wallMs)) });
    rows.push({ measure: `verify-${length}-cpu`, subject: 'tier0', unit: 'ms', ...spreadOf(runs.map((run) => run.cpuMs)) });
  }
  const text = await readFile(join(folder, `verify-${records}.jsonl`), 'utf8');
  publish(
    toRecord('audit', {
      rows,
      notes: [
        `Targets: append <= 1 ms, verify of 100,000 records <= 2,000 ms. ${Math.round(text.length / records)} bytes a record.`,
        'An append is durable (fdatasync) when it resolves; it takes and gives back a lock file, so that several processes may share the log.',
      ],
    }),
    options.json,
  );
} finally {
  await rm(folder, { recursive: true, force: true });
}
