import type { Coverage } from '@tier0/core';
import { expect, test } from 'vitest';
import { runRules } from '../../findings/run-rules.ts';
import { toFinding } from '../../findings/to-finding.ts';
import { crashing, madeCluster, minutesAgo, node, object, type Part, pod, told, UNREADY, web } from '../../fixtures/made-cluster.ts';
import { CODES, MATTERS } from '../matters.ts';
import { findingsFromLogs, logCandidates } from './log.ts';

const WEB = 'Deployment ns/web';
const SERVICE = (name: string, port: number, more: Part = {}) =>
  object('Service', name, { spec: { clusterIP: '10.9.0.1', selector: { app: name }, ports: [{ port }], ...more } });
const ENV = {
  env: [
    { name: 'PORT_NUMBER', value: 'abc' },
    { name: 'DB', value: 'postgres://db:5433/x' },
    { name: 'JAVA_OPTS', value: '-Xmx1g -XX:Fast' },
    { name: 'GREETING_FILE', valueFrom: { secretKeyRef: { name: 'login', key: 'file' } } },
    { name: 'MODE', valueFrom: { configMapKeyRef: { name: 'settings', key: 'mode' } } },
  ],
  volumeMounts: [
    { name: 'app', mountPath: '/etc/app' },
    { name: 'proxy', mountPath: '/etc/nginx/nginx.conf', subPath: 'nginx.conf' },
    { name: 'login', mountPath: '/run/keys/' },
  ],
};
const MOUNTS = {
  volumes: [
    { name: 'app', configMap: { name: 'settings' } },
    { name: 'proxy', configMap: { name: 'proxy' } },
    { name: 'login', secret: { secretName: 'login' } },
  ],
};
const FILES = [object('ConfigMap', 'proxy', { data: { 'nginx.conf': 'x' } }), object('Secret', 'login', { data: { file: 'eA==' } })];
const BY_HAND = [
  object('Service', 'relay', { spec: { clusterIP: '10.9.0.2', ports: [{ port: 25 }] } }),
  object('Endpoints', 'relay', { subsets: [{ addresses: [{ ip: '192.168.7.9' }], ports: [{ port: 25 }] }] }),
];
/** Beside the mode it holds a property under another name. */
const PROPERTIES = object('ConfigMap', 'settings', {
  data: { mode: 'x', 'application.properties': 'port=1\npricing.base-url=http://pricing\n' },
});
const SETTINGS = object('ConfigMap', 'settings', { data: { mode: 'x' } });

async function said(
  text: string,
  extra: readonly Part[] = [],
  container: Part = ENV,
  gaps: readonly Coverage[] = [],
): Promise<readonly string[]> {
  const containers = [{ name: 'app', image: 'registry.example/web:1', ...container }];
  const crash = pod('p', { spec: { nodeName: 'node-a', containers, ...MOUNTS }, status: crashing(1) });
  const reader = await madeCluster([node('node-a'), ...web(), ...FILES, SETTINGS, SERVICE('db', 5432), crash, ...extra], gaps);
  const { findings } = runRules(MATTERS, reader);
  const logs = logCandidates(findings, reader).map((candidate) => ({ ...candidate, text }));
  expect(logs).toMatchObject([{ container: 'app', previous: true }]);
  return told(findingsFromLogs({ reader, findings, logs }).map((draft) => toFinding(draft, CODES)));
}

