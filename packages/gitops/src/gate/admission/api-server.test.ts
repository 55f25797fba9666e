import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { admissionRequests } from './admission-request.ts';
import { judgeAdmission } from './judge-admission.ts';
import { readAdmissionPolicies } from './read-policies.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What a Kubernetes 1.34 API server said to each object under each policy, asked by a dry run: the names of those that it refused. */
const recorded = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures/api-server-verdicts.json'), 'utf8')) as {
  readonly namespace: Fields;
  readonly objects: Readonly<Record<string, Fields>>;
  readonly policies: Readonly<
    Record<string, { readonly policy: Fields; readonly binding: Fields; readonly params?: Fields; readonly denied: readonly string[] }>
  >;
};

/** Who asks, and what the authorizer says to them, is known to the server alone. */
const OPEN = ['authorizer', 'match-system'];

function objectsOf(name: string): readonly Fields[] {
  const { policy, binding, params } = recorded.policies[name] as (typeof recorded.policies)[string];
  const group = { apiVersion: 'admissionregistration.k8s.io/v1' };
  return [
    recorded.namespace,
    { ...group, kind: 'ValidatingAdmissionPolicy', metadata: { name: `lab-${name}` }, spec: policy },
    { ...group, kind: 'ValidatingAdmissionPolicyBinding', metadata: { name: `lab-${name}` }, spec: binding },
    ...(params ? [params] : []),
  ];
}

function verdict(name: string, object: Fields): 'allowed' | 'denied' | 'undecided' {
  const { policies } = readAdmissionPolicies(objectsOf(name), { complete: true });
  const [request] = admissionRequests(object, undefined, { namespaceObject: () => recorded.namespace });
  const results = request ? judgeAdmission(policies, request).filter(({ enforcement }) => enforcement === 'deny') : [];
  if (results.some(({ outcome }) => outcome === 'violated')) return 'denied';
  return results.some(({ outcome }) => outcome === 'undecided') ? 'undecided' : 'allowed';
}

test.each(Object.keys(recorded.policies))('%s is judged as the API server judges it', (name) => {
  const denied = recorded.policies[name]?.denied ?? [];
  const found = Object.fromEntries(Object.entries(recorded.objects).map(([key, object]) => [key, verdict(name, object)]));
  const expected = Object.fromEntries(
    Object.keys(recorded.objects).map((key) => {
      const isOpen = OPEN.includes(name) && found[key] === 'undecided';
      return [key, denied.includes(key) ? 'denied' : isOpen ? 'undecided' : 'allowed'];
    }),
  );
  expect(found).toEqual(expected);
});
