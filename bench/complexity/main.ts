// How the time of each rule grows with the cluster, at the shape that is worst for it: the exponent of size, fitted from 1,000 to 4,000.
import { openSnapshot } from '@tier0/cmdb';
import type { CmdbReader } from '@tier0/core';
import { MATTERS } from '../../packages/agents/src/kubernetes/matters.ts';
import { readOptions } from '../frame/options.ts';
import { publish, type Row, toRecord } from '../frame/record.ts';
import { SHAPES } from './shapes.ts';

/** Milliseconds below which time says nothing about growth. */
const MEASURABLE_MS = 20;
/** What a rule may grow by. */
const TARGET = 1.3;

const options = readOptions(['size', 'shape']);
const base = options.count('size', 1_000);
const sizes = [base, 2 * base, 4 * base] as const;
const context = { signal: new AbortController().signal, now: Date.now };
const rules = MATTERS.flatMap((matter) => matter.rules);

/** Milliseconds of each rule, each on a reader of its own run: what rules share is counted for the first that needs it, so twice and the less. */
async function timesAt(shape: (typeof SHAPES)[number], size: number): Promise<ReadonlyMap<string, number>> {
  const snapshot = {
    objects: shape.objects(size) as never,
    coverage: kindsOf(shape.objects(4)),
    now: '2026-01-01T01:00:00.000Z',
    logs: new Map(),
  };
  const times = new Map<string, number>();
  for (let round = 0; round < 2; round++) {
    const { reader } = await openSnapshot(snapshot, {}, context);
    for (const rule of rules)
      times.set(
        rule.name,
        Math.min(
          times.get(rule.name) ?? Number.POSITIVE_INFINITY,
          timed(() => rule.check(fresh(reader, round))),
        ),
      );
  }
  return times;
}

/** The second round shares what is indexed by reader; the first builds it where it is needed. */
function fresh(reader: CmdbReader, round: number): CmdbReader {
  return round === 0 ? { ...reader } : reader;
}

function timed(run: () => unknown): number {
  const started = performance.now();
  try {
    run();
  } catch {
    return Number.NaN;
  }
  return performance.now() - started;
}

function kindsOf(objects: readonly object[]) {
  return [...new Set(objects.map((object) => (object as { readonly kind: string }).kind))].map((kind) => ({
    kind,
    state: 'complete' as const,
  }));
}

interface Growth {
  readonly rule: string;
  readonly shape: string;
  readonly exponent: number;
  readonly ms: readonly number[];
}

const growths: Growth[] = [];
for (const shape of SHAPES.filter(({ name }) => options.value('shape') === undefined || name.includes(options.value('shape') ?? ''))) {
  const times = [await timesAt(shape, sizes[0]), await timesAt(shape, sizes[1]), await timesAt(shape, sizes[2])];
  for (const { name } of rules) {
    const ms = times.map((time) => time.get(name) ?? Number.NaN);
    const exponent = Math.log2((ms[2] ?? 0) / (ms[0] ?? 0)) / 2;
    if ((ms[2] ?? 0) >= MEASURABLE_MS) growths.push({ rule: name, shape: shape.name, exponent, ms });
  }
  process.stderr.write(`${shape.name}: done\n`);
}

const worst = [...Map.groupBy(growths, ({ rule }) => rule).values()].map((all) => all.reduce((a, b) => (b.exponent > a.exponent ? b : a)));
worst.sort((a, b) => b.exponent - a.exponent);
const rows: Row[] = worst.map(({ rule, shape, exponent }) => ({
  measure: rule,
  subject: shape,
  unit: 'exponent',
  n: 3,
  median: exponent,
  min: exponent,
  max: exponent,
}));
const notes = [
  ...worst
    .filter(({ exponent }) => exponent > TARGET)
    .map(({ rule, shape, ms }) => `above ${TARGET}: ${rule} at ${shape}: ${ms.map((one) => `${one.toFixed(0)} ms`).join(', ')}`),
  `${rules.length - worst.length} of ${rules.length} rules take less than ${MEASURABLE_MS} ms at ${sizes[2]} of every shape.`,
];
publish(toRecord('complexity', { rows, notes }), options.json);
