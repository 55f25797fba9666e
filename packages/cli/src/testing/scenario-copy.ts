import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ScenarioMeta } from '@tier0/eval';
import { REPOSITORY_ROOT } from '../repository-root.ts';
import { temporaryFolder } from './temporary-folder.ts';

export interface ScenarioChanges {
  readonly meta?: Partial<ScenarioMeta> | Readonly<Record<string, unknown>> | undefined;
  /** By path in the folder: the new text, or undefined to remove the file. */
  readonly files?: Readonly<Record<string, ((text: string) => string) | undefined>> | undefined;
}

/** A copy of a shipped scenario with changes; its folder name is unique, so its processes can be found by it. */
export async function copyScenario(name: string, changes: ScenarioChanges = {}): Promise<string> {
  const folder = join(await temporaryFolder(), name);
  await cp(join(REPOSITORY_ROOT, 'scenarios/written', name), folder, { recursive: true });
  const metaFile = join(folder, 'meta.json');
  await writeFile(metaFile, JSON.stringify({ ...JSON.parse(await readFile(metaFile, 'utf8')), ...changes.meta }));
  for (const [path, change] of Object.entries(changes.files ?? {})) {
    const file = join(folder, path);
    if (change) await writeFile(file, change(await readFile(file, 'utf8').catch(() => '')));
    else await rm(file);
  }
  return folder;
}

/** `memory-pressure` three times as fast: the leak, the clock and the sampling keep their proportions. `change` edits its program further. */
export function fastMemoryPressure(change: (program: string) => string = (program) => program): Promise<string> {
  return copyScenario('memory-pressure', {
    meta: { clockSpeed: 900, sampleEveryMs: 50 },
    files: { 'workloads/payment.mjs': (text) => change(text.replace('contextBytes = 128 * 1024', 'contextBytes = 384 * 1024')) },
  });
}

/** `bad-image` ten times as fast; it has no processes, so nothing needs to keep pace. */
export function fastBadImage(changes: ScenarioChanges = {}): Promise<string> {
  return copyScenario('bad-image', { ...changes, meta: { clockSpeed: 600, ...changes.meta } });
}
