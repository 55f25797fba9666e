import { expect, test } from 'vitest';
import { faultsIn, minutesAgo, object, ownedBy, type Part, web } from '../../fixtures/made-cluster.ts';

const SAID = "pods \"web-1-x\" is forbidden: ValidatingAdmissionPolicy 'lids' with binding 'lids-here' denied request: ";
const NO_PARAMS = 'failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction';
const wide = (kind: string, name: string, spec: Part) => {
  const { metadata, ...rest } = object(kind, name, { spec }) as { readonly metadata: Part };
  return { ...rest, metadata: { ...metadata, namespace: undefined } };
};
const POLICY = wide('ValidatingAdmissionPolicy', 'lids', { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } });
const BINDING = wide('ValidatingAdmissionPolicyBinding', 'lids-here', { policyName: 'lids', paramRef: { name: 'sizes', namespace: 'ns' } });
const refused = (message: string): readonly Part[] => [
  web()[0] as Part,
  object('ReplicaSet', 'web-1', {
    metadata: ownedBy('Deployment', 'web'),
    spec: { replicas: 1 },
    status: {
      replicas: 0,
      conditions: [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message, lastTransitionTime: minutesAgo(9) }],
    },
  }),
];

test('a policy without its parameter is told at the parameter, one that judges is not', async () => {
  const missing = await faultsIn([POLICY, BINDING, ...refused(SAID + NO_PARAMS)]);
  expect(missing.some((line) => line.startsWith('T0-REPLICASET-010 ConfigMap ns/sizes'))).toBe(true);
  const judged = await faultsIn([
    POLICY,
    BINDING,
    object('ConfigMap', 'sizes', { data: { max: '3' } }),
    ...refused(`${SAID}too many lids`),
  ]);
  expect(judged).toEqual(['T0-REPLICASET-008 Deployment ns/web']);
});

test('a parameter that lacks the key the policy reads is told with the key', async () => {
  const lacking = `${SAID}expression 'params.data.max > 1' resulted in error: no such key: max`;
  const found = await faultsIn([POLICY, BINDING, object('ConfigMap', 'sizes', { data: { most: '3' } }), ...refused(lacking)]);
  expect(found.some((line) => line.startsWith('T0-REPLICASET-010 ConfigMap ns/sizes'))).toBe(true);
  const held = await faultsIn([POLICY, BINDING, object('ConfigMap', 'sizes', { data: { max: '3' } }), ...refused(lacking)]);
  expect(held.some((line) => line.startsWith('T0-REPLICASET-010'))).toBe(false);
});
