// Secrets of many kinds where people put them, and every way out of the product: none may be seen. Harmless texts beside them must be.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDiagnostician, diagnoseCluster, toDiagnosisDocument, toDiagnosisText, toK8sgpt, toSarif } from '@tier0/agents';
import { openSnapshot, readSnapshot, recordCluster } from '@tier0/cmdb';
import { createFileIncidentRecord, handleIncident, type LanguageModel, redact, redactValue, verifyChain } from '@tier0/core';
import { createFileAuditLog } from '@tier0/gitops';
import { incidentPage } from '../../packages/cli/src/page/incident-page.ts';
import { toOutlet } from '../../packages/cli/src/terminal/outlet.ts';
import { alert, createLoopWorld, evidence } from '../../packages/core/src/loop/fixtures/loop-world.ts';
import { harmlessTexts } from '../../packages/core/src/redact/fixtures/harmless-texts.ts';
import { type SecretSeed, secretSeeds } from '../../packages/core/src/redact/fixtures/secret-seeds.ts';
import { codeBlock, inline } from '../../packages/gitops/src/governance/markdown.ts';
import { type Attack, hold } from './attack.ts';
import { blindHarmless, blindSecrets, leaks as showsMost } from './blind/index.ts';

const context = { signal: new AbortController().signal, now: Date.now };
const TODAY = Math.floor(Date.now() / 86_400_000);

/** A seed of either set: those the finders were written with, and those that were written without looking at the finders. */
interface Seed extends Omit<SecretSeed, 'half' | 'secret'> {
  readonly set: 'secret' | 'blind secret';
  readonly secrets: readonly string[];
}

const SEEDS: readonly Seed[] = [
  ...secretSeeds(2, TODAY).map(({ secret, ...seed }): Seed => ({ ...seed, set: 'secret', secrets: [secret] })),
  ...blindSecrets(`day ${TODAY}`, 1).map(
    (seed): Seed => ({ ...seed, set: 'blind secret', place: seed.kind.startsWith('file') ? 'file' : 'log', name: 'settings' }),
  ),
];

/** The seed in an object of the cluster; what is printed or said stands in the message of a container that waits. */
function objectOf(seed: Seed, index: number) {
  const metadata = { name: `seed-${index}`, namespace: 'seeds', uid: `u${index}` };
  const own = ownObject(seed.text);
  if (own !== undefined) return { ...own, metadata: { ...own.metadata, ...metadata } };
  if (seed.place === 'file') return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { [seed.name]: seed.text } };
  const annotations = seed.place === 'annotation' ? { annotations: { [seed.name]: seed.text } } : {};
  const managed =
    seed.place === 'managed' ? { managedFields: [{ manager: 'm', operation: 'Apply', fieldsV1: { 'f:args': { [seed.text]: {} } } }] } : {};
  const container = {
    name: 'app',
    image: 'registry.local/none:1',
    ...(seed.place === 'env' ? { env: [{ name: seed.name, value: seed.text }] } : {}),
    ...(seed.place === 'args' ? { args: seed.list } : {}),
  };
  const said = textOf(seed).slice(0, 2_000);
  const state =
    index % 2 === 0
      ? { state: { waiting: { reason: 'CreateContainerError', message: said } } }
      : {
          state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } },
          lastState: {
            terminated: {
              exitCode: 1,
              reason: 'Error',
              message: said,
              startedAt: '2025-12-31T23:58:00Z',
              finishedAt: '2025-12-31T23:59:00Z',
            },
          },
        };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, ...annotations, ...managed, creationTimestamp: '2025-12-31T23:00:00Z' },
    spec: { containers: [container], nodeName: 'n1' },
    status: {
      phase: 'Pending',
      conditions: [{ type: 'PodScheduled', status: 'True' }],
      containerStatuses: [{ name: 'app', ready: false, restartCount: 5, image: 'i', ...state }],
    },
  };
}

