import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anyContext } from '../testing/repository.ts';
import { kustomizationClosure } from './kustomization-closure.ts';
import { createKubectlRenderer } from './renderer.ts';
import { runBounded } from './run-bounded.ts';

const CONFIG_MAP = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  k: v\n';
const render = (kustomization: string, more: Readonly<Record<string, string>> = {}, folder = 'app') =>
  createKubectlRenderer().render(
    new Map(Object.entries({ 'app/cm.yaml': CONFIG_MAP, [`${folder}/kustomization.yaml`]: kustomization, ...more })),
    folder,
    anyContext(),
  );

let hits: string[] = [];
let host = '';
const server = createServer((request, response) => {
  hits.push(request.url ?? '');
  response.end(CONFIG_MAP);
});
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

describe('a kustomization that takes something from elsewhere is not rendered', () => {
  const spellings: readonly (readonly [string, (address: string) => string])[] = [
    ['block list', (at) => `resources:\n- ${at}\n`],
    ['quoted', (at) => `resources:\n- "${at}"\n`],
    ['escaped', (at) => `resources:\n- "${at.replace('h', '\\x68')}"\n`],
    ['flow list', (at) => `resources: ["${at}"]\n`],
    ['folded', (at) => `resources:\n- >-\n  ${at}\n`],
    ['anchor', (at) => `metadata: {name: &a "${at}"}\nresources: [*a]\n`],
    ['merge key', (at) => `metadata: &m {resources: ["${at}"]}\n<<: *m\n`],
    ['quoted key', (at) => `"resources":\n- ${at}\n`],
    ['json', (at) => JSON.stringify({ resources: [at] })],
    ['tagged', (at) => `resources: !!seq [!!str "${at}"]\n`],
    ['bases', (at) => `bases: ["${at}"]\n`],
    ['components', (at) => `components: ["${at}"]\n`],
    ['crds', (at) => `crds: ["${at}"]\n`],
    ['configurations', (at) => `configurations: ["${at}"]\n`],
    ['openapi', (at) => `openapi: {path: "${at}"}\n`],
    ['patch path', (at) => `patches: [{path: "${at}"}]\n`],
    ['json patch path', (at) => `patchesJson6902: [{path: "${at}", target: {version: v1, kind: ConfigMap, name: a}}]\n`],
    ['strategic patch', (at) => `patchesStrategicMerge: ["${at}"]\n`],
    ['replacement path', (at) => `replacements: [{path: "${at}"}]\n`],
    ['generator file', (at) => `configMapGenerator: [{name: g, files: ["x=${at}"]}]\n`],
    ['secret generator env', (at) => `secretGenerator: [{name: g, envs: ["${at}"]}]\n`],
    ['transformer', (at) => `transformers: ["${at}"]\n`],
    ['generator', (at) => `generators: ["${at}"]\n`],
    ['validator', (at) => `validators: ["${at}"]\n`],
    ['helm chart', (at) => `helmCharts: [{name: x, repo: "${at}"}]\n`],
  ];
  const addresses = [
    () => `http://${host}/x`,
    () => `http://${host}/x.git?ref=main`,
    () => `git::http://${host}/x`,
    () => `git@127.0.0.1:x/y`,
    () => `ssh://git@127.0.0.1/x`,
    () => `file:///etc`,
    () => '../../outside',
    () => '/etc',
    () => 'github.com/kubernetes-sigs/kustomize//examples',
  ];
  test.each(spellings)('%s', async (_, spell) => {
    hits = [];
    for (const address of addresses) {
      const rendering = await render(spell(address()));
      expect(rendering.status, spell(address())).toBe('failed');
    }
    expect(hits).toEqual([]);
  });
});

