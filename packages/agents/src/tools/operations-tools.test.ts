import type { Finding } from '@tier0/core';
import { expect, test } from 'vitest';
import { makeEstate } from '../fixtures/made-estate.ts';
import { createMemoryArtifactStore } from '../loop/context/artifact-store.ts';
import type { ToolContext } from '../loop/guard/tool.ts';
import { createMemoryRunLog } from '../loop/log/run-log.ts';
import { runAgent } from '../loop/run-agent.ts';
import { createToolRegistry } from '../loop/tool-registry.ts';
import { createScriptedModel } from '../models/scripted.ts';
import { createOperationsTools } from './operations-tools.ts';
import type { OperationsWorld } from './operations-world.ts';

const context: ToolContext = { signal: new AbortController().signal, now: Date.now, run: 'r', call: '1-0', idempotencyKey: 'r:1-0' };

async function world(): Promise<OperationsWorld & { readonly first: string; readonly other: string }> {
  const { reader, workloads } = await makeEstate(1, 14);
  const red = workloads.find(({ namespace }) => namespace === 'team-red');
  const blue = workloads.find(({ namespace }) => namespace === 'team-blue');
  const at = (one: typeof red) => `kubernetes:made/${one?.namespace}/Deployment/${one?.name}`;
  return { reader: () => reader, first: at(red), other: at(blue) };
}

function callTool(given: OperationsWorld, name: string, input: unknown) {
  const tool = createToolRegistry(createOperationsTools(given)).find(name);
  if (!tool) throw new Error(`no tool ${name}`);
  return tool.run(tool.input.parse(input), context);
}

test('only tools that have something to look at exist, and only one has an effect', async () => {
  const given = await world();
  const bare = createOperationsTools(given).map(({ name }) => name);
  expect(bare).toEqual(['find_items', 'show_item', 'show_impact', 'show_owner', 'list_changes', 'show_item_as_of', 'show_manifest']);
  const all = createOperationsTools({ ...given, findings: async () => [], propose: async () => 'PR' });
  expect(all.filter(({ risk }) => risk !== 'read').map(({ name }) => name)).toEqual(['propose_change']);
});

test('answers say when they are true, cite what they show, and are bounded', async () => {
  const given = await world();
  const found = await callTool(given, 'find_items', { query: 'kind:Pod' });
  expect(found.text).toContain('as of 2026-11-22T');
  expect(found.cites?.length).toBeGreaterThan(3);
  const shown = await callTool(given, 'show_item', { item: given.first });
  expect(shown.text).toContain('image: registry.local/');
  expect((await callTool(given, 'show_manifest', { item: given.first })).text).toContain('"kind": "Deployment"');
});

test('what the caller may not read does not exist in any answer', async () => {
  const given = await world();
  const mine = { ...given, mayRead: (item: string) => item.includes('/team-red/') };
  for (const name of ['show_item', 'show_impact', 'show_owner', 'list_changes', 'show_manifest']) {
    expect(await callTool(mine, name, { item: given.other })).toMatchObject({
      isError: true,
      text: expect.stringContaining('no such item'),
    });
    const absent = await callTool(given, name, { item: 'kubernetes:made/x/Pod/none' });
    expect((await callTool(mine, name, { item: given.other })).text).toBe(absent.text);
  }
  const list = await callTool(mine, 'find_items', { query: 'kind:Deployment' });
  expect(JSON.stringify(list)).not.toContain('team-blue');
  expect(JSON.stringify(list)).toContain('team-red');
});

test('the first request of an investigation, with every tool, is at most 10 kB', async () => {
  const given = await world();
  const none = { name: 'none', kinds: ['logs', 'metrics'] as const, observe: async () => ({ state: 'no-data' as const, query: '' }) };
  const patterns = {
    name: 'none',
    search: async () => [],
    get: async () => undefined,
    record: async () => Promise.reject(new Error('no')),
  };
  const tools = createOperationsTools({
    ...given,
    evidence: [none],
    patterns,
    findings: async (): Promise<readonly Finding[]> => [],
    propose: async () => 'PR',
  });
  expect(tools).toHaveLength(12);
  let bytes = 0;
  const model = createScriptedModel({
    replies: (request) => {
      bytes = JSON.stringify(request).length;
      return 'Done.';
    },
  });
  const { INVESTIGATE } = await import('../assist/prompts/investigate.ts');
  const agent = { name: 'a', instructions: INVESTIGATE.text, tools: createToolRegistry(tools) };
  const options = {
    run: 'r',
    agent,
    task: 'Investigate the incident. Begin with show_diagnosis.',
    models: [model] as const,
    log: createMemoryRunLog(),
    artifacts: createMemoryArtifactStore(),
  };
  await runAgent(options, { signal: context.signal, now: Date.now });
  expect(bytes).toBeGreaterThan(1_000);
  expect(bytes).toBeLessThanOrEqual(10_000);
});
