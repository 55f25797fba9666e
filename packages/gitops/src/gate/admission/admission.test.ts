import { describe, expect, test } from 'vitest';
import { admissionRequests } from './admission-request.ts';
import { judgeAdmission } from './judge-admission.ts';
import { readAdmissionPolicies } from './read-policies.ts';
import { restMapping } from './rest-mapping.ts';

const web = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop', labels: { app: 'web' } },
  spec: {
    replicas: 3,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'example.test/web:latest' }] } },
  },
};

function judge(objects: readonly Record<string, unknown>[], object: Record<string, unknown> = web, old?: Record<string, unknown>) {
  const { policies } = readAdmissionPolicies(objects);
  return admissionRequests(object, old).flatMap((request) => judgeAdmission(policies, request));
}

const limitReplicas = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicy',
  metadata: { name: 'few-replicas' },
  spec: {
    failurePolicy: 'Fail',
    matchConstraints: {
      resourceRules: [{ apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['deployments'] }],
    },
    variables: [{ name: 'wanted', expression: 'object.spec.replicas' }],
    validations: [{ expression: 'variables.wanted <= params.data.max', messageExpression: '"at most " + string(params.data.max)' }],
    paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
  },
};
const binding = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicyBinding',
  metadata: { name: 'few-replicas' },
  spec: { policyName: 'few-replicas', validationActions: ['Deny'], paramRef: { name: 'limits', parameterNotFoundAction: 'Deny' } },
};
const limits = (max: number) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'limits' }, data: { max } });

describe('ValidatingAdmissionPolicy', () => {
  test('a violated validation denies, with its message; a kept one passes', () => {
    expect(judge([limitReplicas, binding, limits(2)])).toEqual([
      {
        policy: 'ValidatingAdmissionPolicy/few-replicas',
        subject: 'Deployment/web',
        enforcement: 'deny',
        outcome: 'violated',
        message: 'at most 2',
      },
    ]);
    expect(judge([limitReplicas, binding, limits(3)])).toMatchObject([{ outcome: 'passed' }]);
  });

  test('a parameter that is not known leaves it undecided', () => {
    expect(judge([limitReplicas, binding])).toMatchObject([
      { outcome: 'undecided', message: expect.stringContaining('limits is not known') },
    ]);
  });

  test('without a binding it is not in force, and that is said', () => {
    expect(readAdmissionPolicies([limitReplicas])).toEqual({
      policies: [],
      notEvaluated: ['ValidatingAdmissionPolicy/few-replicas: no binding puts it into force'],
    });
  });

  test('a namespace whose labels are not known counts as matching, one known to be another does not', () => {
    const selecting = (matchLabels: object) => [
      limitReplicas,
      { ...binding, spec: { ...binding.spec, matchResources: { namespaceSelector: { matchLabels } } } },
      limits(2),
    ];
    expect(judge(selecting({ tier: 'production' }))).toHaveLength(1);
    expect(judge(selecting({ 'kubernetes.io/metadata.name': 'other' }))).toEqual([]);
    const { policies } = readAdmissionPolicies(selecting({ tier: 'production' }));
    const [request] = admissionRequests(web, undefined, {
      namespaceObject: () => ({ kind: 'Namespace', metadata: { name: 'shop', labels: { tier: 'test' } } }),
    });
    expect(request && judgeAdmission(policies, request)).toEqual([]);
  });

  test('a condition that is false makes it silent, whatever the others do; one that fails is what failurePolicy says', () => {
    const conditioned = (expression: string) => [
      { ...limitReplicas, spec: { ...limitReplicas.spec, matchConditions: [{ name: 'only', expression }] } },
      binding,
      limits(2),
    ];
    expect(judge(conditioned('object.metadata.name == "other"'))).toEqual([]);
    expect(judge(conditioned('object.metadata.missing == "x"'))).toMatchObject([{ outcome: 'violated' }]);
    expect(judge(conditioned('request.userInfo.username == "x"'))).toMatchObject([{ outcome: 'undecided' }]);
    const lenient = { failurePolicy: 'Ignore', matchConditions: [{ name: 'only', expression: 'object.metadata.missing == "x"' }] };
    expect(judge([{ ...limitReplicas, spec: { ...limitReplicas.spec, ...lenient } }, binding, limits(2)])).toEqual([]);
    const both = [
      { name: 'a', expression: 'object.metadata.missing == "x"' },
      { name: 'b', expression: 'false' },
    ];
    expect(judge([{ ...limitReplicas, spec: { ...limitReplicas.spec, matchConditions: both } }, binding, limits(2)])).toEqual([]);
  });

  test('oldObject is there on updates', () => {
    const shrink = {
      ...limitReplicas,
      spec: {
        ...limitReplicas.spec,
        paramKind: undefined,
        variables: [],
        validations: [{ expression: 'object.spec.replicas >= oldObject.spec.replicas' }],
      },
    };
    const old = { ...web, spec: { ...web.spec, replicas: 5 } };
    expect(judge([shrink, binding], web, old)).toMatchObject([{ outcome: 'violated' }]);
  });
});

