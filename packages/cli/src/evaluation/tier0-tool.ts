import {
  createDiagnostician,
  createFindingsDetector,
  createKubernetesLogsEvidence,
  createMemoryDetector,
  createMemoryPatternLibrary,
  createRecordedEvidence,
  MATTERS,
  SEED_PATTERNS,
} from '@tier0/agents';
import { createCmdb, createKubernetesSource, createPodLogReader } from '@tier0/cmdb';
import { type CallContext, type Diagnosis, type LanguageModel, parseKubernetesItemId, type RootCause } from '@tier0/core';
import type { DiagnosisAnswer, ScenarioAccess, ToolUnderTest } from '@tier0/eval';

/** Ranked alternatives below this confidence are offered, not asserted: tier0 itself proposes nothing on them. */
const ASSERTED_CONFIDENCE = 0.5;
const HORIZON_MS = 12 * 60 * 60 * 1000;

export interface Tier0ToolOptions {
  readonly version: string;
  readonly model?: LanguageModel | undefined;
}

/** tier0 as one more contestant: the same detectors and diagnostician as in the loop, with the built-in patterns only. */
export function createTier0Tool(options: Tier0ToolOptions): ToolUnderTest {
  return {
    describe: () => ({ name: 'tier0', version: options.version, kind: 'own' }),
    availability: async () => ({ status: 'available' }),
    diagnose: (access, context) => diagnose(access, options, context),
  };
}

async function diagnose(access: ScenarioAccess, options: Tier0ToolOptions, context: CallContext): Promise<DiagnosisAnswer> {
  const cmdb = createCmdb({ sources: [createKubernetesSource({ kubeconfig: access.kubeconfig, cluster: access.cluster })] });
  const { failures } = await cmdb.refresh(context);
  const reader = cmdb.reader();
  const { kubeconfig } = access;
  const logs = createKubernetesLogsEvidence({ readLog: createPodLogReader({ kubeconfig }) });
  const evidence = [createRecordedEvidence({ metrics: access.metrics, logs: [] }), logs];
  const matters = MATTERS;
  const detectors = [createMemoryDetector({ evidence, horizonMs: HORIZON_MS }), createFindingsDetector({ matters })];
  const seen = await Promise.all(detectors.map((detector) => detector.detect(reader, context)));
  const alerts = seen.flatMap((detection) => detection.alerts);
  const unknowns = [...failures, ...seen.flatMap((detection) => detection.unknowns)];
  if (alerts.length === 0) return { rootCauses: [], findings: 0, unknowns, raw: '{"alerts":[]}' };
  const patterns = createMemoryPatternLibrary({ patterns: SEED_PATTERNS });
  const diagnosis = await createDiagnostician({ evidence, patterns, matters, model: options.model }).diagnose({ alerts, reader }, context);
  return answerOf(diagnosis, unknowns);
}

function answerOf(diagnosis: Diagnosis, unknowns: readonly string[]): DiagnosisAnswer {
  const asserted = diagnosis.rootCauses.filter((rootCause) => rootCause.confidence >= ASSERTED_CONFIDENCE);
  return {
    rootCauses: asserted.flatMap(toAnswer),
    findings: Math.max(diagnosis.findings.length, asserted.length),
    unknowns: [...unknowns, ...diagnosis.unknowns],
    raw: JSON.stringify(diagnosis, null, 2),
  };
}

function toAnswer({ cause, subject, message, confidence }: RootCause): DiagnosisAnswer['rootCauses'] {
  const identity = parseKubernetesItemId(subject);
  if (!identity) return [];
  const { kind, namespace, name } = identity;
  return [{ cause, subject: { kind, namespace, name }, text: message, confidence }];
}
