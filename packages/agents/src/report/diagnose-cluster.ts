import type { CallContext, CmdbReader, Finding } from '@tier0/core';
import type { CitedCause } from '../diagnosis/diagnose-findings.ts';
import { type ClusterDiagnosisOptions, examineCluster } from '../diagnosis/examine.ts';
import type { RehearsedAdvice } from '../findings/advice.ts';
import type { Matter } from '../findings/matter.ts';
import type { RuleRun } from '../findings/run-rules.ts';
import { MATTERS } from '../kubernetes/matters.ts';
import { advise } from '../remedy/choose.ts';
import { rehearseFix } from '../remedy/rehearse.ts';

/** What is wrong in one cluster, and what can be done about it. */
export interface ClusterDiagnosis {
  /** Linked by `explainedBy`; sorted by subject and code. */
  readonly findings: readonly Finding[];
  /** Most certain first. */
  readonly causes: readonly CitedCause[];
  /** Remedies by fingerprint of the root cause's finding. */
  readonly remedies: ReadonlyMap<string, readonly RehearsedAdvice[]>;
  readonly unknowns: readonly string[];
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
  if (options.remedies !== false && causes.length > 0) options.onProgress?.(`rehearsing remedies for ${causes.length} causes`);
  const remedies = options.remedies === false ? new Map() : adviseAll(causes, { reader, matters, before: run });
  return { findings, causes, remedies, unknowns, logsRead };
}

/** Remedies that are tried on a copy of a large cluster at most; each takes about as long as the diagnosis. */
const REHEARSED_CAUSES = 20;
const REHEARSED_EACH = 3;

function adviseAll(
  causes: readonly CitedCause[],
  { reader, matters, before }: { readonly reader: CmdbReader; readonly matters: readonly Matter[]; readonly before: RuleRun },
): ReadonlyMap<string, readonly RehearsedAdvice[]> {
  return new Map(
    causes.map(({ rootCause, finding }, index) => {
      const advice = advise({ reader, rootCause, finding }, matters).slice(0, REHEARSED_EACH);
      const rehearsed = advice.map((one): RehearsedAdvice => {
        if (one.edits.length === 0 || index >= REHEARSED_CAUSES) return one;
        const { edits, assumption } = one;
        return { ...one, rehearsal: rehearseFix(reader, { matters, before, edits, assumption, fingerprint: finding.fingerprint }) };
      });
      // What was seen to work comes first.
      const works = (one: RehearsedAdvice) => (one.rehearsal?.passed === true ? 0 : 1);
      return [finding.fingerprint, rehearsed.sort((a, b) => works(a) - works(b))];
    }),
  );
}
