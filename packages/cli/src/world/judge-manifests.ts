import { admissionRequests, judgeAdmission, manifestFlaws, readAdmissionPolicies } from '@tier0/gitops';

type Fields = Readonly<Record<string, unknown>>;

/**
 * What the gate would hold against new objects: the schemas of their kinds, the API server's validation, and the organisation's admission
 * policies, on the objects and on the pods they will make. A policy that cannot be decided or read here refuses. One line each.
 */
export function judgeManifests(objects: readonly Fields[], policyObjects: readonly Fields[]): readonly string[] {
  const { policies, notEvaluated } = readAdmissionPolicies(policyObjects);
  const flaws = objects.flatMap((object) => manifestFlaws(object).map(({ path, message }) => `${subjectOf(object)}: ${path}: ${message}`));
  const results = objects
    .flatMap((object) => admissionRequests(object, undefined))
    .flatMap((request) => judgeAdmission(policies, request))
    .filter(({ enforcement, outcome }) => enforcement === 'deny' && outcome !== 'passed');
  const refusals = results.map(({ policy, subject, outcome, message }) => {
    return `${subject}: ${policy} ${outcome === 'violated' ? 'refuses' : 'cannot be decided here'}: ${message}`;
  });
  return [...flaws, ...refusals, ...notEvaluated.map((line) => `a policy is not evaluated here: ${line}`)];
}

function subjectOf({ kind, metadata }: Fields): string {
  return `${String(kind)}/${String((metadata as { readonly name?: unknown } | undefined)?.name)}`;
}
