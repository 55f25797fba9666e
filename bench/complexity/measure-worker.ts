// Times every step at one shape in a thread of its own, so that one which does not end can be ended from outside.
import { parentPort, workerData } from 'node:worker_threads';
import { openSnapshot } from '@tier0/cmdb';
import type { CmdbReader, Finding } from '@tier0/core';
import { diagnoseFindings } from '../../packages/agents/src/diagnosis/diagnose-findings.ts';
import { linkFindings } from '../../packages/agents/src/diagnosis/link-findings.ts';
import { runRules } from '../../packages/agents/src/findings/run-rules.ts';
import { MATTERS } from '../../packages/agents/src/kubernetes/matters.ts';
import { RELATION_RULES } from '../../packages/cmdb/src/relations/kubernetes-relations.ts';
import { indexObjects } from '../../packages/cmdb/src/relations/relation-rule.ts';
import { SHAPES } from './shapes.ts';

/** What the thread is told: one shape, the sizes, and the steps that took too long before. */
export interface Order {
  readonly shape: string;
  readonly sizes: readonly number[];
  /** `<step>@<size>` that are left out. */
  readonly without: readonly string[];
  /** The same for those that are known already. */
  readonly measured: readonly string[];
}

/** What it tells: that a step begins, and how long it took. */
export interface Told {
  readonly step: string;
  readonly size: number;
  readonly ms?: number | undefined;
}

const { shape: name, sizes, without, measured } = workerData as Order;
const shape = SHAPES.find((one) => one.name === name);
if (shape === undefined) throw new Error(`there is no shape ${name}`);
const context = { signal: new AbortController().signal, now: Date.now };
const tell = (told: Told) => parentPort?.postMessage(told);

/** The less of two runs: what rules share is built by the first that needs it. */
function measure(step: string, size: number, run: () => unknown): void {
  if (without.includes(`${step}@${size}`) || measured.includes(`${step}@${size}`)) return;
  tell({ step, size });
  const times = [timed(run), timed(run)];
  tell({ step, size, ms: Math.min(...times) });
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

async function open(size: number): Promise<CmdbReader> {
  const objects = shape?.objects(size) as never;
  const coverage = kindsOf(shape?.objects(4) ?? []);
  return (await openSnapshot({ objects, coverage, now: '2026-01-01T01:00:00.000Z', logs: new Map() }, {}, context)).reader;
}

function kindsOf(objects: readonly object[]) {
  const kinds = new Set(objects.map((object) => (object as { readonly kind: string }).kind));
  return [...kinds].map((kind) => ({ kind, state: 'complete' as const }));
}

for (const size of sizes) {
  const indexed = indexObjects(shape.objects(size) as never, 'c', 's');
  for (const [at, rule] of RELATION_RULES.entries()) measure(`relation ${rule.name || at}`, size, () => rule(indexed));
  tell({ step: 'open', size });
  const started = performance.now();
  const reader = await open(size);
  tell({ step: 'open', size, ms: performance.now() - started });
  for (const rule of MATTERS.flatMap((matter) => matter.rules)) measure(`rule ${rule.name}`, size, () => rule.check(reader));
  if (without.some((left) => left.startsWith('rule ') && left.endsWith(`@${size}`))) continue;
  tell({ step: 'all rules', size });
  const { findings } = runRules(MATTERS, reader);
  let linked: readonly Finding[] = [];
  measure('link findings', size, () => {
    linked = linkFindings(findings, reader);
  });
  if (linked.length === 0 && !without.includes(`link findings@${size}`)) linked = linkFindings(findings, reader);
  if (linked.length > 0) measure('root causes', size, () => diagnoseFindings(linked, reader));
}
