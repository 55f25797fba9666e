import { access } from 'node:fs/promises';
import type { ClusterLogRequest } from '@tier0/agents';
import {
  createBackstageSource,
  createCmdb,
  createKubernetesSource,
  createManifestsSource,
  createPodLogReader,
  createSnapshotLogReader,
  loadKubeconfig,
  openSnapshot,
  readSnapshot,
} from '@tier0/cmdb';
import { type CallContext, type Cmdb, type CmdbReader, type Gap, type InventorySource, type RefreshReport, Tier0Error } from '@tier0/core';
import { atRecording, recordingPlace } from '../world/recording-place.ts';

/** Where a cluster is read from: exactly one of `snapshot`, `manifests`, `kubeconfig` and `kubeconfigText`. */
export interface Place {
  /** Folder of a recording, or of `kubectl get -o json` files. */
  readonly snapshot?: string | undefined;
  /** Folder of manifests that stand for live objects. */
  readonly manifests?: string | undefined;
  /** Path of a kubeconfig file. */
  readonly kubeconfig?: string | undefined;
  /** Text of a kubeconfig. */
  readonly kubeconfigText?: string | undefined;
  /** Context of the kubeconfig. Default: its current one. */
  readonly context?: string | undefined;
  /** Name of the cluster in item ids. Default `cluster`, or the name in the recording. */
  readonly cluster?: string | undefined;
  /** Only this namespace is read from a live cluster. Default: all. */
  readonly namespace?: string | undefined;
  /** Milliseconds one request to a live cluster may take. Default 30,000. */
  readonly requestTimeoutMs?: number | undefined;
  /** Told how many kinds of a live cluster are read. */
  readonly onProgress?: ((line: string, count?: { readonly done: number; readonly all: number }) => void) | undefined;
  /** A Backstage `catalog-info.yaml`, to name owners. */
  readonly catalog?: string | undefined;
}

/** A cluster that was read, and how its logs are. */
export interface World {
  readonly reader: CmdbReader;
  /** Text of a container's log; undefined when there is none. */
  readonly readLog: (request: ClusterLogRequest) => Promise<string | undefined>;
  /** What the sources could not read, besides what their coverage says. */
  readonly failures: readonly Gap[];
  /** The CMDB behind the reader, for who looks again; a recording has none. */
  readonly cmdb?: Cmdb | undefined;
}

/** Reads a cluster, live or recorded, and whatever other sources are given besides. Throws INVALID_INPUT unless one place is named, NOT_FOUND and UNAVAILABLE where it cannot be read. */
export async function openWorld(place: Place, context: CallContext, more: readonly InventorySource[] = []): Promise<World> {
  const named = [place.snapshot, place.manifests, place.kubeconfig ?? place.kubeconfigText].filter((one) => one !== undefined);
  if (named.length !== 1) throw notOnePlace(named.length);
  const catalog = place.catalog === undefined ? [...more] : [createBackstageSource({ file: await existing(place.catalog) }), ...more];
  if (place.snapshot !== undefined) return await openRecording(place.snapshot, { place, catalog }, context);
  if (place.manifests !== undefined) {
    const recording = await recordingPlace(place.manifests);
    const source = createManifestsSource({ directory: recording.directory, cluster: place.cluster ?? 'cluster' });
    return { ...(await readOnce([source, ...catalog], atRecording(context, recording))), readLog: async () => undefined };
  }
  const kubeconfig = place.kubeconfigText ?? (await loadKubeconfig({ file: place.kubeconfig }));
  const namespaces = place.namespace === undefined ? [] : [place.namespace];
  const { requestTimeoutMs, onProgress } = place;
  const cluster = place.cluster ?? 'cluster';
  const source = createKubernetesSource({
    kubeconfig,
    context: place.context,
    cluster,
    namespaces,
    requestTimeoutMs,
    onProgress: onProgress && ((count) => onProgress('reading kinds', count)),
  });
  return {
    ...(await readOnce([source, ...catalog], context)),
    readLog: createPodLogReader({ kubeconfig, context: place.context, requestTimeoutMs }),
  };
}

async function openRecording(
  directory: string,
  { place, catalog }: { readonly place: Place; readonly catalog: readonly InventorySource[] },
  context: CallContext,
): Promise<World> {
  const snapshot = await readSnapshot(directory, context.signal);
  const { reader, failures } = await openSnapshot(snapshot, { cluster: place.cluster, sources: catalog }, context);
  return { reader, failures: failures.filter(isNotInCoverage), readLog: createSnapshotLogReader(snapshot) };
}

async function readOnce(sources: readonly InventorySource[], context: CallContext) {
  const cmdb = createCmdb({ sources });
  const report = await cmdb.refresh(context);
  const { failures } = report;
  if (report.items === 0) throw nothingRead(report);
  return { cmdb, reader: cmdb.reader(), failures: failures.filter(isNotInCoverage) };
}

/** Why a reading brought nothing: what its source said, else what it could not read. */
export function nothingRead({ errors = [], failures }: Pick<RefreshReport, 'errors' | 'failures'>): Tier0Error {
  const [error] = errors;
  if (error !== undefined) return error;
  return new Tier0Error({
    code: 'UNAVAILABLE',
    message: failures[0]?.message ?? 'The cluster holds nothing that tier0 may see.',
    hint: 'Check with "kubectl get pods -A"; tier0 needs "list" on the kinds in docs/guides/read-only-access.yaml.',
  });
}

/** A file that was named must be there: what it would have told is not merely unknown. Throws NOT_FOUND. */
export async function existing(file: string): Promise<string> {
  await access(file).catch((cause) => {
    throw new Tier0Error({
      code: 'NOT_FOUND',
      message: `There is no file ${file}.`,
      hint: 'Name an existing file that may be read.',
      cause,
    });
  });
  return file;
}

/** Kinds that a source was refused are in its coverage, which the rules read themselves. */
function isNotInCoverage({ kind }: Gap): boolean {
  return kind === undefined;
}

function notOnePlace(count: number): Tier0Error {
  return new Tier0Error({
    code: 'INVALID_INPUT',
    message: count === 0 ? 'No cluster is named.' : 'A recording and a live cluster exclude each other: one of them is read.',
    hint: 'Name one of snapshot, manifests and kubeconfig.',
  });
}
