import { type DiagnosisDocument, type RootCauseEntry, toDiagnosisDocument } from '@tier0/agents';
import { type CallContext, type CmdbReader, type ItemEdit, kubernetesItemId, writeField } from '@tier0/core';
import {
  type DiagnosisScore,
  fixHolds,
  listScenarios,
  type ObjectLookup,
  readScenario,
  type Scenario,
  type SubjectRef,
  scoreDiagnosis,
} from '@tier0/eval';
import { type DiagnosedFolder, diagnoseFolder } from './diagnose-folder.ts';

/** How tier0 did on one scenario. */
export interface ScenarioResult {
  readonly name: string;
  readonly isControl: boolean;
  readonly score: DiagnosisScore;
  /** The same with every Event taken out of the recording. */
  readonly withoutEvents: DiagnosisScore;
  readonly document: DiagnosisDocument;
  /** Each named root cause with whether it is true: what the confidence is held against. */
  readonly judged: readonly { readonly confidence: number; readonly basis: string; readonly isTrue: boolean }[];
  /** `passed`: some remedy of a true cause passes its rehearsal. `right`: and leaves the cluster as one of the acceptable fixes wants it. */
  readonly remedy: {
    readonly passed: boolean;
    readonly right: boolean;
    /** Whether the scenario knows an edit that people would accept. */
    readonly hasFix: boolean;
  };
}

/** Scenarios that can be judged from a recording alone: those that need measurements over time are left to the arena. */
export function scenarioFolders(root: string): readonly string[] {
  return listScenarios(root);
}

/** Diagnoses a scenario with and without events, and compares with its truth. */
export async function judgeScenario(directory: string, context: CallContext): Promise<ScenarioResult> {
  const scenario = await readScenario(directory);
  const diagnosed = await diagnoseFolder(directory, context);
  const { reader, diagnosis } = diagnosed;
  const document = toDiagnosisDocument(diagnosis, reader);
  const silent = await diagnoseFolder(directory, context, { withoutEvents: true, remedies: false });
  const silentDocument = toDiagnosisDocument(silent.diagnosis, silent.reader);
  return {
    name: scenario.name,
    isControl: scenario.expected.healthy,
    score: scoreDiagnosis(document.rootCauses, scenario.expected),
    withoutEvents: scoreDiagnosis(silentDocument.rootCauses, scenario.expected),
    document,
    judged: document.rootCauses.map((cause) => ({
      confidence: cause.confidence,
      basis: cause.code,
      isTrue: scoreDiagnosis([cause], scenario.expected).right === 1,
    })),
    remedy: judgeRemedies(document, scenario, diagnosed),
  };
}

function judgeRemedies(document: DiagnosisDocument, scenario: Scenario, { reader, diagnosis }: DiagnosedFolder): ScenarioResult['remedy'] {
  const isTrue = (cause: RootCauseEntry) => scoreDiagnosis([cause], scenario.expected).right === 1;
  // A report withholds the words of some values; what is judged is the edits themselves.
  const passed = document.rootCauses
    .filter(isTrue)
    .flatMap((cause) => diagnosis.remedies.get(cause.finding) ?? [])
    .filter((remedy) => remedy.rehearsal?.passed === true && remedy.edits.length > 0);
  const fixes = scenario.expected.fixes ?? [];
  const right = passed.some((remedy) => fixHolds(fixes, repairedBy(remedy.edits, reader, scenario.meta.cluster)));
  return { passed: passed.length > 0, right, hasFix: fixes.length > 0 };
}

/** The objects as they are once the edits are in. */
function repairedBy(edits: readonly ItemEdit[], reader: CmdbReader, cluster: string): ObjectLookup {
  const idOf = ({ kind, namespace, name }: SubjectRef) => kubernetesItemId({ cluster, kind, namespace, name });
  const repaired = new Map<string, unknown>();
  for (const { item, fieldPath, value } of edits)
    repaired.set(item, writeField(repaired.get(item) ?? reader.object(item), fieldPath, value));
  return (subject) => repaired.get(idOf(subject)) ?? reader.object(idOf(subject));
}
