import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import type { Spread } from './measure.ts';

/** One line of a bench: what was measured, on whom, and how it spread. */
export interface Row extends Spread {
  /** Stable id: `hub-closure`, `dirty-files`. */
  readonly measure: string;
  /** `tier0` or the peer's name. */
  readonly subject: string;
  readonly unit: string;
}

/** How tier0 compares with one peer in one measure; above 1 is better where `better` is `higher`. */
export interface Ratio {
  readonly measure: string;
  readonly peer: string;
  readonly ratio: number;
  readonly better: 'higher' | 'lower';
  /** What was aimed at, as a sentence: `>= 50`. */
  readonly target?: string | undefined;
}

/** What a bench writes. */
export interface BenchRecord {
  readonly bench: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly commit: string;
  readonly machine: { readonly cpu: string; readonly cores: number; readonly memoryGb: number; readonly node: string };
  readonly versions: Readonly<Record<string, string>>;
  readonly rows: readonly Row[];
  readonly ratios: readonly Ratio[];
  readonly notes: readonly string[];
}

const root = dirname(dirname(import.meta.dirname));

/** Adds date, commit, machine and the versions of the peers in use. */
export function toRecord(
  bench: string,
  parts: {
    readonly rows: readonly Row[];
    readonly ratios?: readonly Ratio[];
    readonly notes?: readonly string[];
    readonly peers?: readonly string[];
  },
): BenchRecord {
  return {
    bench,
    at: new Date().toISOString(),
    commit: execFileSync('git', ['describe', '--always', '--dirty', '--abbrev=12'], { cwd: root, encoding: 'utf8' }).trim(),
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      memoryGb: Math.round(totalmem() / 2 ** 30),
      node: process.versions.node,
    },
    versions: Object.fromEntries((parts.peers ?? []).map((peer) => [peer, versionOf(peer)])),
    rows: parts.rows,
    ratios: parts.ratios ?? [],
    notes: parts.notes ?? [],
  };
}

function versionOf(peer: string): string {
  return JSON.parse(readFileSync(join(root, 'bench/peers/node_modules', peer, 'package.json'), 'utf8')).version;
}

/** Prints the record as tables and, where a file is named, writes it. */
export function publish(record: BenchRecord, file: string | undefined): void {
  process.stdout.write(toText(record));
  if (file === undefined) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(record, null, 2)}\n`);
}

function toText(record: BenchRecord): string {
  const { machine } = record;
  const rows = record.rows.map((row) => [
    row.measure,
    row.subject,
    show(row.median),
    show(row.min),
    show(row.max),
    row.unit,
    String(row.n),
  ]);
  const ratios = record.ratios.map((ratio) => [
    ratio.measure,
    `vs ${ratio.peer}`,
    `${show(ratio.ratio)}x`,
    `${ratio.better} is better`,
    ratio.target === undefined ? '' : `target ${ratio.target}`,
  ]);
  const versions = Object.entries(record.versions).map(([peer, version]) => `${peer} ${version}`);
  return [
    `bench ${record.bench} at ${record.commit}, ${record.at}`,
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, Node ${machine.node}${versions.length > 0 ? `; ${versions.join(', ')}` : ''}`,
    '',
    ...toTable([['measure', 'subject', 'median', 'min', 'max', 'unit', 'n'], ...rows]),
    ...(ratios.length > 0 ? ['', ...toTable([['measure', 'compared', 'ratio', '', ''], ...ratios])] : []),
    ...(record.notes.length > 0 ? ['', ...record.notes] : []),
    '',
  ].join('\n');
}

/** Numbers to the right, words to the left. */
function toTable(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const isNumber = (column: number) => rows.slice(1).every((row) => /^[\d.,]*x?$/.test(row[column] ?? ''));
  return rows.map((row) =>
    row
      .map((cell, column) => (isNumber(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

function show(value: number): string {
  if (Number.isInteger(value)) return value.toLocaleString('en-US');
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)));
}
