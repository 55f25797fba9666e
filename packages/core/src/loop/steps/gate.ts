import { Tier0Error } from '../../errors/tier0-error.ts';
import { type ProposalContent, sealProposal } from '../../model/change-proposal.ts';
import { toTimestamp } from '../../model/timestamp.ts';
import { assessRisk } from '../../policy/risk.ts';
import { widestRadius } from '../../policy/widest-radius.ts';
import type { GateReport } from '../../ports/gate.ts';
import { chosenRemedy } from '../chosen-remedy.ts';
import { followUpKey } from './follow-up.ts';
import { audit, resultOf, type Step, type StepContext } from './step.ts';

/** Writes the proposal down, computes its risk, and asks whether it may proceed. */
export const gate: Step<'gate'> = async (step) => {
  const { ports, context, settings } = step;
  const { remedy, rehearsal } = chosenRemedy(step.state);
  const content = proposalContent(step);
  const assessed = await ports.gate.assess({ proposal: content, remedy, rehearsal, reader: ports.cmdb.reader() }, context);
  const report = withReconciler(assessed, ports.reconciler.name, (await ports.reconciler.check?.(context)) ?? []);
  const proposal = sealProposal(content);
  await audit(step, {
    actor: settings.author,
    action: 'assessed',
    subject: proposal.digest,
    detail: { effect: report.decision.effect, reasons: report.decision.reasons, risk: content.risk.level, trust: report.trust },
  });
  return { proposal, gate: report };
};

/** A change that nothing would bring live is not proposed: it would be merged, blamed for what it did not do, and taken back. */
function withReconciler(report: GateReport, name: string, missing: readonly string[]): GateReport {
  if (missing.length === 0) return report;
  const detail = `the reconciler "${name}" cannot bring changes live: ${missing.join('; ')}`;
  return {
    checks: [...report.checks, { name: 'reconciler', passed: false, detail }],
    decision: { effect: 'deny', reasons: [detail], requiredApprovals: 0 },
    trust: report.trust,
  };
}

function proposalContent(step: StepContext): ProposalContent {
  const { ports, context, settings, state } = step;
  const { remedy, edits } = chosenRemedy(state);
  const { diagnosis } = resultOf(step, 'diagnose');
  const reader = ports.cmdb.reader();
  const rootCause = diagnosis.rootCauses.find((candidate) => candidate.subject === remedy.subject && candidate.cause === remedy.cause);
  const cited = new Set(rootCause?.evidenceFor ?? []);
  const evidence = diagnosis.evidence.filter((piece) => cited.has(piece.id));
  if (evidence.length === 0) throw noEvidence(remedy.title);
  const blastRadius = widestRadius(remedy, reader);
  const object = reader.object(remedy.subject) as { spec?: { replicas?: number } } | undefined;
  const nowMs = context.now();
  return {
    incident: state.incident,
    title: remedy.title,
    author: settings.author,
    repository: settings.repository,
    baseBranch: settings.baseBranch,
    edits,
    why: [remedy.why, rootCause?.message].filter(Boolean).join(' '),
    evidence,
    risk: assessRisk({
      edits: remedy.edits,
      blastRadius,
      // The gate decides on production by policy; risk is scored for the worse case.
      production: true,
      replicas: object?.spec?.replicas,
      temporary: remedy.expiresAfterMs !== undefined,
      reversible: remedy.edits.every((edit) => edit.expectOld !== undefined || edit.value !== undefined),
    }),
    blastRadius,
    rollback: remedy.rollback,
    disproof: remedy.disproof,
    owner: reader.owner(remedy.subject)?.team,
    pattern: remedy.pattern,
    followUp: remedy.followUp ? followUpKey(state.incident) : undefined,
    expiresAt: remedy.expiresAfterMs === undefined ? undefined : toTimestamp(nowMs + remedy.expiresAfterMs),
    createdAt: toTimestamp(Math.floor(nowMs / 1000) * 1000),
  };
}

function noEvidence(title: string): Tier0Error {
  return new Tier0Error({
    code: 'INTERNAL',
    message: `The remedy "${title}" rests on no evidence of the diagnosis.`,
    hint: 'This is a defect of the remediator: a remedy must name the cause and subject of a root cause.',
  });
}