describe('the status', () => {
  const policy = (expression: string, kind: string) => [
    {
      apiVersion: 'policies.kyverno.io/v1',
      kind: 'ValidatingPolicy',
      metadata: { name: 'status' },
      spec: {
        matchConstraints: { resourceRules: [{ apiGroups: ['apps'], apiVersions: ['v1'], operations: ['*'], resources: [kind] }] },
        validations: [{ expression }],
      },
    },
  ];

  test('of a new object is what the server begins with, whatever the manifest says', () => {
    expect(judge(policy('object.status == {}', 'deployments'), { ...web, status: { replicas: 3 } })).toMatchObject([{ outcome: 'passed' }]);
    expect(judge(policy('object.status == {}', 'statefulsets'), { ...web, kind: 'StatefulSet' })).toMatchObject([{ outcome: 'violated' }]);
  });

  test('of an updated object is that of the stored one, and not known from a manifest', () => {
    const asked = policy('object.status.replicas == 3', 'deployments');
    expect(judge(asked, web, web)).toMatchObject([
      { outcome: 'undecided', message: expect.stringContaining('status, which what runs writes') },
    ]);
    expect(judge(asked, web, { ...web, status: { replicas: 3 } })).toMatchObject([{ outcome: 'passed' }]);
  });
});

describe('Kyverno', () => {
  const noLatest = {
    apiVersion: 'kyverno.io/v1',
    kind: 'ClusterPolicy',
    metadata: { name: 'no-latest' },
    spec: {
      validationFailureAction: 'Enforce',
      rules: [
        {
          name: 'tag',
          match: { any: [{ resources: { kinds: ['Pod'], operations: ['CREATE', 'UPDATE'] } }] },
          validate: {
            cel: { expressions: [{ expression: 'object.spec.containers.all(c, !c.image.endsWith(":latest"))', message: 'no latest' }] },
          },
        },
        { name: 'changes', match: { any: [{ resources: { kinds: ['Pod'] } }] }, mutate: { patchStrategicMerge: { spec: {} } } },
      ],
    },
  };

  test('a policy about pods judges the pods that a Deployment will make', () => {
    expect(judge([noLatest])).toEqual([
      {
        policy: 'ClusterPolicy/no-latest/tag',
        subject: 'pods of Deployment/web',
        enforcement: 'deny',
        outcome: 'violated',
        message: 'no latest',
      },
    ]);
  });

  test('rules that judge nothing are named, and why', () => {
    const mutating = { apiVersion: 'policies.kyverno.io/v1', kind: 'MutatingPolicy', metadata: { name: 'adds' }, spec: {} };
    expect(readAdmissionPolicies([noLatest, mutating]).notEvaluated).toEqual([
      expect.stringContaining('ClusterPolicy/no-latest/changes: it is no validation but mutate'),
      expect.stringContaining('MutatingPolicy/adds: it is no ValidatingPolicy'),
    ]);
  });

  test.each([
    [{ exclude: { any: [{ resources: { namespaces: ['shop'] } }] } }, 0],
    [{ exclude: { any: [{ subjects: [{ kind: 'User', name: 'admin' }] }] } }, 1],
    [{ match: { any: [{ resources: { kinds: ['apps/v1/Deployment', 'Job'] } }] } }, 1],
    [
      {
        match: {
          all: [{ resources: { kinds: ['Pod'], namespaces: ['sh*'] } }, { resources: { selector: { matchLabels: { app: 'other' } } } }],
        },
      },
      0,
    ],
    [{ match: { any: [{ resources: { kinds: ['Pod/exec'] } }] } }, 0],
  ])('match and exclude: %j', (change, count) => {
    const [rule] = noLatest.spec.rules;
    expect(judge([{ ...noLatest, spec: { ...noLatest.spec, rules: [{ ...rule, ...change }] } }])).toHaveLength(count);
  });

  test('audit is the default of a ClusterPolicy, deny that of a ValidatingPolicy', () => {
    const { validationFailureAction: _, ...rest } = noLatest.spec;
    expect(judge([{ ...noLatest, spec: rest }])).toMatchObject([{ enforcement: 'audit' }]);
    const validating = {
      apiVersion: 'policies.kyverno.io/v1',
      kind: 'ValidatingPolicy',
      metadata: { name: 'teams' },
      spec: {
        matchConstraints: { resourceRules: [{ apiGroups: ['apps'], apiVersions: ['*'], operations: ['*'], resources: ['deployments'] }] },
        validations: [{ expression: 'has(object.metadata.labels.team)', message: 'needs a team' }],
      },
    };
    expect(judge([validating])).toMatchObject([{ enforcement: 'deny', outcome: 'violated', message: 'needs a team' }]);
  });
});

test.each([
  ['networking.k8s.io', 'Ingress', 'ingresses'],
  ['networking.k8s.io', 'NetworkPolicy', 'networkpolicies'],
  ['', 'Endpoints', 'endpoints'],
  ['security.openshift.io', 'SecurityContextConstraints', 'securitycontextconstraints'],
  ['gateway.networking.k8s.io', 'Gateway', 'gateways'],
  ['networking.istio.io', 'Gateway', 'gateways'],
  ['example.com', 'Ingress', undefined],
])('the resource of %s %s is %s', (group, kind, resource) => expect(restMapping([]).of(group, kind)?.resource).toBe(resource));
