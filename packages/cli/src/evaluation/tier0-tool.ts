import { explain } from '@tier0/agents/assist';
import { type CallContext, type Diagnosis, formatFieldPath, type ItemEdit, type LanguageModel, parseKubernetesItemId } from '@tier0/core';
import { bareKind } from '@tier0/core/kubernetes';
import type { DiagnosisAnswer, ProposedEdit, ProposedFix, ScenarioAccess, ToolUnderTest } from '@tier0/eval';
import { createTier0, type Tier0Cause, type Tier0Diagnosis } from '../create-tier0.ts';
import { heardModel } from './heard-model.ts';

export interface Tier0ToolOptions {
  readonly version: string;
  /** Explains what was found. The root cause and the repair stay those of the rules. */
  readonly model?: LanguageModel | undefined;
}

const NOTE = 'createTier0(...).diagnose(), as a program that embeds tier0 calls it: rules over the graph, no model.';
const NOTE_WITH_MODEL =
  'The same; the model explains the diagnosis under pseudonyms. By design it decides neither the cause nor the repair, so both rows agree there.';

/** tier0 as one more contestant, through the door that everybody uses. */
export function createTier0Tool({ version, model }: Tier0ToolOptions): ToolUnderTest {
  const named = model === undefined ? { id: 'tier0', name: 'tier0' } : { id: 'tier0-with-model', name: 'tier0 with model' };
  return {
    describe: () => ({
      ...named,
      version,
      kind: 'own',
      model: model?.model,
      note: model === undefined ? NOTE : NOTE_WITH_MODEL,
      repeats: isScripted(model) ? 1 : undefined,
    }),
    availability: async () => ({ status: 'available' }),
    diagnose: (access, context) => diagnose(access, model, context),
  };
}

async function diagnose(access: ScenarioAccess, model: LanguageModel | undefined, context: CallContext): Promise<DiagnosisAnswer> {
  const cluster = { kubeconfigText: access.kubeconfig, cluster: access.cluster };
  const tier0 = createTier0({ cluster, now: context.now, signal: context.signal });
  try {
    const diagnosis = await tier0.diagnose();
    const answer = answerOf(diagnosis);
    return model === undefined ? answer : { ...answer, ...(await explained(diagnosis, model, context)) };
  } finally {
    await tier0.close();
  }
}

function answerOf({ document, causes }: Tier0Diagnosis): DiagnosisAnswer {
  return {
    rootCauses: document.rootCauses.map(({ cause, subject, message, confidence, finding }) => {
      const { kind, namespace, name } = subject;
      const cited = document.findings.find(({ fingerprint }) => fingerprint === finding)?.evidence.map(({ excerpt }) => excerpt) ?? [];
      return { cause, subject: { kind, namespace, name }, text: [message, ...cited.slice(0, 2)].join('\n'), confidence };
    }),
    findings: Math.max(document.findings.length, document.rootCauses.length),
    unknowns: document.unknowns,
    fixes: fixesOf(causes),
    raw: JSON.stringify(document, null, 1),
  };
}

/** One repair for everything first, then each remedy by itself, best first. */
function fixesOf(causes: readonly Tier0Cause[]): readonly ProposedFix[] {
  const remedies = causes.map((cause) => cause.remedies.filter(({ edits }) => edits.length > 0));
  const first = remedies.flatMap(([best]) => best ?? []);
  const whole =
    first.length > 1
      ? [{ title: first.map(({ title }) => title).join('; '), edits: first.flatMap(({ edits }) => edits.flatMap(editOf)) }]
      : [];
  return [...whole, ...remedies.flat().map(({ title, edits }) => ({ title, edits: edits.flatMap(editOf) }))];
}

function editOf({ item, fieldPath, value }: ItemEdit): readonly ProposedEdit[] {
  const identity = parseKubernetesItemId(item);
  if (!identity) return [];
  const { kind, namespace, name } = identity;
  return [
    { subject: { kind: bareKind(kind), ...(namespace === undefined ? {} : { namespace }), name }, path: formatFieldPath(fieldPath), value },
  ];
}

/** A scripted model says the same each time. */
function isScripted(model: LanguageModel | undefined): boolean {
  return model?.name === 'scripted';
}

/** What the model was sent is kept for the gate that looks for secrets. */
async function explained(diagnosis: Tier0Diagnosis, model: LanguageModel, context: CallContext): Promise<Partial<DiagnosisAnswer>> {
  const { document } = diagnosis;
  if (document.rootCauses.length === 0) return { modelUse: { calls: 0 } };
  const heard = heardModel(model);
  const told = await explain(diagnosisOf(diagnosis), heard.model, context);
  const raw = JSON.stringify({ explanation: told.state === 'explained' ? told.text : `none: ${told.why}`, document }, null, 1);
  return { modelUse: heard.use(), raw };
}

function diagnosisOf({ document, causes }: Tier0Diagnosis): Diagnosis {
  const findings = causes.map(({ finding }) => finding);
  return {
    takenAt: document.takenAt,
    findings,
    rootCauses: document.rootCauses.flatMap(({ cause, message, confidence, basis, finding: fingerprint }) => {
      const finding = findings.find((one) => one.fingerprint === fingerprint);
      if (finding === undefined) return [];
      const { subject, evidence } = finding;
      const evidenceFor = evidence.map(({ id }) => id);
      return [{ cause, subject, message, confidence, basis, path: [subject], evidenceFor, evidenceAgainst: [] }];
    }),
    evidence: findings.flatMap(({ evidence }) => evidence),
    unknowns: document.gaps ?? [],
  };
}