describe('what can be rendered stays so', () => {
  test('bases, components, patches, generators and folders that look like hosts', async () => {
    const rendering = await render(
      [
        'resources: [cm.yaml, ../base, ../github.com/base]',
        'components: [../parts/c]',
        'patches: [{path: patch.yaml}, {patch: "- op: add\\n  path: /data/j\\n  value: w\\n", target: {kind: ConfigMap, name: a}}]',
        'configMapGenerator: [{name: g, files: [x=cm.yaml], envs: [env.txt]}]',
        'namePrefix: p-',
      ].join('\n'),
      {
        'app/patch.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {p: q}\n',
        'app/env.txt': 'A=b\n',
        'base/kustomization.yaml': 'resources: [b.yaml]\n',
        'base/b.yaml': CONFIG_MAP.replace('name: a', 'name: b'),
        'github.com/base/kustomization.yaml': 'resources: [./c.yaml]\n',
        'github.com/base/c.yaml': CONFIG_MAP.replace('name: a', 'name: c'),
        'parts/c/kustomization.yaml': 'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnameSuffix: -s\n',
      },
    );
    expect(rendering).toMatchObject({ status: 'rendered' });
    if (rendering.status !== 'rendered') return;
    const names = rendering.objects.map((object) => (object as { metadata: { name: string } }).metadata.name.replace(/-\w{10}$/, ''));
    expect(names.sort()).toEqual(['p-a-s', 'p-b-s', 'p-c-s', 'p-g-s']);
  });

  test('only what is taken is written', () => {
    const closure = kustomizationClosure(
      new Map([
        ['k/kustomization.yaml', 'resources: [a.yaml]'],
        ['k/a.yaml', CONFIG_MAP],
        ['k/b', 'x'],
      ]),
      'k',
    );
    expect(closure).toMatchObject({ status: 'closed' });
    if (closure.status === 'closed') expect([...closure.files.keys()]).toEqual(['k/kustomization.yaml', 'k/a.yaml']);
  });
});

describe('what exhausts a renderer is stopped', () => {
  const levels = (n: number) =>
    [
      'a0: &a0 [x,x,x,x,x,x,x,x,x,x]',
      ...Array.from({ length: n }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`).join(',')}]`),
    ].join('\n');
  test.each([
    ['in the kustomization', `metadata:\n  annotations:\n    ${levels(8).replaceAll('\n', '\n    ')}\n`, {}],
    ['in a resource', 'resources: [bomb.yaml]\n', { 'app/bomb.yaml': `${CONFIG_MAP}${levels(8)}\n` }],
    ['in a patch', `patches:\n- patch: |\n    ${levels(8).replaceAll('\n', '\n    ')}\n`, {}],
    ['by a cycle', 'metadata: &a {annotations: *a}\nresources: [cm.yaml]\n', {}],
    ['by depth', `metadata: ${'['.repeat(20_000)}${']'.repeat(20_000)}\n`, {}],
    ['by including itself', 'resources: [../app]\n', {}],
  ])('%s', async (_, kustomization, more) => {
    const started = performance.now();
    expect((await render(kustomization, more)).status).toBe('failed');
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  test('a program is ended when it passes its memory, its time or its output', async () => {
    const base = { program: process.execPath, directory: '/', environment: {}, signal: new AbortController().signal };
    const bounds = { timeoutMs: 20_000, memoryBytes: 400e6, outputBytes: 1e6 };
    const run = (code: string, more = {}) => runBounded({ ...base, ...bounds, ...more, args: ['-e', code] });
    expect(await run('const a=[];setInterval(()=>a.push(Buffer.alloc(3e7,1)),1)')).toMatchObject({
      status: 'stopped',
      reason: expect.stringContaining('memory'),
    });
    expect(await run('setInterval(()=>{},1)', { timeoutMs: 300 })).toMatchObject({
      status: 'stopped',
      reason: expect.stringContaining('300 ms'),
    });
    expect(await run('for(;;)require("fs").writeSync(1,"x".repeat(1e5))')).toMatchObject({
      status: 'stopped',
      reason: expect.stringContaining('bytes'),
    });
    expect(await run('console.log(Object.keys(process.env).length)')).toMatchObject({ status: 'ended', stdout: '0\n' });
  });
});
