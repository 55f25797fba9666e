// Folders and repositories that somebody made to hurt: each must end, in bounds, and everything else must still be diagnosed.
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { diagnoseCluster, toDiagnosisDocument } from '@tier0/agents';
import { openSnapshot, readSnapshot } from '@tier0/cmdb';
import { createKubectlRenderer, createMirror, editYaml } from '@tier0/gitops';
import { runGit } from '../../packages/gitops/src/git/git.ts';
import { type Attack, hold } from './attack.ts';

const context = { signal: new AbortController().signal, now: Date.now };
const NOW = '2026-01-01T00:00:00Z';

/** Broken in a way that every version of the rules sees: its image cannot be pulled. */
const VICTIM = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'victim', namespace: 'well', uid: 'u-victim', creationTimestamp: '2025-12-31T23:00:00Z' },
  spec: { containers: [{ name: 'app', image: 'registry.local/none:1' }] },
  status: {
    phase: 'Pending',
    containerStatuses: [
      {
        name: 'app',
        ready: false,
        restartCount: 0,
        image: 'registry.local/none:1',
        state: { waiting: { reason: 'ImagePullBackOff', message: 'not found' } },
      },
    ],
  },
};

async function diagnosed(files: Readonly<Record<string, string | Uint8Array>>, expectVictim = true): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tier0-attack-'));
  try {
    const all = { 'meta.json': JSON.stringify({ now: NOW }), 'cluster/well/pods.json': JSON.stringify(VICTIM), ...files };
    for (const [path, content] of Object.entries(all)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      if (content !== '') await writeFile(join(folder, path), content);
    }
    const { reader } = await openSnapshot(await readSnapshot(folder, context.signal), {}, context);
    const document = toDiagnosisDocument(await diagnoseCluster(reader, {}, context), reader);
    const isFound = document.findings.some((finding) => finding.subject.name === 'victim');
    hold(!expectVictim || isFound, 'the victim beside it is not diagnosed');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const bad = (change: object, kind = 'Pod') => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'bad', namespace: 'ill', uid: 'u-bad' },
  ...change,
});
const beside = (object: unknown) => () =>
  diagnosed({ 'cluster/ill/bad.json': typeof object === 'string' ? object : JSON.stringify(object) });
const attack = (kind: string, name: string, run: () => Promise<void>): Attack => ({ kind, name, run });

