import type { ExpectedAnswer, ExpectedRootCause, SubjectRef } from '../scenario/scenario.ts';
import type { CountedRootCause, TrialScore } from './trial.ts';

/** What the root causes alone are worth; the gates are judged apart. */
export type AnswerScore = Omit<TrialScore, 'gates'>;

/** Judges an answer against the truth. Pure, so that anybody can recompute it from the log of a run. */
export function scoreAnswer(
  rootCauses: readonly CountedRootCause[],
  expected: Pick<ExpectedAnswer, 'healthy' | 'rootCauses'>,
): AnswerScore {
  const reported = distinct(rootCauses);
  if (expected.healthy) {
    const silent = reported.length === 0;
    return { exact: silent, points: silent ? 1 : 0, placeNamed: silent, falseAlarm: !silent };
  }
  const right = reported.filter((answer) => expected.rootCauses.some((truth) => isRight(answer, truth)));
  const complete = expected.rootCauses.every((truth) => reported.some((answer) => isRight(answer, truth)));
  return {
    exact: complete && right.length === reported.length,
    points: complete ? right.length / reported.length : 0,
    placeNamed: expected.rootCauses.every((truth) => reported.some((answer) => isAtPlace(answer, truth))),
    falseAlarm: false,
  };
}

/** A failed trial: no answer is a wrong answer, and no false alarm. */
export const FAILED_TRIAL: AnswerScore = { exact: false, points: 0, placeNamed: false, falseAlarm: false };

/** Two pods of one workload with the same cause are one root cause. */
export function distinct(rootCauses: readonly CountedRootCause[]): readonly CountedRootCause[] {
  const keyOf = ({ cause, countedAs }: CountedRootCause) => JSON.stringify([cause, countedAs.kind, countedAs.namespace, countedAs.name]);
  return [...new Map(rootCauses.map((rootCause) => [keyOf(rootCause), rootCause])).values()];
}

/** Whether one named root cause is among the true ones. */
export function isTrueCause(answer: CountedRootCause, expected: Pick<ExpectedAnswer, 'rootCauses'>): boolean {
  return expected.rootCauses.some((truth) => isRight(answer, truth));
}

function isRight(answer: CountedRootCause, truth: ExpectedRootCause): boolean {
  return isAtPlace(answer, truth) && tellsCause(answer, truth);
}

/** By a word of the vocabulary or, where the truth has telling words, by what was said. */
function tellsCause({ cause, text }: CountedRootCause, { telling, ...truth }: ExpectedRootCause): boolean {
  if (telling !== undefined) return telling.some((word) => new RegExp(word, 'i').test(text));
  return cause !== undefined && [truth.cause, ...(truth.alsoAcceptCauses ?? [])].includes(cause);
}

function isAtPlace(answer: CountedRootCause, truth: ExpectedRootCause): boolean {
  return [truth.subject, ...(truth.alsoAccept ?? [])].some((place) => isSamePlace(answer.countedAs, place));
}

/** An answer that leaves the namespace out is given the benefit of the doubt. An accepted name may end in `*`: runs of a schedule are numbered. */
function isSamePlace(answered: SubjectRef, place: SubjectRef): boolean {
  const sameNamespace = answered.namespace === undefined || answered.namespace === place.namespace;
  const sameName = place.name.endsWith('*') ? answered.name.startsWith(place.name.slice(0, -1)) : answered.name === place.name;
  return answered.kind === place.kind && sameName && sameNamespace;
}
