import type { BlueprintObject, Blueprints, House } from '@tier0/agents/assist';
import { Tier0Error } from '@tier0/core';
import { z } from 'zod';
import { readYamlFolder } from './read-yaml-folder.ts';

const HouseSchema: z.ZodType<House> = z.strictObject({
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
  defaults: z
    .strictObject({ namespace: z.string().optional(), team: z.string().optional(), replicas: z.int().min(1).optional() })
    .optional(),
});

const WORKLOADS = ['web', 'worker', 'job', 'schedule', 'store'] as const;

/** How an organisation writes its workloads: `web.yaml`, `worker.yaml`, `job.yaml`, `schedule.yaml`, `store.yaml` and `house.yaml`. */
export interface HouseStyle {
  readonly blueprints: Blueprints;
  readonly house: House | undefined;
}

/** Reads a folder of blueprints. Throws INVALID_INPUT for a file that is none of them: what is not used must not look as if it were. */
export async function readBlueprints(folder: string): Promise<HouseStyle> {
  const files = await readYamlFolder(folder);
  const known = new Set([...WORKLOADS, 'house'].map((name) => `${name}.yaml`));
  const strange = files.find(({ name }) => !known.has(name));
  if (strange) throw wrong(folder, `${strange.name} is no blueprint`);
  const blueprints = WORKLOADS.flatMap((workload) => {
    const file = files.find(({ name }) => name === `${workload}.yaml`);
    return file ? [[workload, file.documents as readonly BlueprintObject[]] as const] : [];
  });
  const house = HouseSchema.optional().safeParse(files.find(({ name }) => name === 'house.yaml')?.documents[0]);
  if (!house.success) throw wrong(folder, `house.yaml: ${house.error.issues[0]?.path.join('.')}: ${house.error.issues[0]?.message}`);
  return { blueprints: Object.fromEntries(blueprints), house: house.data };
}

function wrong(folder: string, why: string): Tier0Error {
  return new Tier0Error({
    code: 'INVALID_INPUT',
    message: `The blueprints in ${folder} cannot be used: ${why}.`,
    hint: `Files are ${WORKLOADS.map((name) => `${name}.yaml`).join(', ')} and house.yaml (labels, annotations, defaults).`,
  });
}