const nested = (open: string, close: string, depth: number, core = '1') => `${open.repeat(depth)}${core}${close.repeat(depth)}`;
const bomb = (levels: number, width = 10) =>
  [
    `a0: &a0 [${Array(width).fill('x')}]`,
    ...Array.from({ length: levels }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(width).fill(`*a${i}`)}]`),
  ].join('\n');
const yaml = (body: string) => () =>
  diagnosed({ 'cluster/ill/bad.yaml': `apiVersion: v1\nkind: Pod\nmetadata: {name: bad, namespace: ill}\n${body}\n` }, false);

const exhausting: readonly Attack[] = [
  ...[3, 6, 8, 9].map((levels) => attack('folder: yaml bomb', `manifest, ${levels} levels`, yaml(bomb(levels)))),
  ...[3_000, 20_000, 200_000].flatMap((depth) => [
    attack(
      'folder: depth',
      `json maps, ${depth}`,
      beside(`{"apiVersion":"v1","kind":"Pod","metadata":{"name":"bad","namespace":"ill"},"spec":${nested('{"a":', '}', depth)}}`),
    ),
    attack(
      'folder: depth',
      `json lists, ${depth}`,
      beside(`{"apiVersion":"v1","kind":"Pod","metadata":{"name":"bad","namespace":"ill"},"spec":{"x":${nested('[', ']', depth)}}}`),
    ),
    attack('folder: depth', `yaml flow, ${depth}`, yaml(`spec: ${nested('[', ']', depth)}`)),
  ]),
  attack('folder: depth', 'lists of lists', beside(nested('{"kind":"List","apiVersion":"v1","items":[', ']}', 5_000, ''))),
  ...['spec: &a {b: *a}', 'spec: &a [*a]', 'spec: &a {b: &b {c: *a, d: *b}}', 'status: &s {conditions: [*s]}'].map((body) =>
    attack('folder: cycle', body, yaml(body)),
  ),
  ...[
    [
      '40,000 labels',
      bad({
        metadata: { name: 'bad', namespace: 'ill', labels: Object.fromEntries(Array.from({ length: 40_000 }, (_, i) => [`k${i}`, 'v'])) },
      }),
    ],
    [
      '40,000 annotations',
      bad({
        metadata: {
          name: 'bad',
          namespace: 'ill',
          annotations: Object.fromEntries(Array.from({ length: 40_000 }, (_, i) => [`k${i}`, 'v'])),
        },
      }),
    ],
    ['10,000 containers', bad({ spec: { containers: Array.from({ length: 10_000 }, (_, i) => ({ name: `c${i}`, image: 'x' })) } })],
    [
      '100,000 variables',
      bad({ spec: { containers: [{ name: 'c', env: Array.from({ length: 100_000 }, (_, i) => ({ name: `E${i}`, value: 'v' })) }] } }),
    ],
    [
      '20,000 volumes',
      bad({ spec: { volumes: Array.from({ length: 20_000 }, (_, i) => ({ name: `v${i}`, configMap: { name: `c${i}` } })) } }),
    ],
    ['50,000 conditions', bad({ status: { conditions: Array.from({ length: 50_000 }, (_, i) => ({ type: `t${i}`, status: 'False' })) } })],
    ['a text of 20 MB', bad({ data: { a: 'x'.repeat(20_000_000) } }, 'ConfigMap')],
    ['40,000 keys', bad({ data: Object.fromEntries(Array.from({ length: 40_000 }, (_, i) => [`k${i}`, 'v'])) }, 'ConfigMap')],
    [
      '30,000 owners',
      bad({
        metadata: {
          name: 'bad',
          namespace: 'ill',
          ownerReferences: Array.from({ length: 30_000 }, (_, i) => ({ kind: 'X', name: `o${i}`, uid: `${i}` })),
        },
      }),
    ],
    [
      'owns itself',
      bad({
        metadata: {
          name: 'bad',
          namespace: 'ill',
          uid: 'u-bad',
          ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'bad', uid: 'u-bad', controller: true }],
        },
      }),
    ],
  ].map(([name, object]) => attack('folder: size', String(name), beside(object))),
  attack('folder: size', '3,000 broken files', () =>
    diagnosed(Object.fromEntries(Array.from({ length: 3_000 }, (_, i) => [`cluster/ill/${i}.json`, '{"kind":'])), false),
  ),
];

const YEARS = [
  '0000-01-01T00:00:00Z',
  '9999-12-31T23:59:59Z',
  '+275760-09-13T00:00:00Z',
  '-271821-04-20T00:00:00Z',
  '99999-01-01T00:00:00Z',
  '2099-01-01T00:00:00Z',
  'yesterday',
  '2026-13-45T99:99:99Z',
];
const instants: readonly Attack[] = YEARS.flatMap((at) =>
  [
    ['created', bad({ metadata: { name: 'bad', namespace: 'ill', creationTimestamp: at } })],
    ['deleted', bad({ metadata: { name: 'bad', namespace: 'ill', deletionTimestamp: at } })],
    [
      'condition',
      bad({ status: { phase: 'Pending', conditions: [{ type: 'Ready', status: 'False', reason: 'x', lastTransitionTime: at }] } }),
    ],
    [
      'started',
      bad({
        spec: { containers: [{ name: 'c', image: 'x' }] },
        status: {
          containerStatuses: [
            {
              name: 'c',
              restartCount: 9,
              ready: false,
              state: { waiting: { reason: 'CrashLoopBackOff' } },
              lastState: { terminated: { exitCode: 1, startedAt: at, finishedAt: at } },
            },
          ],
        },
      }),
    ],
    [
      'event',
      bad(
        {
          involvedObject: { kind: 'Pod', name: 'victim', namespace: 'well' },
          reason: 'Failed',
          type: 'Warning',
          message: 'x',
          lastTimestamp: at,
          firstTimestamp: at,
        },
        'Event',
      ),
    ],
  ].map(([name, object]) => attack('folder: instant', `${name} ${at}`, beside(object))),
);
const moving: readonly Attack[] = ['2031-01-01T00:00:00Z', '2098-01-01T00:00:00Z', '9999-01-01T00:00:00Z'].map((at) =>
  attack('folder: future event', at, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tier0-attack-'));
    try {
      const event = bad({ reason: 'x', lastTimestamp: at }, 'Event');
      await writeFile(join(folder, 'all.json'), JSON.stringify({ kind: 'List', apiVersion: 'v1', items: [VICTIM, event] }));
      hold((await readSnapshot(folder)).now < '2030', 'one event moved the moment of the recording');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }),
);

const WRONG: readonly unknown[] = [null, 7, 'x', [], {}, [null], true, [[]], [7], { a: null }];
const PLACES: readonly (readonly [string, string, (value: unknown) => object])[] = [
  ['Pod', 'spec', (value) => ({ spec: value })],
  ['Pod', 'status', (value) => ({ status: value })],
  ['Pod', 'spec.containers', (value) => ({ spec: { containers: value } })],
  [
    'Pod',
    'env',
    (value) => ({
      spec: {
        containers: [{ name: 'c', env: value, envFrom: value, ports: value, volumeMounts: value, resources: value, readinessProbe: value }],
        volumes: value,
      },
    }),
  ],
  ['Pod', 'conditions', (value) => ({ spec: { containers: [{ name: 'c' }] }, status: { conditions: value, containerStatuses: value } })],
  [
    'Pod',
    'metadata',
    (value) => ({
      metadata: {
        name: 'bad',
        namespace: 'ill',
        labels: value,
        annotations: value,
        ownerReferences: value,
        managedFields: value,
        finalizers: value,
      },
    }),
  ],
  ['Deployment', 'spec', (value) => ({ apiVersion: 'apps/v1', spec: value, status: value })],
  [
    'Deployment',
    'template',
    (value) => ({ apiVersion: 'apps/v1', spec: { replicas: value, selector: value, template: value, strategy: value } }),
  ],
  ['Service', 'spec', (value) => ({ spec: { selector: value, ports: value, type: value } })],
  ['Node', 'status', (value) => ({ spec: { taints: value }, status: { conditions: value, allocatable: value, capacity: value } })],
  ['ConfigMap', 'data', (value) => ({ data: value })],
  ['Event', 'event', (value) => ({ involvedObject: value, reason: value, message: value, count: value, series: value })],
  ['EndpointSlice', 'endpoints', (value) => ({ apiVersion: 'discovery.k8s.io/v1', endpoints: value, ports: value })],
  ['PersistentVolumeClaim', 'spec', (value) => ({ spec: value, status: value })],
  [
    'HorizontalPodAutoscaler',
    'spec',
    (value) => ({ apiVersion: 'autoscaling/v2', spec: { metrics: value, scaleTargetRef: value }, status: value }),
  ],
  ['Ingress', 'rules', (value) => ({ apiVersion: 'networking.k8s.io/v1', spec: { rules: value, tls: value, defaultBackend: value } })],
  [
    'NetworkPolicy',
    'spec',
    (value) => ({ apiVersion: 'networking.k8s.io/v1', spec: { podSelector: value, ingress: value, egress: value, policyTypes: value } }),
  ],
];
const malformed: readonly Attack[] = PLACES.flatMap(([kind, place, change]) =>
  WRONG.map((value) => attack('folder: malformed object', `${kind} ${place} = ${JSON.stringify(value)}`, beside(bad(change(value), kind)))),
);

const NAMES = [
  '__proto__',
  'constructor',
  'toString',
  'a\u0000b',
  '../../etc',
  '\u202egnp',
  '\u001b[2J',
  'x'.repeat(1_000_000),
  '/',
  '%2e%2e',
  ' ',
  'a\nb',
];
const named: readonly Attack[] = NAMES.flatMap((name) => [
  attack('folder: hostile name', JSON.stringify(name.slice(0, 20)), beside(bad({ metadata: { name, namespace: 'ill' } }))),
  attack(
    'folder: hostile name',
    `namespace ${JSON.stringify(name.slice(0, 20))}`,
    beside(bad({ metadata: { name: 'bad', namespace: name } })),
  ),
  attack(
    'folder: hostile name',
    `label ${JSON.stringify(name.slice(0, 20))}`,
    beside(
      `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"bad","namespace":"ill","labels":{${JSON.stringify(name)}:"v"}},"spec":{"nodeName":${JSON.stringify(name)}}}`,
    ),
  ),
]);
const bytes: readonly Attack[] = (
  [
    ['not UTF-8', Buffer.from([0xff, 0xfe, 0xfd, 0x7b])],
    ['UTF-16', Buffer.from('{"kind":"Pod"}', 'utf16le')],
    ['zeros', Buffer.alloc(100_000)],
    ['byte order mark', `\ufeff${JSON.stringify(bad({}))}`],
    ['lone surrogates', '{"kind":"Pod","metadata":{"name":"\\ud800"}}'],
    ['a million braces', '{'.repeat(1_000_000)],
    ['a million colons', ': '.repeat(200_000)],
  ] as const
).map(([name, content]) =>
  attack('folder: bytes', name, () => diagnosed({ 'cluster/ill/bad.json': content, 'cluster/ill/bad.yaml': content }, false)),
);

const REMOTE = [
  'https://127.0.0.1:9/x',
  'git::https://127.0.0.1:9/x',
  'git@127.0.0.1:x/y',
  'ssh://git@127.0.0.1/x',
  'file:///etc',
  '../../outside',
  '/etc',
  'github.com/a/b//c?ref=main',
  's3::https://127.0.0.1:9/b',
  'hg::x',
  '\\\\host\\share',
];
const SPELLINGS: readonly ((at: string) => string)[] = [
  (at) => `resources:\n- ${at}\n`,
  (at) => `resources: ["${at.replaceAll('\\', '\\\\')}"]\n`,
  (at) => `"resources":\n- >-\n  ${at}\n`,
  (at) => `x-a: &a "${at.replaceAll('\\', '\\\\')}"\nresources: [*a]\n`,
  (at) => `components: [${JSON.stringify(at)}]\n`,
  (at) => `patches: [{path: ${JSON.stringify(at)}}]\n`,
  (at) => `configMapGenerator: [{name: g, files: [${JSON.stringify(`k=${at}`)}]}]\n`,
  (at) => `generators: [${JSON.stringify(at)}]\n`,
  (at) => `helmCharts: [{name: x, repo: ${JSON.stringify(at)}}]\n`,
];
const rendering: readonly Attack[] = [
  ...REMOTE.flatMap((at) =>
    SPELLINGS.map((spell, index) =>
      attack('repository: kustomize', `${at} spelled ${index}`, async () => {
        const answer = await createKubectlRenderer().render(new Map([['app/kustomization.yaml', spell(at)]]), 'app', context);
        hold(answer.status === 'failed', 'it was rendered');
      }),
    ),
  ),
  ...[4, 8, 9].map((levels) =>
    attack('repository: kustomize', `bomb of ${levels} levels`, async () => {
      const files = new Map([
        ['app/kustomization.yaml', 'resources: [b.yaml]\n'],
        ['app/b.yaml', `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n${bomb(levels)}\n`],
      ]);
      await createKubectlRenderer().render(files, 'app', context);
    }),
  ),
  ...[3_000, 100_000].map((depth) =>
    attack('repository: edit', `depth ${depth}`, async () => {
      const result = editYaml(`a: ${nested('[', ']', depth)}\nb: 1\n`, { path: ['b'], expectOld: 1, value: 2 });
      hold(['edited', 'refused'].includes(result.status), result.status);
    }),
  ),
];

const TREES = [
  ['40000', '..'],
  ['40000', '.'],
  ['40000', '.git'],
  ['40000', '.GiT'],
  ['40000', 'git~1'],
  ['100644', '..'],
  ['100644', 'a/b'],
  ['120000', '.gitmodules'],
  ['40000', '.g\u200cit'],
] as const;
const trees: readonly Attack[] = TREES.map(([mode, name]) =>
  attack('repository: tree', `${mode} ${JSON.stringify(name)}`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tier0-attack-'));
    try {
      const url = join(folder, 'remote.git');
      await runGit({ args: ['init', '--quiet', '--bare', '--initial-branch=main', url], directory: folder });
      const git = async (args: readonly string[], input: string | Uint8Array = '') =>
        (await runGit({ args, input, directory: url })).stdout.toString('utf8').trim();
      const blob = await git(['hash-object', '-w', '--stdin'], 'x: 1\n');
      const inner = Buffer.concat([Buffer.from('100644 x.yaml\0'), Buffer.from(blob, 'hex')]);
      const child = mode === '40000' ? await git(['hash-object', '-t', 'tree', '-w', '--literally', '--stdin'], inner) : blob;
      const tree = await git(
        ['hash-object', '-t', 'tree', '-w', '--literally', '--stdin'],
        Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(child, 'hex')]),
      );
      const commit = `tree ${tree}\nauthor a <a@b.c> 1700000000 +0000\ncommitter a <a@b.c> 1700000000 +0000\n\nx\n`;
      await git(['update-ref', 'refs/heads/main', await git(['hash-object', '-t', 'commit', '-w', '--stdin'], commit)]);
      const mirror = createMirror({ url, directory: join(folder, 'mirror') });
      const isRefused = await mirror.fetch(context).then(
        () => false,
        () => true,
      );
      hold(isRefused, 'it was fetched');
      hold((await readdir(folder)).sort().join() === 'mirror,remote.git', 'something was written elsewhere');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }),
);

export const attacks: readonly Attack[] = [...exhausting, ...instants, ...moving, ...malformed, ...named, ...bytes, ...rendering, ...trees];
