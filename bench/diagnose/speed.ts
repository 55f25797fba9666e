import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spreadOf } from '../frame/measure.ts';
import type { Ratio, Row } from '../frame/record.ts';
import { writeLargeSnapshot } from './large-snapshot.ts';

interface Measured {
  readonly found: number;
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly rssMb: number;
}

/** Snapshot to root causes beside the bare parsing of the same bytes, each in a process of its own, at several sizes. */
export function measureSpeed(sizes: readonly number[], rounds: number, say: (line: string) => void) {
  const rows: Row[] = [];
  const ratios: Ratio[] = [];
  const notes: string[] = [];
  for (const pods of sizes) {
    const directory = mkdtempSync(join(tmpdir(), 'tier0-bench-diagnose-'));
    try {
      const { faults } = writeLargeSnapshot(directory, pods);
      const runs = { tier0: [] as Measured[], 'JSON.parse': [] as Measured[] };
      for (let round = 0; round < rounds; round++) {
        for (const subject of ['tier0', 'JSON.parse'] as const) runs[subject].push(run(subject, directory));
        say(`${pods} pods, round ${round + 1} of ${rounds}`);
      }
      for (const [subject, measured] of Object.entries(runs)) {
        const row = (measure: string, unit: string, pick: (one: Measured) => number) =>
          rows.push({ measure: `${measure}-${pods}-pods`, subject, unit, ...spreadOf(measured.map(pick)) });
        row('cpu', 'ms', (one) => one.cpuMs);
        row('wall', 'ms', (one) => one.wallMs);
        row('rss', 'MB', (one) => one.rssMb);
      }
      const median = (measured: readonly Measured[]) => spreadOf(measured.map((one) => one.cpuMs)).median;
      const ratio = median(runs.tier0) / median(runs['JSON.parse']);
      ratios.push({ measure: `cpu-${pods}-pods`, peer: 'JSON.parse', ratio, better: 'lower', target: '<= 3.0 at 10,000 pods' });
      const memory = spreadOf(runs.tier0.map((one) => one.rssMb)).median / spreadOf(runs['JSON.parse'].map((one) => one.rssMb)).median;
      ratios.push({
        measure: `rss-${pods}-pods`,
        peer: 'JSON.parse',
        ratio: memory,
        better: 'lower',
        target: 'tier0 <= 1,300 MB at 50,000 pods',
      });
      if (runs.tier0.some((one) => one.found !== faults))
        notes.push(`${pods} pods: ${faults} faults were made, ${runs.tier0[0]?.found} were found.`);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }
  return { rows, ratios, notes };
}

function run(subject: string, directory: string): Measured {
  const program = join(import.meta.dirname, 'measured-run.ts');
  const flags = ['--conditions=tier0-source', '--max-old-space-size=6144'];
  return JSON.parse(execFileSync(process.execPath, [...flags, program, subject, directory], { encoding: 'utf8' }));
}
