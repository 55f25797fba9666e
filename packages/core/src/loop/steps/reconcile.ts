import { Tier0Error } from '../../errors/tier0-error.ts';
import type { Diagnosis } from '../../model/diagnosis.ts';
import { toTimestamp } from '../../model/timestamp.ts';
import { chosenRemedy } from '../chosen-remedy.ts';
import type { DecisionResult, ReconcileResult } from '../incident-entry.ts';
import { audit, resultOf, type Step, type StepContext } from './step.ts';

/** Watches until the merged commit is live and healthy, or is known not to become so. */
export const reconcile: Step<'reconcile'> = (step) => watchCommit(step, resultOf(step, 'decide'));

/** The same for the commit that takes the change back. What was faulty before the change is so again, and no failure of the revert. */
export const reconcileRevert: Step<'reconcile-revert'> = (step) =>
  watchCommit(step, resultOf(step, 'decide-revert'), faultySubjects(resultOf(step, 'diagnose').diagnosis));

function faultySubjects({ findings }: Diagnosis): readonly string[] {
  return findings.filter(({ severity }) => severity === 'fault').map(({ subject }) => subject);
}

async function watchCommit(step: StepContext, decision: DecisionResult, faultyBefore: readonly string[] = []): Promise<ReconcileResult> {
  const { ports, context, settings, state } = step;
  if (decision.status !== 'merged') {
    throw new Tier0Error({
      code: 'INTERNAL',
      message: 'Nothing was merged that could become live.',
      hint: 'The incident record is out of order.',
    });
  }
  const items = [...new Set(chosenRemedy(state).remedy.edits.map((edit) => edit.item))];
  const request = { commit: decision.commit, items, faultyBefore, holdMs: settings.holdMs, timeoutMs: settings.reconcileTimeoutMs };
  for await (const progress of ports.reconciler.watch(request, context)) {
    if (progress.status === 'syncing' || progress.status === 'rolling-out' || progress.status === 'holding') {
      step.progress(progress.message);
      continue;
    }
    const result = { status: progress.status, commit: decision.commit, message: progress.message, at: toTimestamp(context.now()) };
    await audit(step, {
      actor: ports.reconciler.name,
      action: progress.status,
      subject: decision.commit,
      detail: { message: progress.message },
    });
    return result;
  }
  throw new Tier0Error({
    code: 'UNAVAILABLE',
    message: `The reconciler "${ports.reconciler.name}" stopped watching ${decision.commit} without an answer.`,
    hint: 'Check that the reconciler is running, then resume the incident.',
  });
}
