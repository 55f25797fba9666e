import { describe, expect, test } from 'vitest';
import { admissionRequests, type RequestOptions } from '../admission/admission-request.ts';
import { judgeAdmission } from '../admission/judge-admission.ts';
import { readAdmissionPolicies } from '../admission/read-policies.ts';

type Fields = Readonly<Record<string, unknown>>;

const pod = (spec: Fields, metadata: Fields = {}): Fields => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop', ...metadata },
  spec,
});
const containers = (...images: readonly string[]) => images.map((image, index) => ({ name: `c${index}`, image }));

/** What a rule says of an object: its outcome and message. */
function say(
  rule: Fields,
  object: Fields,
  { world = [], ...options }: RequestOptions & { readonly world?: readonly Fields[]; readonly old?: Fields } = {},
) {
  const policy = {
    apiVersion: 'kyverno.io/v1',
    kind: 'ClusterPolicy',
    metadata: { name: 'p' },
    spec: { validationFailureAction: 'Enforce', rules: [{ name: 'r', match: { any: [{ resources: { kinds: ['*'] } }] }, ...rule }] },
  };
  const { policies } = readAdmissionPolicies([policy, ...world], { complete: world.length > 0 });
  const [request] = admissionRequests(object, options.old, options);
  const [result] = request ? judgeAdmission(policies, request) : [];
  return result ? `${result.outcome}: ${result.message}` : 'skipped';
}

const deny = (conditions: unknown, message = 'no') => ({ validate: { message, deny: { conditions } } });
const condition = (key: unknown, operator: string, value: unknown) => ({ key, operator, value });

describe('deny conditions', () => {
  const replicas = (count: number) => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec: { replicas: count } });
  test('one of any denies, and the message says the value', () => {
    const rule = deny(
      { any: [condition('{{ request.object.spec.replicas }}', 'GreaterThan', 5)] },
      '{{ request.object.spec.replicas }} are too many',
    );
    expect(say(rule, replicas(9))).toBe('violated: 9 are too many');
    expect(say(rule, replicas(5))).toMatch(/^passed/);
  });

  test('all of all deny; a list without any and all is all of it', () => {
    const both = [
      condition('{{ request.operation }}', 'Equals', 'CREATE'),
      condition('{{ request.object.kind }}', 'AnyIn', ['Job', 'Deploy*']),
    ];
    expect(say(deny({ all: both }), replicas(1))).toBe('violated: no');
    expect(say(deny(both), replicas(1))).toBe('violated: no');
    expect(say(deny({ all: [...both, condition('a', 'Equals', 'b')] }), replicas(1))).toMatch(/^passed/);
  });

  test('without conditions everything is denied', () => expect(say({ validate: { deny: {} } }, replicas(1))).toMatch(/^violated/));

  test('a key that is not there is an error to Kyverno: nobody lets it in', () =>
    expect(say(deny({ any: [condition('{{ request.object.spec.paused }}', 'Equals', true)] }), replicas(1))).toBe(
      'undecided: unknown key "paused"',
    ));

  test('what only the cluster knows is not guessed', () => {
    const admin = deny({ any: [condition('{{ request.userInfo.username }}', 'NotEquals', 'admin')] });
    expect(say(admin, replicas(1))).toBe('undecided: who asks (request.userInfo) is not known here');
    expect(say(admin, replicas(1), { userInfo: { username: 'admin' } })).toMatch(/^passed/);
    expect(say(deny({ any: [condition('{{ random("[a-z]") }}', 'Equals', 'a')] }), replicas(1))).toMatch(/^undecided/);
    expect(say(deny({ any: [condition("{{ x509_decode('') }}", 'Equals', 'a')] }), replicas(1))).toBe(
      'undecided: the function x509_decode is not known here',
    );
    expect(say(deny({ any: [condition('a', 'Like', 'a')] }), replicas(1))).toBe('undecided: the operator "Like" is not known here');
  });

  test('what the server makes up is not guessed, neither by expressions nor by patterns', () => {
    expect(say(deny({ any: [condition('{{ request.object.metadata.uid }}', 'Equals', 'x')] }), replicas(1))).toMatch(
      /^undecided: metadata.uid/,
    );
    expect(say(deny({ any: [condition('{{ request.object.metadata.* }}', 'AnyIn', ['x'])] }), replicas(1))).toMatch(
      /^undecided: metadata.uid/,
    );
    expect(say({ validate: { pattern: { metadata: { '(uid)': 'x', name: 'y' } } } }, replicas(1))).toMatch(/^undecided: metadata.uid/);
    expect(say(deny({ any: [condition('{{ request.object.metadata.keys(@) }}', 'AnyIn', ['uid'])] }), replicas(1))).toBe('violated: no');
  });

  test('the object before counts on an update', () => {
    const frozen = deny({ any: [condition('{{ request.object.spec.replicas }}', 'NotEquals', '{{ request.oldObject.spec.replicas }}')] });
    expect(say(frozen, replicas(2), { old: replicas(1) })).toBe('violated: no');
    expect(say(frozen, replicas(1), { old: replicas(1) })).toMatch(/^passed/);
  });
});

