import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectMcpTools, listOfferedTools, type McpTools } from '@tier0/agents/mcp';
import { createEmbeddedCluster, type EmbeddedCluster } from '@tier0/eval/cluster';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Environment } from '../environment.ts';
import { ask } from './ask.ts';
import { mcp } from './mcp.ts';

/** Two teams that must not know of each other, and whose objects speak of each other all the same. */
const TEAMS = ['red', 'blue'] as const;
type Team = (typeof TEAMS)[number];
const otherOf = (team: Team): Team => (team === 'red' ? 'blue' : 'red');
/** Everything that only one team may hear. */
const namesOf = (team: Team) => [`team-${team}`, `ledger-${team}`, `store-${team}`, `settings-${team}`];

function objectsOf(team: Team) {
  const namespace = `team-${team}`;
  const other = otherOf(team);
  const named = (kind: string, name: string, apiVersion = 'v1') => ({
    apiVersion,
    kind,
    metadata: { name, namespace, uid: `${kind}-${name}` },
  });
  const labels = { app: `ledger-${team}` };
  const containers = [
    {
      name: 'main',
      image: `registry.local/ledger:1`,
      env: [{ name: 'PEER', value: `http://store-${other}.team-${other}.svc:80` }],
      envFrom: [{ configMapRef: { name: `settings-${team}` } }],
    },
  ];
  const template = { metadata: { labels }, spec: { containers } };
  const waiting = {
    reason: 'ImagePullBackOff',
    message: `Back-off pulling image "registry.local/ledger:1" for ledger-${other}-7d4b9-x2x9p`,
  };
  const pod = named('Pod', `ledger-${team}-7d4b9-x2x9p`);
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, uid: namespace } },
    { ...named('ConfigMap', `settings-${team}`), data: { peer: `store-${other}.team-${other}`, own: `store-${team}` } },
    { ...named('Service', `store-${team}`), spec: { selector: labels, ports: [{ port: 80 }] } },
    {
      ...named('Deployment', `ledger-${team}`, 'apps/v1'),
      spec: { replicas: 1, selector: { matchLabels: labels }, template },
      status: { replicas: 1, unavailableReplicas: 1 },
    },
    {
      ...pod,
      metadata: { ...pod.metadata, labels },
      spec: { containers },
      status: {
        phase: 'Pending',
        containerStatuses: [{ name: 'main', image: '', imageID: '', ready: false, restartCount: 0, state: { waiting } }],
      },
    },
    {
      ...named('NetworkPolicy', `from-${team}`, 'networking.k8s.io/v1'),
      spec: {
        podSelector: {},
        ingress: [{ from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': `team-${other}` } } }] }],
      },
    },
  ];
}

let cluster: EmbeddedCluster;
let folder = '';
let kubeconfig = '';
beforeAll(async () => {
  const everythingIn = (team: Team) => [{ apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list'], namespaces: [`team-${team}`] }];
  cluster = await createEmbeddedCluster({
    objects: TEAMS.flatMap(objectsOf) as never,
    now: Date.now,
    users: { ruth: everythingIn('red'), bela: everythingIn('blue') },
  });
  folder = await mkdtemp(join(tmpdir(), 'tier0-rights-'));
  kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, cluster.kubeconfig);
});
afterAll(async () => {
  await cluster.close();
  await rm(folder, { recursive: true, force: true });
});

function stage(signal = new AbortController().signal) {
  const out: string[] = [];
  const heard: string[] = [];
  const environment: Environment = {
    terminal: { write: (text) => void out.push(text), colour: false, width: 120 },
    stderr: (text) => void heard.push(text),
    ask: async () => '',
    signal,
    variables: {},
  };
  return { environment, text: () => out.join(''), heard: () => heard.join('') };
}

const TOKENS = [
  { token: 'the-token-of-ruth-of-the-red-team-0001', name: 'ruth', scopes: ['read'], kubernetes: { user: 'ruth' } },
  { token: 'the-token-of-bela-of-the-blue-team-001', name: 'bela', scopes: ['read'], kubernetes: { user: 'bela', groups: ['blue'] } },
  { token: 'the-token-of-somebody-nobody-knows-001', name: 'noah', scopes: ['read'], kubernetes: { user: 'noah' } },
];

const CONTEXT = { now: Date.now, run: 'r', call: '1-0', idempotencyKey: 'k' };

/** Serves the cluster, and calls every tool as one of the callers. */
async function served<T>(work: (call: (token: string, name: string, input: object) => Promise<string>) => Promise<T>): Promise<T> {
  const file = join(folder, 'tokens.json');
  await writeFile(file, JSON.stringify(TOKENS));
  const stop = new AbortController();
  const { environment, heard } = stage(stop.signal);
  const ended = mcp.run(['--kubeconfig', kubeconfig, '--port', '0', '--tokens', file], environment);
  while (!heard().includes('MCP at')) await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 20))]);
  const joined = new Map<string, McpTools>();
  const toolsOf = async (token: string) => {
    const known = joined.get(token);
    if (known) return known;
    const connection = { url: /http\S+/.exec(heard())?.[0] ?? '', headers: { authorization: `Bearer ${token}` } };
    const offered = await listOfferedTools({ name: 'tier0', connection });
    const tools = offered.map(({ name, hash }) => ({ name, hash, risk: 'read' as const }));
    const made = await connectMcpTools({ name: 'tier0', connection, tools });
    joined.set(token, made);
    return made;
  };
  try {
    return await work(async (token, name, input) => {
      const tool = (await toolsOf(token)).tools.find((one) => one.name === `tier0_${name}`);
      if (!tool) throw new Error(`no tool ${name}`);
      return (await tool.run(input, { ...CONTEXT, signal: stop.signal })).text;
    });
  } finally {
    for (const one of joined.values()) await one.close();
    stop.abort();
    await ended;
  }
}

