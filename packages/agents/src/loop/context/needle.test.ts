import { expect, test } from 'vitest';
import { z } from 'zod';
import { createScriptedModel } from '../../models/scripted.ts';
import { seededRandom } from '../guard/testing/seeded-random.ts';
import { defineTool } from '../guard/tool.ts';
import { createMemoryRunLog } from '../log/run-log.ts';
import { runAgent } from '../run-agent.ts';
import { createToolRegistry } from '../tool-registry.ts';
import { createMemoryArtifactStore } from './artifact-store.ts';
import { createArtifactTools } from './artifact-tools.ts';

const CONTEXT = 200_000;
const LINES = 96_000;

const NEEDLES = 40;
const random = seededRandom(3);
const needles = Array.from({ length: NEEDLES }, (_, n) => ({
  key: `disk-${n}-of-${NEEDLES}`,
  serial: `Q${Math.floor(random() * 1e9)}`,
  line: Math.floor(((n + random()) / NEEDLES) * LINES),
}));

/** About two million tokens: eight megabytes of log lines in which nothing stands out, with a needle in every fortieth of it. */
function haystack(): string {
  const lines = Array.from(
    { length: LINES },
    (_, n) => `2026-11-22T10:00:00Z payment-7d9f request ${n} served in ${n % 90} ms by worker ${n % 7}, all is well`,
  );
  for (const { key, serial, line } of needles) lines[line] = `2026-11-22T10:00:00Z payment-7d9f ${key} has the serial ${serial} now`;
  return lines.join('\n');
}

test('a log of two million tokens fits a model of 200 thousand, and what is looked for is found wherever it stands', async () => {
  const text = haystack();
  expect(text.length / 4).toBeGreaterThanOrEqual(2_000_000);
  const read = defineTool({
    name: 'read_logs',
    description: 'Logs.',
    input: z.strictObject({}),
    risk: 'read',
    run: async () => ({ text }),
  });
  const artifacts = createMemoryArtifactStore();
  const found = new Set<string>();
  let asked = 0;
  let largest = 0;
  const model = createScriptedModel({
    replies: (request) => {
      const sent = JSON.stringify(request.messages);
      largest = Math.max(largest, sent.length / 4);
      for (const { key, serial } of needles) if (sent.includes(`${key} has the serial ${serial}`)) found.add(key);
      const handle = /kept as (artifact-[\w-]+)/.exec(sent)?.[1];
      if (handle === undefined) return { calls: [{ id: 'a', name: 'read_logs', arguments: {} }] };
      const needle = needles[asked++];
      if (needle === undefined) return 'All found.';
      return { calls: [{ id: needle.key, name: 'search_artifact', arguments: { artifact: handle, text: `${needle.key} serial` } }] };
    },
  });
  const tools = createToolRegistry([read, ...createArtifactTools(artifacts)]);
  const agent = { name: 'a', instructions: 'i', tools, limits: { contextTokens: CONTEXT, steps: NEEDLES + 5, toolMs: 60_000 } };
  const options = { run: 'r', agent, task: 'Which serials?', models: [model] as const, log: createMemoryRunLog(), artifacts };
  const result = await runAgent(options, { signal: new AbortController().signal, now: Date.now });
  expect(result).toMatchObject({ state: 'finished', answer: 'All found.' });
  expect(largest).toBeLessThan(CONTEXT);
  expect(found.size / NEEDLES).toBeGreaterThanOrEqual(0.95);
}, 120_000);
