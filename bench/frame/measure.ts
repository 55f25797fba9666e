/** Wall and CPU time of one call, milliseconds. */
export interface Timing {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** Median with its spread. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly n: number;
}

/** Runs a call once and times it. */
export async function timed<T>(call: () => T | Promise<T>): Promise<Timing & { readonly result: T }> {
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  const result = await call();
  const wallMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpu);
  return { result, wallMs, cpuMs: (user + system) / 1000 };
}

/**
 * Runs every subject once a round, in turn, so that a noisy minute hits all of them alike.
 * `warmUp` rounds run first and are not counted.
 */
export async function interleave(
  subjects: Readonly<Record<string, () => unknown>>,
  { rounds, warmUp = 0 }: { readonly rounds: number; readonly warmUp?: number },
): Promise<Readonly<Record<string, readonly Timing[]>>> {
  const timings: Record<string, Timing[]> = Object.fromEntries(Object.keys(subjects).map((name) => [name, []]));
  for (let round = 0; round < warmUp + rounds; round++) {
    for (const [name, call] of Object.entries(subjects)) {
      const { wallMs, cpuMs } = await timed(call);
      if (round >= warmUp) timings[name]?.push({ wallMs, cpuMs });
    }
  }
  return timings;
}

/** Median, least and greatest of some numbers. Throws a RangeError where there are none. */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError('A spread needs at least one value.');
  const sorted = [...values].sort((a, b) => a - b);
  return { median: percentile(sorted, 0.5), min: sorted[0] as number, max: sorted.at(-1) as number, n: sorted.length };
}

/** Value below which the share `p` (0 to 1) of the sorted values lies, by linear interpolation. */
export function percentile(sorted: readonly number[], p: number): number {
  const position = (sorted.length - 1) * p;
  const low = sorted[Math.floor(position)] as number;
  const high = sorted[Math.ceil(position)] as number;
  return low + (high - low) * (position - Math.floor(position));
}

/** Resident memory after a garbage collection, bytes. Needs `--expose-gc`, which `pnpm bench` gives. */
export function residentBytes(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().rss;
}
