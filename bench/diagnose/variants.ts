import type { Random } from '../../scenarios/author/random.ts';
import { takenAfter } from './ages.ts';
import { LOSSES } from './losses.ts';
import type { Recording, RecordingResult } from './recordings.ts';
import { asNewServer, asOldServer, beside, inDefault } from './surroundings.ts';
import { WORKLOAD_KINDS } from './workloads/kinds.ts';
import { retell } from './workloads/retell.ts';

/** A recording told otherwise, or why that would not mean the same. */
export type Varied = { readonly recording: Recording } | { readonly why: string };

/** One way in which the same incident may be met. */
export interface Variant {
  readonly group: 'loss' | 'age' | 'workload' | 'surroundings';
  readonly name: string;
  apply(recording: Recording, random: Random): Varied;
}

const SECOND_MS = 1000;

/** Every variant; `calm` are recordings of which nothing is wrong, for company. */
export function variantsOf(calm: readonly Recording[]): readonly Variant[] {
  const age = (name: string, seconds: number): Variant => ({
    group: 'age',
    name,
    apply: (recording) => takenAfter(recording, seconds * SECOND_MS),
  });
  const around = (name: string, apply: Variant['apply']): Variant => ({ group: 'surroundings', name, apply });
  return [
    ...LOSSES.map(
      (loss): Variant => ({ group: 'loss', name: loss.name, apply: (recording, random) => ({ recording: loss.apply(recording, random) }) }),
    ),
    age('30 s after the first sign', 30),
    age('2 min after the first sign', 120),
    age('10 min after the first sign', 600),
    ...WORKLOAD_KINDS.map((kind): Variant => ({ group: 'workload', name: kind.name, apply: (recording) => retell(recording, kind) })),
    around('in namespace default', inDefault),
    around('a calm application beside it', (recording, random) => beside(recording, calm, random)),
    around('API server 1.20', asOldServer),
    around('API server 1.36', asNewServer),
  ];
}

/** How the recordings that could be varied were answered, and how the very same ones were as they are. */
export interface VariantTally {
  readonly variant: Variant;
  readonly results: readonly RecordingResult[];
  /** Results of the same recordings before. */
  readonly before: readonly RecordingResult[];
  /** Recordings that were left out, by why. */
  readonly leftOut: ReadonlyMap<string, number>;
}

/** The tallies as lines for people. */
export function variantTable(tallies: readonly VariantTally[]): string {
  const rows = tallies.map(({ variant, results, before, leftOut }) => {
    const [faults, calm] = [results.filter(({ isCalm }) => !isCalm), results.filter(({ isCalm }) => isCalm)];
    const exact = (list: readonly RecordingResult[]) => list.filter((one) => !one.isCalm && one.isExact).length;
    const accused = (list: readonly RecordingResult[]) => list.reduce((sum, one) => sum + (one.isCalm ? 0 : one.accused.length), 0);
    const left = (list: readonly RecordingResult[]) => list.filter((one) => one.isCalm && one.accused.length === 0).length;
    const why = [...leftOut].sort((a, b) => b[1] - a[1]).map(([reason, count]) => `${reason} ${count}`);
    return [
      variant.group,
      variant.name,
      `${exact(results)} of ${faults.length}`,
      faults.length === 0 ? '' : (exact(results) / faults.length).toFixed(3),
      String(exact(before)),
      `${accused(results)} (${accused(before)})`,
      `${left(results)} of ${calm.length} (${left(before)})`,
      why.join(', '),
    ];
  });
  const head = ['group', 'variant', 'exact', 'rate', 'as it is', 'innocents (as it is)', 'calm left alone (as it is)', 'left out'];
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return `${[head, ...rows].map(line).join('\n')}\n`;
}
