import {
  createBackstageSource,
  createCmdb,
  createKubernetesSource,
  createManifestsSource,
  createSqliteCmdbStore,
  DEFAULT_IDENTITY_RULES,
  loadKubeconfig,
} from '@tier0/cmdb';
import { type CallContext, type CmdbReader, type Gap, type InventorySource, Tier0Error } from '@tier0/core';
import { atRecording, recordingPlace } from '../world/recording-place.ts';
import type { Graph } from './find-item.ts';
import { instantOf } from './instant.ts';
import { existing, nothingRead, type Place } from './open-world.ts';

/** What a graph is made of: any of a recording, a live cluster and a catalog together; or a store, alone. */
export interface GraphPlace extends Pick<Place, 'snapshot' | 'kubeconfig' | 'kubeconfigText' | 'context' | 'cluster' | 'catalog'> {
  /** SQLite file that a CMDB recorded into, with its history. */
  readonly store?: string | undefined;
  /** The moment that is asked about: an instant, or a time before the newest (`24h`). Default: the newest. */
  readonly at?: string | undefined;
}

/** A graph that was read, ready for questions. */
export interface OpenGraph extends Graph {
  readonly newest: CmdbReader;
  /** What could not be read. */
  readonly failures: readonly Gap[];
}

/** Reads what the place names into one graph. Throws INVALID_INPUT for a store beside other sources, NOT_FOUND and UNAVAILABLE. */
export async function openGraph(place: GraphPlace, context: CallContext, more: readonly InventorySource[] = []): Promise<OpenGraph> {
  const recording = place.snapshot === undefined ? undefined : await recordingPlace(place.snapshot);
  const sources = await sourcesOf({ ...place, snapshot: recording?.directory }, more);
  const store = place.store === undefined ? undefined : createSqliteCmdbStore({ file: await existing(place.store) });
  // A recording beside a live cluster is read as of now: one graph has one newest moment.
  const moment = recording === undefined || isLive(place) ? context : atRecording(context, recording);
  try {
    // A question records nothing: a store is asked without sources (its graph snapshot, a cache, may be renewed).
    const cmdb = createCmdb(sources.length === 0 ? { sources, store } : { sources, identity: DEFAULT_IDENTITY_RULES });
    const report = await cmdb.refresh(moment);
    if (report.items === 0 && (report.errors ?? []).length > 0) throw nothingRead(report);
    const newest = cmdb.reader();
    const reader = place.at === undefined ? newest : newest.asOf(instantOf(place.at, newest.at));
    return { reader, newest, failures: report.failures };
  } finally {
    await store?.close?.();
  }
}

function isLive({ kubeconfig, kubeconfigText }: GraphPlace): boolean {
  return (kubeconfig ?? kubeconfigText) !== undefined;
}

async function sourcesOf(place: GraphPlace, more: readonly InventorySource[]): Promise<readonly InventorySource[]> {
  const { snapshot, kubeconfig, context, catalog, store, cluster = 'cluster' } = place;
  if (store !== undefined && (snapshot !== undefined || isLive(place) || catalog !== undefined)) throw storeAlone();
  const text = isLive(place) ? (place.kubeconfigText ?? (await loadKubeconfig({ file: kubeconfig }))) : undefined;
  return [
    ...(snapshot === undefined ? [] : [createManifestsSource({ directory: snapshot, cluster })]),
    ...(text === undefined ? [] : [createKubernetesSource({ kubeconfig: text, context, cluster })]),
    ...(catalog === undefined ? [] : [createBackstageSource({ file: await existing(catalog) })]),
    ...(store === undefined ? more : []),
  ];
}

function storeAlone(): Tier0Error {
  return new Tier0Error({
    code: 'INVALID_INPUT',
    message: 'A store is read alone: its record already holds what its sources said.',
    hint: 'Leave out either the store or the other sources.',
  });
}
