import type { ExpectedAnswer, ExpectedRootCause, SubjectRef } from './scenario.ts';

/** One root cause as a tool named it, with the way it says the failure took. */
export interface NamedCause {
  readonly cause: string;
  readonly subject: SubjectRef;
  /** From the cause to the symptom. */
  readonly path: readonly SubjectRef[];
}

/** How a set of root causes compares with the truth of a scenario. */
export interface DiagnosisScore {
  readonly right: number;
  /** Named, and not true. */
  readonly wrong: number;
  /** True, and not named. */
  readonly missed: number;
  /** Neither wrong nor missed. */
  readonly isExact: boolean;
  /** Named causes that accuse an object of the `forbidden` list; in a control, every cause. */
  readonly accusations: number;
  /** True causes that state a path, and were named. */
  readonly pathsAsked: number;
  /** Of those, the ones whose path leads through the stated objects in their order. */
  readonly pathsRight: number;
}

/** Compares a diagnosis with the truth: the whole set counts, and each named cause answers for one true one at most. */
export function scoreDiagnosis(named: readonly NamedCause[], expected: ExpectedAnswer): DiagnosisScore {
  const open = new Set(named);
  const matches = expected.rootCauses.flatMap((truth) => {
    const match = [...open].find((candidate) => isRight(candidate, truth));
    if (match === undefined) return [];
    open.delete(match);
    return [{ truth, match }];
  });
  const asked = matches.filter(({ truth }) => (truth.path ?? []).length > 0);
  const missed = expected.rootCauses.length - matches.length;
  const isInnocent = ({ subject }: NamedCause) => expected.healthy || (expected.forbidden ?? []).some((item) => isSame(subject, item));
  return {
    right: matches.length,
    wrong: open.size,
    missed,
    isExact: open.size === 0 && missed === 0,
    accusations: [...open].filter(isInnocent).length,
    pathsAsked: asked.length,
    pathsRight: asked.filter(({ truth, match }) => leadsThrough(match.path, truth.path ?? [])).length,
  };
}

function isRight({ cause, subject }: NamedCause, truth: ExpectedRootCause): boolean {
  const places = [truth.subject, ...(truth.alsoAccept ?? [])];
  return [truth.cause, ...(truth.alsoAcceptCauses ?? [])].includes(cause) && places.some((place) => isSame(subject, place));
}

function isSame(a: SubjectRef, b: SubjectRef): boolean {
  return a.kind === b.kind && a.name === b.name && (a.namespace ?? '') === (b.namespace ?? '');
}

/** Whether the stated objects occur on the way in their order; others may stand between them. */
function leadsThrough(path: readonly SubjectRef[], stated: readonly SubjectRef[]): boolean {
  let next = 0;
  for (const item of path) if (next < stated.length && isSame(item, stated[next] as SubjectRef)) next += 1;
  return next === stated.length;
}