/** Every item of both teams as the whole server knows them. */
const everyId = TEAMS.flatMap((team) => [
  `kubernetes:cluster/-/Namespace/team-${team}`,
  `kubernetes:cluster/team-${team}/ConfigMap/settings-${team}`,
  `kubernetes:cluster/team-${team}/Service/store-${team}`,
  `kubernetes:cluster/team-${team}/Deployment/ledger-${team}`,
  `kubernetes:cluster/team-${team}/Pod/ledger-${team}-7d4b9-x2x9p`,
  `kubernetes:cluster/team-${team}/NetworkPolicy/from-${team}`,
]);

const QUESTIONS: readonly (readonly [tool: string, inputs: readonly object[]])[] = [
  ['find_items', ['kind:Pod', 'kind:Deployment', 'kind:Service', 'name:ledger-red', 'name:ledger-blue'].map((query) => ({ query }))],
  ['diagnose_cluster', [{}, { namespace: 'team-red' }, { namespace: 'team-blue' }]],
  ['list_findings', [{}, ...everyId.map((item) => ({ item }))]],
  ...['show_item', 'show_impact', 'show_owner', 'show_manifest'].map((tool) => [tool, everyId.map((item) => ({ item }))] as const),
  ['show_impact', everyId.map((item) => ({ item, direction: 'upstream' }))],
  ['list_changes', everyId.map((item) => ({ item, hours: 2_000, hops: 4 }))],
];

describe('a caller’s own rights bound every answer over MCP', () => {
  test('two users of disjoint namespaces see their own things and never a name of the other’s', async () => {
    const all = await served(async (call) => {
      const said = { red: '', blue: '', nobody: '' };
      const [ruth, bela, noah] = TOKENS.map(({ token }) => token) as [string, string, string];
      for (const [tool, inputs] of QUESTIONS) {
        for (const input of inputs) {
          said.red += `${await call(ruth, tool, input)}\n`;
          said.blue += `${await call(bela, tool, input)}\n`;
          said.nobody += `${await call(noah, tool, input)}\n`;
        }
      }
      return said;
    });
    for (const team of TEAMS) {
      for (const name of namesOf(team)) expect(all[team]).toContain(name);
      for (const name of namesOf(otherOf(team))) expect(all[team]).not.toContain(name);
      expect(all[team]).toContain('ImagePull');
      for (const name of namesOf(team)) expect(all.nobody).not.toContain(name);
    }
    expect(cluster.requests.some(({ path }) => path.endsWith('/subjectaccessreviews'))).toBe(true);
  });

  test.each([
    ['neither', [{ ...TOKENS[0], kubernetes: undefined }]],
    ['both', [{ ...TOKENS[0], seesEverything: true }]],
  ])('a token that says %s of whose rights bound it and that none do is refused', async (_, tokens) => {
    const file = join(folder, 'wrong.json');
    await writeFile(file, JSON.stringify(tokens));
    const run = mcp.run(['--kubeconfig', kubeconfig, '--port', '0', '--tokens', file], stage().environment);
    await expect(run).rejects.toMatchObject({ code: 'INVALID_INPUT', message: expect.stringContaining('ruth') });
  });
});

describe('a question as somebody', () => {
  const asked = async (question: string, ...args: readonly string[]) => {
    const { environment, text } = stage();
    await ask.run([question, '--kubeconfig', kubeconfig, ...args], environment);
    return text();
  };

  test('is answered with what that user may read', async () => {
    expect(await asked('how many Pods')).toMatch(/^\s*2\b/m);
    expect(await asked('how many Pods', '--as', 'ruth')).toMatch(/^\s*1\b/m);
    expect(await asked('how many Pods', '--as', 'nobody', '--as-group', 'red,blue')).toMatch(/^\s*0\b/m);
    const everything = [
      await asked('list Pods', '--as', 'ruth'),
      await asked('which Pods depend on ConfigMap settings-blue', '--as', 'ruth'),
      await asked('list Services', '--as', 'ruth', '--output', 'json'),
      await asked('what Pods does Service store-red depend on', '--as', 'ruth'),
    ].join('\n');
    expect(everything).toContain('ledger-red');
    for (const name of namesOf('blue').filter((name) => name !== 'settings-blue')) expect(everything).not.toContain(name);
  });

  test('needs a live API server to ask about rights, and a user to a group', async () => {
    const offline = ask.run(['how many Pods', '--snapshot', folder, '--as', 'ruth'], stage().environment);
    await expect(offline).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(asked('how many Pods', '--as-group', 'red')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});
