import type { Finding, Severity } from '@tier0/core';

/** What two tell of one thing counts as the worse of the two: a policy that could block, and a program that says it is blocked. */
const SEVERITIES: readonly Severity[] = ['fault', 'degraded', 'hygiene'];

/** What was seen a hundred times is shown by as few as these. */
const EVIDENCE = 10;

/** One thing that was seen twice: where it was seen and what it names are kept of both, and the sentence of the worse one. */
export function together(known: Finding, found: Finding): Finding {
  const isWorse = SEVERITIES.indexOf(found.severity) < SEVERITIES.indexOf(known.severity);
  const [one, other] = isWorse ? [found, known] : [known, found];
  const union = (a: readonly string[] = [], b: readonly string[] = []) => [...new Set([...a, ...b])].sort();
  const [seenOn, suspects] = [union(one.seenOn, other.seenOn), union(one.suspects, other.suspects)];
  const more = one.evidence.length < EVIDENCE ? other.evidence.filter(({ id }) => !one.evidence.some((known) => known.id === id)) : [];
  const evidence = more.length === 0 ? one.evidence : [...one.evidence, ...more].slice(0, Math.max(one.evidence.length, EVIDENCE));
  return {
    ...one,
    evidence,
    ...(seenOn.length > 0 ? { seenOn } : {}),
    ...(suspects.length > 0 ? { suspects } : {}),
  };
}
