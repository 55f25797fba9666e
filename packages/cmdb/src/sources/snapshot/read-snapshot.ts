import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { type Coverage, Tier0Error } from '@tier0/core';
import { isRecord, type KubernetesObject, kindOf, textOf } from '../../kinds/kubernetes-object.ts';
import type { ListHeader } from '../manifests/list-header.ts';
import { listsOf, type ManifestFile, objectsOfEntry, parseManifest } from '../manifests/parse-manifest.ts';
import { readList } from '../manifests/read-list.ts';
import { logKeyOf } from './log-files.ts';
import { newestInstant } from './newest-instant.ts';
import { type SnapshotFile, snapshotCoverage } from './snapshot-coverage.ts';

/** A cluster as it was recorded in a folder. */
export interface Snapshot {
  readonly objects: readonly KubernetesObject[];
  readonly coverage: readonly Coverage[];
  /** The moment of the recording: from `meta.json`, else the newest instant that any object states. ISO 8601, UTC. */
  readonly now: string;
  /** Kubernetes version of the recorded cluster, e.g. `v1.33.1`; undefined when nobody wrote it down. */
  readonly serverVersion?: string | undefined;
  /** Name of the cluster, when `meta.json` gives one. */
  readonly cluster?: string | undefined;
  /**
   * File of each recorded log by `<namespace>/<pod>/<container>`, `.previous` appended for the instance before; the container is `*` where
   * one file holds all of a pod (`logsByContainer` takes it apart).
   */
  readonly logs: ReadonlyMap<string, string>;
}

/** How far the clocks of a cluster and of who recorded it may differ, milliseconds. */
const CLOCK_SKEW_MS = 24 * 60 * 60 * 1000;
/** Larger files are refused. */
const MAX_FILE_BYTES = 512 * 1024 * 1024;
const MANIFEST = /\.(ya?ml|json)$/i;

/**
 * Reads a recording: `cluster/**` (objects or Lists as kubectl prints them), `logs/`, `meta.json {now, serverVersion}`; or any folder of
 * kubectl output, with the logs that `kubectl cluster-info dump`, must-gather and support-bundle put beside it. A file that cannot be read is said in the coverage. Throws NOT_FOUND or INVALID_INPUT when there is nothing to read.
 */
export async function readSnapshot(directory: string, signal?: AbortSignal): Promise<Snapshot> {
  const files = await listFiles(directory);
  const meta = await readMeta(directory, files);
  const isFramed = files.some((file) => file.startsWith('cluster/') && MANIFEST.test(file));
  const manifests = files.filter((file) => MANIFEST.test(file) && (isFramed ? file.startsWith('cluster/') : isBareManifest(file)));
  const parts: (SnapshotFile & { readonly writtenMs: number })[] = [];
  for (const file of manifests) {
    signal?.throwIfAborted();
    parts.push({ file, ...(await readManifest(directory, file)) });
  }
  const objects = distinct(parts.flatMap((part) => part.objects));
  if (objects.length === 0)
    throw nothingToRead(
      directory,
      parts.flatMap((part) => part.failure ?? []),
    );
  const latest = Math.max(...parts.map((part) => part.writtenMs)) + CLOCK_SKEW_MS;
  return {
    objects,
    coverage: snapshotCoverage(parts, objects),
    now: meta.now ?? newestInstant(objects, latest) ?? newestInstant(objects) ?? new Date(0).toISOString(),
    serverVersion: meta.serverVersion ?? (await versionOfBundle(directory, files)),
    cluster: meta.cluster,
    logs: new Map(files.flatMap((file) => [logKeyOf(file)].flatMap((key) => (key ? [[key, join(directory, file)] as const] : [])))),
  };
}

/** Without the `cluster/` folder everything but the recording's own files counts. */
function isBareManifest(file: string): boolean {
  return !/^(meta\.json|metrics\.json|patterns\.json|alert\.json|expected\.ya?ml)$/.test(file) && !/^(logs|repo)\//.test(file);
}

async function listFiles(directory: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join('/'))
      .sort();
  } catch (cause) {
    throw new Tier0Error({
      code: 'NOT_FOUND',
      message: `The snapshot folder "${directory}" cannot be read.`,
      hint: 'Name a folder that holds cluster/ (and logs/, meta.json), or the output of `kubectl get ... -o json` as files.',
      cause,
    });
  }
}

