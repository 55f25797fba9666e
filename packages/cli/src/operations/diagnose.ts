import {
  type ClusterDiagnosis,
  type DiagnosisDocument,
  type DiagnosisFocus,
  diagnoseCluster,
  type Matter,
  toDiagnosisDocument,
} from '@tier0/agents';
import { type CallContext, type Coverage, distinctGaps } from '@tier0/core';
import type { World } from './open-world.ts';

/** A cluster that can be diagnosed: what was read of it, and, where they can be had, its logs. */
export type DiagnosedWorld = Pick<World, 'reader'> & Partial<Pick<World, 'readLog' | 'failures'>>;

/** What part of a diagnosis is wanted, and who is told what is being done. */
export interface DiagnoseOptions extends DiagnosisFocus {
  /** What the caller may know of: whatever else was found is left out, and so is what could not be read. Default: everything. */
  readonly mayRead?: ((item: string) => boolean) | undefined;
  /** What can be found and what helps. Default: what tier0 knows. */
  readonly matters?: readonly Matter[] | undefined;
  /** Told what is done at the moment, and how much of it, for a person who waits. */
  readonly onProgress?: ((line: string, count?: { readonly done: number; readonly all: number }) => void) | undefined;
}

/** What a diagnosis says, and the whole of it for who goes on with it. */
export interface DiagnoseResult {
  readonly document: DiagnosisDocument;
  readonly diagnosis: ClusterDiagnosis;
  /** `unknown`: nothing was found, but not everything could be looked at. */
  readonly health: 'healthy' | 'problems' | 'unknown';
}

/** Root causes of a cluster with rehearsed remedies: what `tier0 diagnose`, the loop, HTTP, MCP and the arena all run. */
export async function diagnoseWorld(world: DiagnosedWorld, options: DiagnoseOptions, context: CallContext): Promise<DiagnoseResult> {
  const { reader, readLog, failures = [] } = world;
  const { onProgress, matters, mayRead, ...focus } = options;
  const diagnosis = await diagnoseCluster(reader, { readLog, onProgress, matters }, context);
  const found = { ...diagnosis, unknowns: distinctGaps([...failures, ...diagnosis.unknowns]) };
  const all = mayRead ? narrowed(found, mayRead) : found;
  const document = toDiagnosisDocument(all, reader, focus);
  return { document, diagnosis: all, health: healthOf(document, world, focus) };
}

/** A cause is told to who may know of all that leads to it. */
function narrowed(found: ClusterDiagnosis, mayRead: (item: string) => boolean): ClusterDiagnosis {
  const seen = (ids: readonly string[]) => ids.every(mayRead);
  return {
    ...found,
    findings: found.findings.filter(({ subject, suspects = [], seenOn = [] }) => seen([subject, ...suspects, ...seenOn])),
    causes: found.causes.filter(({ rootCause }) => seen([rootCause.subject, ...rootCause.path])),
    unknowns: [],
  };
}

/** Finding nothing is good news only where everything could be looked at. */
function healthOf({ rootCauses }: DiagnosisDocument, { reader }: DiagnosedWorld, { namespace }: DiagnosisFocus): DiagnoseResult['health'] {
  if (rootCauses.length > 0) return 'problems';
  const rows = reader.slices().flatMap((slice) => slice.coverage);
  const isGap = (row: Coverage) => row.state === 'forbidden' || row.state === 'failed';
  // In a recording one namespace may lack what another has: that is said, and is no refusal.
  const isAsked = (row: Coverage) => row.namespace === undefined || row.namespace === namespace;
  return rows.some((row) => isGap(row) && isAsked(row)) ? 'unknown' : 'healthy';
}
