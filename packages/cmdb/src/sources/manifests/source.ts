import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { type Coverage, type InventorySource, Tier0Error, toTimestamp } from '@tier0/core';
import { type KubernetesObject, kindOf } from '../../kinds/kubernetes-object.ts';
import { kubernetesInventory } from '../kubernetes/inventory.ts';
import { type ManifestFile, parseManifest } from './parse-manifest.ts';

/** Where the manifests are, and which cluster they describe. */
export interface ManifestsSourceOptions {
  /** Folder read recursively for `*.yaml`, `*.yml` and `*.json`. */
  readonly directory: string;
  /** Name of the cluster in item ids. */
  readonly cluster: string;
  /** The moment the files describe, ISO 8601, UTC. Default: when they are read. */
  readonly observedAt?: string | undefined;
}

/** Larger files are refused. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

/** Inventory from files on disk: the source for anything that can export YAML. */
export function createManifestsSource(options: ManifestsSourceOptions): InventorySource {
  return {
    name: 'manifests',
    async discover({ signal, now }) {
      const files: ManifestFile[] = [];
      for (const path of await listManifests(options.directory)) {
        signal.throwIfAborted();
        files.push(await readManifest(options.directory, path));
      }
      const objects = distinct(files.flatMap((file) => file.objects));
      return kubernetesInventory({
        objects,
        coverage: coverageOf(files, objects),
        cluster: options.cluster,
        observedAt: options.observedAt ?? toTimestamp(now()),
        source: 'manifests',
        scope: `manifests:${options.cluster}`,
      });
    },
  };
}

async function listManifests(directory: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() && /\.(ya?ml|json)$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  } catch (cause) {
    throw new Tier0Error({
      code: 'UNAVAILABLE',
      message: `The manifests folder "${directory}" cannot be read.`,
      hint: 'Name an existing folder that this process may read.',
      cause,
    });
  }
}

async function readManifest(directory: string, path: string): Promise<ManifestFile> {
  const name = relative(directory, path).split(sep).join('/');
  try {
    if ((await stat(path)).size > MAX_FILE_BYTES) return { objects: [], failure: `${name}: larger than ${MAX_FILE_BYTES} bytes` };
    return parseManifest(name, await readFile(path, 'utf8'));
  } catch (cause) {
    return { objects: [], failure: `${name}: ${(cause as { code?: string }).code ?? 'cannot be read'}` };
  }
}

/** The first declaration of an object wins, in the order of the file names. */
function distinct(objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  const byName = new Map<string, KubernetesObject>();
  for (const object of objects) {
    const key = `${kindOf(object)}/${object.metadata.namespace ?? ''}/${object.metadata.name}`;
    if (!byName.has(key)) byName.set(key, object);
  }
  return [...byName.values()];
}

/** A kind that occurs was read completely, unless a file is unreadable: it may hold more of any kind. */
function coverageOf(files: readonly ManifestFile[], objects: readonly KubernetesObject[]): readonly Coverage[] {
  const failures = files.flatMap((file) => file.failure ?? []);
  const kinds = [...new Set(objects.map(kindOf))].sort();
  if (failures.length === 0) return kinds.map((kind) => ({ kind, state: 'complete' }));
  const reason = failures.join('; ');
  return [...kinds, '*'].map((kind) => ({ kind, state: 'failed', reason }));
}