interface Meta {
  readonly now?: string | undefined;
  readonly serverVersion?: string | undefined;
  readonly cluster?: string | undefined;
}

async function readMeta(directory: string, files: readonly string[]): Promise<Meta> {
  if (!files.includes('meta.json')) return {};
  const meta = await readFile(join(directory, 'meta.json'), 'utf8').then(parseJson);
  const now = textOf(isRecord(meta) ? meta.now : undefined);
  if (!isRecord(meta) || (meta.now !== undefined && Number.isNaN(Date.parse(now ?? '')))) {
    throw new Tier0Error({
      code: 'INVALID_INPUT',
      message: `${join(directory, 'meta.json')} is not an object with an instant "now".`,
      hint: 'Write {"now": "2026-01-31T12:00:00Z", "serverVersion": "v1.33.1"}, or remove the file: then the newest instant found counts.',
    });
  }
  return {
    now: now === undefined ? undefined : new Date(now).toISOString(),
    serverVersion: textOf(meta.serverVersion),
    cluster: textOf(meta.cluster),
  };
}

/** A support bundle says in a file of its own what the API server answered. */
async function versionOfBundle(directory: string, files: readonly string[]): Promise<string | undefined> {
  const file = files.find((one) => /(?:^|\/)cluster-info\/cluster_version\.json$/.test(one));
  const told = file === undefined ? undefined : parseJson(await readFile(join(directory, file), 'utf8'));
  return isRecord(told) && isRecord(told.info) ? textOf(told.info.gitVersion) : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function readManifest(directory: string, file: string) {
  const path = join(directory, file);
  try {
    const { size, mtimeMs: writtenMs } = await stat(path);
    if (size > MAX_FILE_BYTES) return { objects: [], failure: `${file}: larger than ${MAX_FILE_BYTES} bytes`, writtenMs };
    const list = size > MIN_LIST_BYTES && /\.json$/i.test(file) ? await readListFile(path) : undefined;
    if (list !== undefined) return { ...list, writtenMs };
    return { ...parseManifest(file, await readFile(path, 'utf8'), dropBookkeeping), writtenMs };
  } catch (cause) {
    return { objects: [], failure: `${file}: ${(cause as { code?: string }).code ?? 'cannot be read'}`, writtenMs: 0 };
  }
}

/** A List of this size is not held as a whole beside its objects. */
const MIN_LIST_BYTES = 1024 * 1024;

/** The objects of a List; undefined where the file holds anything else. */
async function readListFile(path: string): Promise<ManifestFile | undefined> {
  const handle = await open(path, 'r');
  const objects: KubernetesObject[] = [];
  const read = async (into: Buffer, offset: number, length: number) => (await handle.read(into, offset, length)).bytesRead;
  const take = (entry: object, header: ListHeader) => {
    for (const object of objectsOfEntry(entry, header, dropBookkeeping)) objects.push(object);
  };
  try {
    const header = await readList(read, { withoutManagedFields: WRITTEN_BY_CONTROLLERS, take });
    return header && { objects, ...listsOf([header]) };
  } finally {
    await handle.close();
  }
}

/** Kinds that only controllers write: who wrote which field says nothing, and is half of what such an object weighs. */
const WRITTEN_BY_CONTROLLERS: ReadonlySet<string> = new Set([
  'ControllerRevision',
  'EndpointSlice',
  'Endpoints',
  'Event',
  'Lease',
  'Pod',
  'ReplicaSet',
]);

function dropBookkeeping({ kind, metadata }: KubernetesObject): void {
  if (WRITTEN_BY_CONTROLLERS.has(kind) && metadata.managedFields !== undefined)
    (metadata as { managedFields?: unknown }).managedFields = undefined;
}

/** The first record of an object wins, in the order of the file names. */
function distinct(objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  const byName = new Map<string, KubernetesObject>();
  for (const object of objects) {
    const key = `${kindOf(object)}/${object.metadata.namespace ?? ''}/${object.metadata.name}`;
    if (!byName.has(key)) byName.set(key, object);
  }
  return [...byName.values()];
}

function nothingToRead(directory: string, failures: readonly string[]): Tier0Error {
  const [first] = failures;
  return new Tier0Error({
    code: 'INVALID_INPUT',
    message: `The snapshot "${directory}" holds no Kubernetes object${first ? `: ${first}` : ''}.`,
    hint: 'Put the output of `kubectl get all,events,configmaps,... -A -o json` below cluster/, as JSON or YAML.',
  });
}
