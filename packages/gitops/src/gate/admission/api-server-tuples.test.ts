import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { admissionRequests } from './admission-request.ts';
import { judgeAdmission } from './judge-admission.ts';
import { readAdmissionPolicies } from './read-policies.ts';

type Fields = Readonly<Record<string, unknown>>;

interface Case {
  readonly namespace: Fields;
  readonly policy: Fields;
  readonly binding: Fields;
  readonly params: readonly Fields[];
  /** A letter an object: `a` allowed, `d` denied; those that are created first, then those that are updated. */
  readonly verdicts: string;
}

/** Generated policies, bindings and parameters, and what a Kubernetes 1.34 API server said to objects under them, asked by dry runs. */
const recorded = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures/api-server-tuples.json'), 'utf8')) as {
  readonly parameterKind: Fields;
  readonly variables: unknown;
  readonly objects: readonly Fields[];
  readonly updates: readonly { readonly before: Fields; readonly after: Fields }[];
  readonly cases: readonly Case[];
};

function lettersOf({ namespace, policy, binding, params }: Case): string {
  const named = { apiVersion: 'admissionregistration.k8s.io/v1', metadata: { name: 'NS' } };
  const world = [
    ...[recorded.parameterKind, namespace, ...params],
    { ...named, kind: 'ValidatingAdmissionPolicy', spec: { ...policy, variables: recorded.variables } },
    { ...named, kind: 'ValidatingAdmissionPolicyBinding', spec: binding },
  ];
  const { policies } = readAdmissionPolicies(world, { complete: true });
  const letter = (object: Fields, before?: Fields) => {
    const [request] = admissionRequests(object, before, { namespaceObject: () => namespace });
    const results = request ? judgeAdmission(policies, request).filter(({ enforcement }) => enforcement === 'deny') : [];
    if (results.some(({ outcome }) => outcome === 'violated')) return 'd';
    return results.some(({ outcome }) => outcome === 'undecided') ? '?' : 'a';
  };
  return [...recorded.objects.map((object) => letter(object)), ...recorded.updates.map(({ before, after }) => letter(after, before))].join(
    '',
  );
}

test('generated policies are judged as the API server judges them; what is not decided is rare and lets nothing in', () => {
  const rows = recorded.cases.map((one) => ({ said: one.verdicts, found: lettersOf(one), policy: one.policy }));
  const differs = ({ said, found }: (typeof rows)[number]) => [...found].some((letter, at) => letter !== '?' && letter !== said[at]);
  expect(rows.filter(differs)).toEqual([]);
  expect(rows.every(({ said, found }) => said.length === found.length)).toBe(true);
  const all = rows.map(({ found }) => found).join('');
  expect(all.length).toBeGreaterThan(500);
  expect(all.replaceAll(/[^?]/g, '').length).toBeLessThan(all.length / 100);
});
