import { type ClusterDiagnosis, diagnoseCluster } from '@tier0/agents';
import { createSnapshotLogReader, openSnapshot, readSnapshot } from '@tier0/cmdb';
import type { CallContext, CmdbReader } from '@tier0/core';

/** A recording after it was diagnosed, with the reader the answers are true for. */
export interface DiagnosedFolder {
  readonly reader: CmdbReader;
  readonly diagnosis: ClusterDiagnosis;
}

/** What `tier0 diagnose --snapshot` does, without the command. */
export async function diagnoseFolder(
  directory: string,
  context: CallContext,
  options: { readonly withoutEvents?: boolean; readonly remedies?: boolean } = {},
): Promise<DiagnosedFolder> {
  const read = await readSnapshot(directory, context.signal);
  const snapshot = options.withoutEvents ? { ...read, objects: read.objects.filter((object) => object.kind !== 'Event') } : read;
  const { reader } = await openSnapshot(snapshot, {}, context);
  return {
    reader,
    diagnosis: await diagnoseCluster(reader, { readLog: createSnapshotLogReader(snapshot), remedies: options.remedies }, context),
  };
}