/** What is an object already is served as it is. */
function ownObject(text: string): { readonly kind: string; readonly metadata: object } | undefined {
  return /^\{"apiVersion":"v1","kind":"(?:Pod|ConfigMap)"/.test(text) ? JSON.parse(text) : undefined;
}

function textOf({ place, name, text }: Seed): string {
  if (place === 'env') return `- name: ${name}\n  value: ${text}`;
  return place === 'annotation' ? JSON.stringify({ [name]: text }) : text;
}

const OBJECTS = SEEDS.map(objectOf);

async function allTextOf(folder: string): Promise<string> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  return (await Promise.all(files.map((entry) => readFile(join(entry.parentPath, entry.name), 'utf8')))).join('\n');
}

async function inFolder(use: (folder: string) => Promise<string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tier0-attack-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const recording = (strict: boolean) =>
  inFolder(async (folder) => {
    const server = createServer((request, response) => {
      const path = request.url ?? '';
      const kind = /\/pods(\?|$)/.test(path) ? 'Pod' : /\/configmaps(\?|$)/.test(path) ? 'ConfigMap' : '';
      const isLog = /\/pods\/seed-(\d+)\/log/.exec(path);
      response.setHeader('content-type', 'application/json');
      if (path.startsWith('/version')) response.end('{}');
      else if (isLog) response.end(textOf(SEEDS[Number(isLog[1])] as Seed));
      else if (/^\/apis?(\?|$)/.test(path)) response.writeHead(404).end('{}');
      else response.end(JSON.stringify({ kind: 'List', metadata: {}, items: OBJECTS.filter((object) => object.kind === kind) }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const server0 = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const kubeconfig = JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'c',
      clusters: [{ name: 'c', cluster: { server: server0, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'u', user: {} }],
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    });
    try {
      await recordCluster({ kubeconfig, directory: join(folder, 'r'), cluster: 'c', logs: 'all', strict }, context);
      return await allTextOf(join(folder, 'r'));
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

const reading = once(() =>
  inFolder(async (folder) => {
    await mkdir(join(folder, 'cluster'));
    await writeFile(join(folder, 'meta.json'), JSON.stringify({ now: '2026-01-01T00:00:00Z' }));
    await writeFile(join(folder, 'cluster/all.json'), JSON.stringify({ kind: 'List', apiVersion: 'v1', items: OBJECTS }));
    const { reader } = await openSnapshot(await readSnapshot(folder), {}, context);
    const readLog = async ({ pod }: { readonly pod: string }) => textOf(SEEDS[Number(pod.slice(5))] as Seed);
    const document = toDiagnosisDocument(await diagnoseCluster(reader, { readLog }, context), reader);
    const plain = { strong: String, dim: String, bad: String, good: String };
    let asked = '';
    const model: LanguageModel = {
      name: 'listening',
      async *generate(request: unknown) {
        asked += JSON.stringify(request);
        yield* [];
      },
    } as unknown as LanguageModel;
    const logs = {
      name: 'logs',
      kinds: ['logs'] as const,
      observe: async () => ({ state: 'observed' as const, query: 'q', lines: SEEDS.map(textOf), evidence: [] }),
    };
    await createDiagnostician({ model, evidence: [logs] as never })
      .diagnose(
        { alerts: SEEDS.map((seed, index) => ({ ...alert, fingerprint: `f${index}`, summary: redact(textOf(seed)) })), reader },
        context,
      )
      .catch(() => undefined);
    return JSON.stringify({
      text: toOutlet(toDiagnosisText(document, { style: plain, width: 400, verbose: true })),
      json: JSON.stringify(document),
      sarif: JSON.stringify(toSarif(document, '0')),
      k8sgpt: JSON.stringify(toK8sgpt(document)),
      model: asked,
    });
  }),
);
export const part = (name: string) => async () => (JSON.parse(await reading()) as Readonly<Record<string, string>>)[name] ?? '';

/** One incident that quotes every seed, through the loop, its record, its audit chain and its page. */
const incident = once(() =>
  inFolder(async (folder) => {
    const causes = SEEDS.map((seed) => ({
      cause: 'memory-leak' as const,
      subject: alert.item ?? '',
      message: textOf(seed),
      confidence: 0.5,
      basis: textOf(seed),
      path: [alert.item ?? ''],
      evidenceFor: [evidence.id],
      evidenceAgainst: [],
    }));
    const diagnosis = {
      takenAt: '2026-01-01T00:00:00.000Z',
      rootCauses: causes,
      findings: [],
      evidence: [evidence],
      unknowns: SEEDS.map((seed) => ({ source: 'seed', code: 'failed', message: textOf(seed) })),
    };
    const world = createLoopWorld({ diagnosis: diagnosis as never });
    const record = createFileIncidentRecord({ directory: join(folder, 'incidents') });
    const audit = createFileAuditLog({ file: join(folder, 'audit.jsonl') });
    const state = await handleIncident(
      {
        incident: 'i1',
        alerts: [alert],
        ports: {
          ...world.ports,
          record,
          audit,
          approvals: { decide: async () => ({ status: 'rejected', by: 'ann', reason: SEEDS.map(textOf).join('\n\n') }) },
        },
        settings: world.settings,
      },
      context,
    );
    const entries = await record.read('i1', context);
    const page = incidentPage({
      title: 't',
      note: 'n',
      state,
      entries,
      clockSpeed: 1,
      memory: [],
      graph: { nodes: [], edges: [] },
      audit: { records: [], verdict: verifyChain([]) },
    });
    const tickets = JSON.stringify(world.effects.tickets);
    return JSON.stringify({
      incident: await allTextOf(join(folder, 'incidents')),
      audit: await readFile(join(folder, 'audit.jsonl'), 'utf8'),
      html: page,
      tickets,
    });
  }),
);
const ofIncident = (name: string) => async () => (JSON.parse(await incident()) as Readonly<Record<string, string>>)[name] ?? '';

const SINKS: Readonly<Record<string, () => Promise<string>>> = {
  record: once(() => recording(false)),
  'record --strict': once(() => recording(true)),
  text: part('text'),
  json: part('json'),
  sarif: part('sarif'),
  k8sgpt: part('k8sgpt'),
  'model bytes': part('model'),
  'incident files': ofIncident('incident'),
  audit: ofIncident('audit'),
  html: ofIncident('html'),
  tickets: ofIncident('tickets'),
  'pull request': once(async () => SEEDS.map((seed) => `${inline(textOf(seed))}\n${codeBlock(textOf(seed), 'diff')}`).join('\n')),
  stderr: once(async () => SEEDS.map((seed) => toOutlet(`tier0: it failed: ${textOf(seed)}\n`)).join('')),
};

function once(make: () => Promise<string>): () => Promise<string> {
  let made: Promise<string> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function shows(output: string, secret: string): boolean {
  const spellings = [secret, JSON.stringify(secret).slice(1, -1), JSON.stringify(JSON.stringify(secret)).slice(3, -3)];
  return spellings.some((spelling) => showsMost(output, spelling));
}

const leaks: readonly Attack[] = Object.entries(SINKS).flatMap(([sink, output]) =>
  SEEDS.map((seed, index) => ({
    kind: `${seed.set}: ${sink}`,
    name: `${seed.kind} (${index})`,
    async run() {
      const shown = await output();
      // What shows nothing of the seeds at all would hold by being empty.
      hold(sink === 'record --strict' ? shown.includes('seed-1') : shown.includes('[redacted'), 'the way out shows nothing');
      hold(!seed.secrets.some((secret) => shows(shown, secret)), 'it is seen');
    },
  })),
);

const harmless: readonly Attack[] = harmlessTexts(7, TODAY).map(({ name, text }) => ({
  kind: 'harmless text stays',
  name: `${name} ${text}`.slice(0, 80),
  async run() {
    const object = name === '' ? { data: { log: text }, message: text } : { data: { [name]: text }, env: [{ name, value: text }] };
    hold(!JSON.stringify(redactValue(object).value).includes('[redacted'), 'a part of it was taken out');
    hold(name !== '' || redact(text) === text, 'a part of it was taken out');
  },
}));

const blind: readonly Attack[] = blindHarmless(`day ${TODAY}`, 12).map(({ kind, text }) => ({
  kind: 'blind harmless text stays',
  name: `${kind} ${text}`.slice(0, 80),
  async run() {
    hold(!JSON.stringify(redactValue({ data: { log: text }, message: text }).value).includes('[redacted'), 'a part of it was taken out');
    hold(redact(text) === text, 'a part of it was taken out');
  },
}));

export const attacks: readonly Attack[] = [...leaks, ...harmless, ...blind];