test('preconditions that do not hold silence a rule', () => {
  const rule = {
    ...deny({ any: [condition('a', 'Equals', 'a')] }),
    preconditions: { all: [condition("{{ request.object.metadata.labels.tier || '' }}", 'Equals', 'gold')] },
  };
  expect(say(rule, pod({}))).toBe('skipped');
  expect(say(rule, pod({}, { labels: { tier: 'gold' } }))).toBe('violated: no');
});

describe('variables', () => {
  test('they stand in patterns, in keys, and in one another', () => {
    const rule = {
      validate: {
        pattern: { metadata: { labels: { "{{ to_lower('APP') }}": "{{ request.object.metadata.annotations.{{ 'wanted' }} }}" } } },
      },
    };
    expect(say(rule, pod({}, { labels: { app: 'x' }, annotations: { wanted: 'x' } }))).toMatch(/^passed/);
    expect(say(rule, pod({}, { labels: { app: 'y' }, annotations: { wanted: 'x' } }))).toBe('violated: metadata.labels.app does not match');
  });

  test('text of an object is never read as an expression', () => {
    const named = deny({ any: [condition("{{ regex_match('^web', '{{ request.object.metadata.name }}') }}", 'Equals', false)] });
    expect(say(named, pod({}, { name: 'web-1' }))).toMatch(/^passed/);
    expect(say(named, pod({}, { name: "x') || `true` || contains('" }))).toMatch(/^undecided: a value with a quote/);
    const label = deny({ any: [condition('is {{ request.object.metadata.name }}', 'Equals', 'x')] });
    expect(say(label, pod({}, { name: '{{ `true` }}' }))).toMatch(/^undecided: a value holds \{\{/);
  });

  test('references to other fields and the place of a pattern are named, not guessed', () => {
    expect(say({ validate: { pattern: { spec: { a: '$(./../b)' } } } }, pod({ a: 1 }))).toMatch(/^undecided: references/);
    expect(say({ validate: { pattern: { spec: { a: '{{@}}' } } } }, pod({ a: 1 }))).toMatch(/^undecided: \{\{@\}\}/);
  });
});

describe('foreach', () => {
  const rule = {
    validate: {
      message: 'no latest',
      foreach: [
        {
          list: 'request.object.spec.[initContainers, containers][]',
          deny: { conditions: { all: [condition('{{ element.image }}', 'AnyIn', ['*:latest'])] } },
        },
      ],
    },
  };
  test('every element is looked at, in every list', () => {
    expect(say(rule, pod({ containers: containers('a:1', 'b:latest') }))).toBe('violated: no latest');
    expect(say(rule, pod({ containers: containers('a:1'), initContainers: containers('b:latest') }))).toBe('violated: no latest');
    expect(say(rule, pod({ containers: containers('a:1', 'b:2') }))).toMatch(/^passed/);
    expect(say(rule, pod({}))).toBe('skipped');
  });

  test('patterns look at the element, inner lists at the element around them', () => {
    const ports = {
      validate: {
        foreach: [
          {
            list: 'request.object.spec.containers',
            foreach: [
              {
                list: 'element.ports',
                deny: { conditions: { any: [condition('{{ element.port }}-{{ element0.name }}', 'Equals', '80-c1')] } },
              },
            ],
          },
          {
            list: 'request.object.spec.containers',
            preconditions: { all: [condition('{{ elementIndex }}', 'Equals', 1)] },
            pattern: { image: '?*:?*' },
          },
        ],
      },
    };
    const [first, second] = containers('a', 'b:1');
    expect(say(ports, pod({ containers: [first, { ...second, ports: [{ port: 81 }] }] }))).toMatch(/^passed/);
    expect(say(ports, pod({ containers: [first, { ...second, ports: [{ port: 80 }] }] }))).toMatch(/^violated/);
    expect(say(ports, pod({ containers: [first, { ...second, image: 'b' }] }))).toBe('violated: image does not match');
  });
});

describe('context', () => {
  test('variables with a value, a path and a default are worked out when somebody looks', () => {
    const context = [
      { name: 'broken', variable: { jmesPath: 'request.object.nothing' } },
      { name: 'names', variable: { jmesPath: 'request.object.spec.containers[].name' } },
      { name: 'most', variable: { jmesPath: 'request.object.metadata.labels.most', default: 1 } },
      { name: 'limits', variable: { value: { small: 1, large: 3 }, jmesPath: 'large' } },
    ];
    const rule = (key: string, limit: string) => ({ ...deny({ any: [condition(key, 'GreaterThan', limit)] }), context });
    expect(say(rule('{{ length(names) }}', '{{ most }}'), pod({ containers: containers('a', 'b') }))).toBe('violated: no');
    expect(say(rule('{{ length(names) }}', '{{ limits }}'), pod({ containers: containers('a', 'b') }))).toMatch(/^passed/);
    expect(say(rule('{{ broken }}', '1'), pod({}))).toMatch(/^undecided: unknown key "nothing"/);
  });

  test('a ConfigMap is taken from the objects; what takes a cluster is not decided unless a test gives it', () => {
    const rule = {
      ...deny({ any: [condition('{{ request.object.metadata.labels.team }}', 'AnyNotIn', '{{ teams.data.names }}')] }),
      context: [{ name: 'teams', configMap: { name: 'teams', namespace: 'policy' } }],
    };
    const teams = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'teams', namespace: 'policy' },
      data: { names: '["net", "payments"]' },
    };
    expect(say(rule, pod({}, { labels: { team: 'payments' } }), { world: [teams] })).toMatch(/^passed/);
    expect(say(rule, pod({}, { labels: { team: 'shop' } }), { world: [teams] })).toBe('violated: no');
    expect(say(rule, pod({}, { labels: { team: 'shop' } }))).toBe('undecided: the ConfigMap policy/teams is not known');
    const asking = {
      ...deny({ any: [condition('{{ count }}', 'GreaterThan', 3)] }),
      context: [{ name: 'count', apiCall: { urlPath: '/api/v1/pods' } }],
    };
    expect(say(asking, pod({}))).toMatch(/^undecided: .*takes a cluster/);
    expect(say(asking, pod({}), { values: () => ({ count: 4 }) })).toBe('violated: no');
  });

  test('the parts of images are there', () => {
    const rule = deny({ any: [condition('{{ images.containers.*.registry }}', 'AnyNotIn', ['registry.example:5000'])] });
    expect(say(rule, pod({ containers: containers('registry.example:5000/team/app@sha256:'.concat('a'.repeat(64))) }))).toMatch(/^passed/);
    expect(say(rule, pod({ containers: containers('nginx') }))).toBe('violated: no');
  });
});
