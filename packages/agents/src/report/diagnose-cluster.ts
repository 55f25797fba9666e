import type { CallContext, CmdbReader, Finding, Gap } from '@tier0/core';
import type { CitedCause } from '../diagnosis/diagnose-findings.ts';
import { type ClusterDiagnosisOptions, examineCluster } from '../diagnosis/examine.ts';
import type { Matter } from '../findings/matter.ts';
import type { RehearsedRemedy } from '../findings/remedy-draft.ts';
import type { RuleRun } from '../findings/run-rules.ts';
import { MATTERS } from '../kubernetes/matters.ts';
import { remediesFor } from '../remedy/choose.ts';
import { rehearseRemedy } from '../remedy/rehearse.ts';

/** What is wrong in one cluster, and what can be done about it. */
export interface ClusterDiagnosis {
  /** Linked by `explainedBy`; sorted by subject and code. */
  readonly findings: readonly Finding[];
  /** Most certain first. */
  readonly causes: readonly CitedCause[];
  /** Remedies by fingerprint of the root cause's finding. */
  readonly remedies: ReadonlyMap<string, readonly RehearsedRemedy[]>;
  readonly unknowns: readonly Gap[];
  /** Logs that were asked for. */
  readonly logsRead: number;
}

/** Examines the cluster, and rehearses a remedy for each root cause where one is known. */
export async function diagnoseCluster(
  reader: CmdbReader,
  options: ClusterDiagnosisOptions,
  context: CallContext,
): Promise<ClusterDiagnosis> {
  const { findings, causes, unknowns, run, logsRead } = await examineCluster(reader, options, context);
  const matters = options.matters ?? MATTERS;
  const { onProgress } = options;
  const remedies = options.remedies === false ? new Map() : remediesOf(causes, { reader, matters, before: run, onProgress });
  return { findings, causes, remedies, unknowns, logsRead };
}

/** Remedies that are tried on a copy of a large cluster at most; each takes about as long as the diagnosis. */
const REHEARSED_CAUSES = 20;
const REHEARSED_EACH = 3;

interface Rehearsing extends Pick<ClusterDiagnosisOptions, 'onProgress'> {
  readonly reader: CmdbReader;
  readonly matters: readonly Matter[];
  readonly before: RuleRun;
}

/** Remedies of each cause, tried and sorted, by the fingerprint of its finding. */
function remediesOf(
  causes: readonly CitedCause[],
  { reader, matters, before, onProgress }: Rehearsing,
): ReadonlyMap<string, readonly RehearsedRemedy[]> {
  return new Map(
    causes.map(({ rootCause, finding }, index) => {
      onProgress?.('rehearsing remedies of causes', { done: index, all: causes.length });
      const remedies = remediesFor({ reader, rootCause, finding }, matters).slice(0, REHEARSED_EACH);
      const tried = remedies.map((remedy): RehearsedRemedy => {
        if (remedy.edits.length === 0 || index >= REHEARSED_CAUSES) return remedy;
        return { ...remedy, rehearsal: rehearseRemedy({ matters, reader, remedy, finding, before }) };
      });
      return [finding.fingerprint, tried.sort((a, b) => order(a) - order(b))];
    }),
  );
}

/** What was seen to work first; of those what puts back what ran and was approved, before what merely seems right. */
function order({ rehearsal, kind }: RehearsedRemedy): number {
  // One that also needs a person comes after those that do not, before those that nothing speaks for.
  if (rehearsal?.passed !== true) return rehearsal?.beside === undefined ? 3 : 2;
  return kind === 'revert' ? 0 : 1;
}