test.each([
  ['variable API_KEY is not set', [], [`T0-LOG-001 ${WEB}`]],
  ['invalid value "abc" for PORT_NUMBER', [], [`T0-LOG-002 ${WEB}`]],
  ['invalid value "x" for MODE', [], ['T0-LOG-003 ConfigMap ns/settings']],
  ['invalid value "x" for OTHER_THING', [], [`T0-LOG-033 ${WEB}`]],
  ['open /srv/model.bin: no such file or directory', [], [`T0-LOG-004 ${WEB}`]],
  ['write /x: no space left on device', [], [`T0-LOG-006 ${WEB}`]],
  ['password authentication failed for user "a"', [], [`T0-LOG-007 ${WEB}`]],
  ['dial tcp: lookup db on 10.96.0.10:53: i/o timeout', [], [`T0-LOG-019 ${WEB} <- Service kube-system/kube-dns`]],
  ['dial tcp: lookup search on 10.96.0.10:53: no such host', [], ['T0-LOG-015 Service ns/search']],
  ['dial tcp: lookup search-api on 10.96.0.10:53: no such host', [SERVICE('search-apy', 80)], [`T0-LOG-014 ${WEB}`]],
  ['getaddrinfo ENOTFOUND mail.example.com', [], [`T0-LOG-016 ${WEB}`]],
  ['getaddrinfo: Name does not resolve: search', [], ['T0-LOG-015 Service ns/search']],
  ['getaddrinfo failed: Name or service not known', [], [`T0-LOG-033 ${WEB}`]],
  ['ERROR Could not resolve module lodash', [], [`T0-LOG-033 ${WEB}`]],
  ["BeanCreationException: Could not resolve placeholder 'pricing.url' in value", [], [`T0-LOG-001 ${WEB}`]],
  ["BeanCreationException: Could not resolve placeholder 'pricing.url' in value", [PROPERTIES], ['T0-LOG-003 ConfigMap ns/settings']],
  ['connect: db:5432: connection refused', [], [`T0-LOG-017 ${WEB} <- Service ns/db`]],
  ['dial tcp 10.9.0.1:5432: connect: connection refused', [], [`T0-LOG-017 ${WEB} <- Service ns/db`]],
  ['dial tcp db:5433: connect: connection refused', [], [`T0-LOG-027 ${WEB}`]],
  ['dial tcp 127.0.0.1:15000: connect: connection refused', [], [`T0-LOG-043 ${WEB}`]],
  [
    'dial tcp db:5432: i/o timeout',
    [object('NetworkPolicy', 'deny', { apiVersion: 'networking.k8s.io/v1', spec: { podSelector: {} } })],
    [`T0-LOG-018 ${WEB} <- NetworkPolicy ns/deny, Service ns/db`],
  ],
  ['dial tcp db:5433: i/o timeout', [], [`T0-LOG-027 ${WEB}`]],
  ['strconv.Atoi: parsing "abc": invalid syntax', [], [`T0-LOG-002 ${WEB}`]],
  ['java.lang.NumberFormatException: For input string: "12"', [], []],
  ['invalid value for GREETING_FILE: too short', [], ['T0-LOG-024 Secret ns/login']],
  ["error: unexpected argument '--bind' found", [], [`T0-LOG-025 ${WEB}`]],
  ['app: unrecognized option: --fast', [], [`T0-LOG-025 ${WEB}`]],
  ['Unrecognized option: -XX:Fast', [], [`T0-LOG-002 ${WEB}`]],
  ['SyntaxError: /etc/app/menu.json: Unexpected token ] in JSON', [], ['T0-LOG-003 ConfigMap ns/settings']],
  [
    'Traceback (most recent call last):\n  File "/app/a.py", line 1, in f\nyaml.scanner.ScannerError: mapping values are not allowed here\n  in "/etc/app/menu.yaml", line 3',
    [],
    ['T0-LOG-003 ConfigMap ns/settings'],
  ],
  ['nginx: [emerg] unexpected "}" in /etc/nginx/nginx.conf:9', [], ['T0-LOG-003 ConfigMap ns/proxy']],
  ['could not parse /run/keys/key.json: unexpected end of file', [], ['T0-LOG-024 Secret ns/login']],
  ['SyntaxError: /srv/app/own.json: Unexpected token ] in JSON', [], []],
  ['dial tcp 192.168.7.9:25: i/o timeout', BY_HAND, ['T0-LOG-028 Endpoints ns/relay']],
  ['connect ECONNREFUSED relay:25', BY_HAND, ['T0-LOG-028 Endpoints ns/relay']],
  ['dial tcp 192.168.7.10:25: i/o timeout', BY_HAND, [`T0-LOG-033 ${WEB}`]],
  ['WARN cannot reach db:5432: connection refused\nERROR variable API_KEY is not set', [], [`T0-LOG-001 ${WEB}`]],
  ['INFO variable API_KEY is not set, using the default\nall good', [], []],
  ['Traceback (most recent call last):\n  File "/app/a.py", line 1, in f\nZeroDivisionError: division by zero', [], [`T0-LOG-011 ${WEB}`]],
] as const)('a crash whose log says "%s"', async (text, extra, expected) => {
  expect(await said(text, extra)).toEqual(expected);
});

test('a short name that another namespace has is told with it, unless every namespace has one', async () => {
  const line = 'dial tcp: lookup search on 10.96.0.10:53: no such host';
  const there = (...namespaces: readonly string[]) =>
    namespaces.map((namespace) => {
      const service = SERVICE('search', 80);
      return { ...service, metadata: { ...(service.metadata as Part), namespace } };
    });
  expect(await said(line, there('data'))).toEqual([`T0-LOG-014 ${WEB}`]);
  expect(await said(line, there('a', 'b', 'c'))).toEqual(['T0-LOG-015 Service ns/search']);
});

