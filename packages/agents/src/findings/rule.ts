import type { CmdbReader } from '@tier0/core';
import type { FindingDraft } from './finding-draft.ts';

/** One check over a snapshot. It has no clock but `reader.at`, and never turns "unknown" into a finding. */
export interface Rule {
  readonly name: string;
  /** Looks at the items of one moment. Returns what it found, nothing for what is absent or unknown. */
  check(reader: CmdbReader): readonly FindingDraft[];
}
