import { parentPort, workerData } from 'node:worker_threads';
import type { Attack } from './attack.ts';

const { module, from } = workerData as { readonly module: string; readonly from: number };
const { attacks } = (await import(module)) as { readonly attacks: readonly Attack[] };

for (const [index, { kind, name, run }] of attacks.entries()) {
  if (index < from) continue;
  parentPort?.postMessage({ type: 'begin', index, outcome: { kind, name, held: false } });
  try {
    await run();
    parentPort?.postMessage({ type: 'outcome', index, outcome: { kind, name, held: true } });
  } catch (error) {
    const why = error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 300) : String(error);
    parentPort?.postMessage({ type: 'outcome', index, outcome: { kind, name, held: false, why } });
  }
}
parentPort?.postMessage({ type: 'done', index: attacks.length });