test('an address that nobody has, where the Service of the name was made after the program was started: it must start anew', async () => {
  const db: Part = SERVICE('db', 5432, { clusterIP: '10.9.0.9' });
  const made = (minutes: number) => ({ ...db, metadata: { ...(db.metadata as Part), creationTimestamp: minutesAgo(minutes) } });
  const proxy = pod('p', {
    container: { env: [{ name: 'UPSTREAM', value: 'http://db:5432' }] },
    status: { ready: true, state: { running: { startedAt: minutesAgo(30) } } },
    podStatus: { conditions: [{ type: 'Ready', status: 'True' }] },
  });
  const line = `${minutesAgo(0)} ERROR connect to 10.9.0.77:5432 failed: ETIMEDOUT`;
  const logs = [{ pod: 'kubernetes:made/ns/Pod/p', container: 'app', previous: false, text: Array(6).fill(line).join('\n') }];
  const findings = async (minutes: number) => {
    const reader = await madeCluster([node('node-a'), ...web(), SERVICE('cache', 6379), made(minutes), proxy]);
    return told(findingsFromLogs({ reader, findings: [], logs }).map((draft) => toFinding(draft, CODES)));
  };
  expect(await findings(5)).toEqual([`T0-LOG-029 ${WEB}`]);
  expect(await findings(90)).toEqual([]);
});

test('a right that is given in one namespace only is told at its binding', async () => {
  const text = (where: string) =>
    `nodes is forbidden: User "system:serviceaccount:ns:runner" cannot list resource "nodes" in API group "" ${where}`;
  const role = object('ClusterRole', 'nodes', {
    metadata: { namespace: undefined },
    rules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['list'] }],
  });
  const bound = (kind: string) =>
    object(kind, 'runner', {
      ...(kind === 'ClusterRoleBinding' ? { metadata: { namespace: undefined } } : {}),
      roleRef: { kind: 'ClusterRole', name: 'nodes' },
      subjects: [{ kind: 'ServiceAccount', name: 'runner', namespace: 'ns' }],
    });
  expect(await said(text('at the cluster scope'), [role, bound('RoleBinding')])).toEqual(['T0-LOG-008 RoleBinding ns/runner']);
  // Given by now: no role is at fault any more, and what it said is told as it was said.
  expect(await said(text('at the cluster scope'), [role, bound('ClusterRoleBinding')])).toEqual(['T0-LOG-033 Deployment ns/web']);
});

test('a pod that two budgets select is not evicted: the budget that came last is told', async () => {
  const budget = (name: string, minutes: number, app: string) => {
    const made = object('PodDisruptionBudget', name, {
      spec: { minAvailable: 1, selector: { matchLabels: { app } } },
      status: { disruptionsAllowed: 1 },
    });
    return { ...made, metadata: { ...(made.metadata as Part), creationTimestamp: minutesAgo(minutes) } };
  };
  const victim = pod('cache-1', { metadata: { labels: { app: 'cache' } }, spec: { nodeName: 'node-a' } });
  const line =
    'error when evicting pod ns/cache-1: This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.';
  const found = await said(line, [victim, budget('old', 90, 'cache'), budget('new', 2, 'cache'), budget('other', 1, 'web')]);
  expect(found).toContain('T0-PODDISRUPTIONBUDGET-002 PodDisruptionBudget ns/new');
});

test('a refused API request is told at the role of the account, or at the account when it has none', async () => {
  const text =
    'pods is forbidden: User "system:serviceaccount:ns:runner" cannot list resource "pods" in API group "" in the namespace "ns"';
  const role = object('Role', 'reader', { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] });
  const binding = object('RoleBinding', 'reader', {
    roleRef: { kind: 'Role', name: 'reader' },
    subjects: [{ kind: 'ServiceAccount', name: 'runner' }],
  });
  expect(await said(text, [role, binding])).toEqual(['T0-LOG-008 Role ns/reader']);
  expect(await said(text)).toEqual(['T0-LOG-008 ServiceAccount ns/runner']);
});

