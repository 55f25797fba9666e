import type { Owner } from './owner.ts';

/** What belongs to one cluster of a repository. */
export interface Reach {
  /** Whether one of the files does. */
  readonly holds: (files: readonly string[]) => boolean;
}

/**
 * The files of the folder that declares a cluster, and those of the folders that the Argo CD and Flux objects declared there render, and so
 * on: `clusters/staging` declares a Kustomization of `apps/staging`. Without a folder everything belongs.
 */
export function reachOf(owners: readonly Owner[], path: string | undefined): Reach {
  const start = path?.replace(/^\.?\/+|\/+$/g, '') ?? '';
  if (start === '') return { holds: () => true };
  const folders = [start];
  for (const folder of folders) {
    const rendered = owners.filter(({ manifest }) => isIn(manifest.file, folder)).flatMap((owner) => owner.folder || []);
    folders.push(...rendered.filter((one) => !folders.includes(one)));
  }
  return { holds: (files) => files.some((file) => folders.some((folder) => isIn(file, folder))) };
}

function isIn(file: string, folder: string): boolean {
  return file.startsWith(`${folder}/`);
}
