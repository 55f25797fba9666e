import type { CmdbReader, Finding } from '@tier0/core';

/** A container whose log may explain a finding. */
export interface LogCandidate {
  /** Item id of the pod. */
  readonly pod: string;
  readonly container: string;
  /** The instance before the last restart. */
  readonly previous: boolean;
}

/** A log that was read. */
export interface ContainerLog extends LogCandidate {
  readonly text: string;
}

export function logCandidates(_findings: readonly Finding[], _reader: CmdbReader): readonly LogCandidate[] {
  return [];
}

export function findingsFromLogs(_input: {
  readonly reader: CmdbReader;
  readonly findings: readonly Finding[];
  readonly logs: readonly ContainerLog[];
}): readonly Finding[] {
  return [];
}