test('a Service of a namespace that nobody recorded is not called missing unless the DNS says so', async () => {
  const unread = (text: string) => said(text, [], ENV, [{ kind: 'Namespace', state: 'forbidden' }]);
  expect(await unread('dial tcp store.other.svc:80: connect: connection refused')).toEqual(['T0-LOG-017 Service other/store']);
  expect(await unread('Get "http://store.other.svc:80/": context deadline exceeded')).toEqual(['T0-LOG-018 Service other/store']);
  expect(await unread('lookup store.other.svc on 10.96.0.10:53: server misbehaving')).toEqual([]);
  expect(await unread('getaddrinfo ENOTFOUND store.other.svc')).toEqual(['T0-LOG-015 Service other/store']);
});

test('a binding to a role that is not there explains the refusal', async () => {
  const text =
    'pods is forbidden: User "system:serviceaccount:ns:runner" cannot list resource "pods" in API group "" in the namespace "ns"';
  const binding = object('RoleBinding', 'reader', {
    roleRef: { kind: 'Role', name: 'gone' },
    subjects: [{ kind: 'ServiceAccount', name: 'runner' }],
  });
  expect(await said(text, [binding, object('Role', 'other', {})])).toEqual(['T0-RBAC-001 RoleBinding ns/reader']);
});

test.each([
  ['changed after the start', 1, [`T0-LOG-029 ${WEB}`]],
  ['older than the start', 500, ['T0-LOG-015 Service ns/rates']],
])('a host that nothing names, with a ConfigMap %s', async (_, minutes, expected) => {
  const map = object('ConfigMap', 'links', {
    metadata: { managedFields: [{ manager: 'kubectl', time: minutesAgo(minutes) }] },
    data: { RATES_URL: 'http://quotes' },
  });
  const container = { envFrom: [{ configMapRef: { name: 'links' } }] };
  expect(await said('lookup rates on 10.96.0.10:53: no such host', [map], container)).toEqual(expected);
});

test('the DNS of the cluster that cannot read its own file is the end of all names', async () => {
  const dns = pod('dns', {
    metadata: { labels: { 'k8s-app': 'kube-dns' } },
    spec: {
      containers: [{ name: 'app', volumeMounts: [{ name: 'c', mountPath: '/etc/coredns' }] }],
      volumes: [{ name: 'c', configMap: { name: 'coredns', items: [{ key: 'Corefile', path: 'Corefile' }] } }],
    },
    status: crashing(1),
  });
  const reader = await madeCluster([node('node-a'), ...web(), dns]);
  const { findings } = runRules(MATTERS, reader);
  const text = "/etc/coredns/Corefile:5 - Error during parsing: Unknown directive 'forwrd'";
  const logs = logCandidates(findings, reader).map((candidate) => ({ ...candidate, text }));
  expect(told(findingsFromLogs({ reader, findings, logs }).map((draft) => toFinding(draft, CODES)))).toEqual([
    'T0-LOG-026 ConfigMap ns/coredns',
  ]);
});

test('a pod that leaves the DNS of the cluster out is told so', async () => {
  const crash = pod('p', { spec: { nodeName: 'node-a', dnsPolicy: 'Default', containers: [{ name: 'app' }] }, status: crashing(1) });
  const reader = await madeCluster([node('node-a'), ...web(), SERVICE('db', 5432), crash]);
  const { findings } = runRules(MATTERS, reader);
  const logs = logCandidates(findings, reader).map((candidate) => ({ ...candidate, text: 'lookup db: no such host' }));
  expect(told(findingsFromLogs({ reader, findings, logs }).map((draft) => toFinding(draft, CODES)))).toEqual([`T0-LOG-023 ${WEB}`]);
});

test('the logs of pods that are well are asked for last, whatever else is wrong: one for each workload, and a bounded number', async () => {
  const well = pod('p', {
    status: { ready: true, state: { running: {} } },
    podStatus: { conditions: [{ type: 'Ready', status: 'True' }] },
  });
  const unready = pod('q', { container: { readinessProbe: { httpGet: { port: 80 } } }, status: UNREADY });
  const reader = await madeCluster([node('node-a'), ...web(), well, unready]);
  const { findings } = runRules(MATTERS, reader);
  expect(logCandidates(findings, reader).map(({ pod: id, previous }) => [id.split('/').at(-1), previous])).toEqual([
    ['q', false],
    ['p', false],
  ]);
  const crowd = Array.from({ length: 99 }, (_, index) =>
    pod(`w${index}`, {
      metadata: { ownerReferences: [] },
      status: { ready: true, state: { running: {} } },
      podStatus: { conditions: [{ type: 'Ready', status: 'True' }] },
    }),
  );
  const crowded = await madeCluster([node('node-a'), ...web(), unready, ...crowd]);
  expect(logCandidates(runRules(MATTERS, crowded).findings, crowded).length).toBe(41);
});

const rerun = (now: Part, before: Part | undefined, more: Part = {}) => [
  ...web(),
  ...(before === undefined
    ? []
    : [
        object('ReplicaSet', 'web-0', {
          metadata: { annotations: { 'deployment.kubernetes.io/revision': '0.5' }, ...OWNED },
          spec: { template: { spec: { containers: [{ name: 'app', image: 'registry.example/web:1', ...before }] } } },
        }),
      ]),
  pod('p', {
    spec: { nodeName: 'node-a', containers: [{ name: 'app', image: 'registry.example/web:1', ...now }], ...more },
    status: crashing(1),
  }),
];
const OWNED = { ownerReferences: [{ kind: 'Deployment', name: 'web', uid: 'uid-Deployment-web', controller: true }] };

async function heard(objects: readonly Part[], text: string): Promise<readonly string[]> {
  const reader = await madeCluster([node('node-a'), SETTINGS, ...objects]);
  const { findings } = runRules(MATTERS, reader);
  const logs = logCandidates(findings, reader).map((candidate) => ({ ...candidate, text }));
  return told(findingsFromLogs({ reader, findings, logs }).map((draft) => toFinding(draft, CODES)));
}

const OVER = (path: string) => ({ volumeMounts: [{ name: 's', mountPath: path }] });
const VOLUME = { volumes: [{ name: 's', configMap: { name: 'settings' } }] };

test.each([
  ['a mount that the revision before had not', OVER('/app'), {}, "Error: Cannot find module '/app/index.js'", `T0-LOG-031 ${WEB}`],
  ['code below a mount that brings none', OVER('/app'), undefined, "Error: Cannot find module '/app/index.js'", `T0-LOG-031 ${WEB}`],
  [
    'a setting below a mount',
    OVER('/etc/web'),
    undefined,
    'open /etc/web/limits.yaml: no such file or directory',
    'T0-POD-007 ConfigMap ns/settings',
  ],
  ['a file below no mount', {}, undefined, "Error: Cannot find module '/app/index.js'", `T0-LOG-004 ${WEB}`],
  [
    'a root that may not be written',
    { securityContext: { readOnlyRootFilesystem: true } },
    undefined,
    "EROFS: read-only file system, open '/tmp/x'",
    `T0-LOG-030 ${WEB}`,
  ],
  ['a folder of another user', {}, undefined, "EACCES: permission denied, open '/data/x'", `T0-LOG-005 ${WEB}`],
  ['a port below 1024', {}, undefined, 'listen tcp :80: bind: permission denied', `T0-LOG-036 ${WEB}`],
  ['words that no rule knows', {}, undefined, 'FATAL: the moon is in the wrong house', `T0-LOG-033 ${WEB}`],
  ['the same words after a change of arguments', { args: ['--moon'] }, {}, 'FATAL: the moon is in the wrong house', `T0-LOG-038 ${WEB}`],
  ['the minute of a time stamp is no port', {}, undefined, '2026-11-22 11:51:07 ERROR bind: address already in use', `T0-LOG-020 ${WEB}`],
] as const)('last words: %s', async (_title, now, before, text, expected) => {
  expect(await heard(rerun(now, before, VOLUME), text)).toEqual([expected]);
});

const READY = { ready: true, restartCount: 0, state: { running: { startedAt: minutesAgo(60) } } };
const well = (name: string) =>
  pod(name, { status: READY, podStatus: { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: minutesAgo(60) }] } });
const at = (minutes: number, text: string) => `${minutesAgo(minutes)} ${text}`;
const REFUSED = 'ERROR OOM command not allowed when used memory > maxmemory (db)';

test.each([
  ['again and again until now', [at(3, REFUSED), at(2, REFUSED), at(1, REFUSED)], ['T0-LOG-032 Service ns/db']],
  ['once', [at(1, REFUSED)], []],
  ['an hour ago', [at(63, REFUSED), at(62, REFUSED), at(61, REFUSED)], []],
  ['before it recovered', [at(4, REFUSED), at(3, REFUSED), at(2, REFUSED), at(1, 'INFO reconnected to db')], []],
] as const)('a ready container that complains %s', async (_title, lines, expected) => {
  expect(await heard([...web(), SERVICE('db', 6379), well('p')], lines.join('\n'))).toEqual(expected);
});

test('the words of a server that is full lead to the server, those of a pool of the program do not', async () => {
  const suspected = async (text: string) => {
    const reader = await madeCluster([
      node('node-a'),
      SERVICE('db', 5432),
      ...rerun({ env: [{ name: 'DB', value: 'db:5432' }] }, undefined),
    ]);
    const { findings } = runRules(MATTERS, reader);
    const logs = logCandidates(findings, reader).map((candidate) => ({ ...candidate, text }));
    return told(findingsFromLogs({ reader, findings, logs }).map((draft) => toFinding(draft, CODES)));
  };
  expect(await suspected('FATAL: sorry, too many clients already')).toEqual([`T0-LOG-012 ${WEB} <- Service ns/db`]);
  expect(await suspected('ERROR connection pool exhausted')).toEqual([`T0-LOG-012 ${WEB}`]);
});

const gone = (containers: readonly Part[]) => [
  object('ReplicaSet', 'web-1', {
    metadata: { ...OWNED, annotations: { 'deployment.kubernetes.io/revision': '1' } },
    spec: { template: { spec: { containers } } },
  }),
];

test('a container beside it that the revision took out is told; without one, that nobody listens there', async () => {
  const text = 'ERROR cannot reach 127.0.0.1:6379: connect ECONNREFUSED 127.0.0.1:6379';
  expect(await said(text)).toEqual([`T0-LOG-043 ${WEB}`]);
  const now = rerun({ name: 'main', image: 'a:1' }, { name: 'main', image: 'a:1' });
  expect(gone([{ name: 'main' }, { name: 'cache' }])).toHaveLength(1);
  expect(now.length).toBeGreaterThan(0);
});

test.each([
  [
    'an error above what only follows from it',
    '2026-01-02T03:04:05Z 0 [Note] [Entrypoint]: started\n2026-01-02T03:04:06Z 0 [ERROR] [Server] cannot open the log of transactions\n2026-01-02T03:04:06Z 0 [ERROR] [Server] Aborting\n2026-01-02T03:04:07Z 0 [System] [Server] end.',
    /says that "[^"]*cannot open the log of transactions", then "[^"]*Aborting"/,
  ],
  [
    'a line without a level between two that have one',
    'ERROR: [1] checks before the start failed\nstart check failure [1] of [1]: open files [1024] is too low\nERROR: engine did not exit normally - check the logs at /var/log/engine.log',
    /start check failure \[1\] of \[1\]: open files \[1024\] is too low/,
  ],
  [
    'what it wants, said without a word for failing',
    "Starting\nThe next time, run:\n  serve --quick\nDisabled option: '--quick'. Available only when the mode is v1\nPossible solutions: --slow",
    /"Disabled option: '--quick'\. Available only when the mode is v1/,
  ],
  [
    'a warning that is the last it says of its work',
    'INFO starting\nWARNING: this build requires a newer kernel\n  see https://docs.example/kernel',
    /requires a newer kernel/,
  ],
])('a program that ends is told by the line that decides: %s', async (_title, text, expected) => {
  expect((await lastDrafts(text, 1))[0]?.message).toMatch(expected);
});

test.each([
  ['a warning with work after it', 'WARNING: this build requires a newer kernel\nINFO listening', 1],
  ['a warning of one that somebody killed', 'WARNING: this build requires a newer kernel', 137],
  [
    'a greeting that is drawn with slashes',
    "  .   ____\n /\\\\ / ___'_ __\n( ( )\\___ | '_\n :: Framework ::\n2026-01-02 INFO starting",
    1,
  ],
])('%s is no last word', async (_title, text, exitCode) => {
  expect(await lastDrafts(text, exitCode)).toEqual([]);
});

async function lastDrafts(text: string, exitCode: number) {
  const reader = await madeCluster([node('node-a'), ...web(), pod('p', { status: crashing(exitCode) })]);
  const { findings } = runRules(MATTERS, reader);
  const logs = logCandidates(findings, reader).map((candidate) => ({ ...candidate, text }));
  return findingsFromLogs({ reader, findings, logs });
}

test.each([
  ['is after 2026-01-02T00:00:00Z', 'a certificate has expired'],
  ['is before 2026-01-09T00:00:00Z', 'a certificate is not valid yet'],
])('a certificate whose clock %s', async (when, expected) => {
  const line = `ERROR x509: certificate has expired or is not yet valid: current time 2026-01-05T00:00:00Z ${when}`;
  expect((await lastDrafts(line, 1))[0]?.message).toContain(expected);
});
