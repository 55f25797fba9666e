// One process of a run that is killed: node killed-run.ts DIRECTORY MOMENT. It works on the run until the moment (an append or an effect of
// this process, counted from 1) and then kills itself with SIGKILL; without a moment it goes on to the end and prints the result.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { createScriptedModel } from '../../models/scripted.ts';
import { createMemoryArtifactStore } from '../context/artifact-store.ts';
import { grantApproval } from '../guard/approval.ts';
import { defineTool } from '../guard/tool.ts';
import { createFileRunLog } from '../log/file-run-log.ts';
import type { RunLog } from '../log/run-log.ts';
import { runAgent } from '../run-agent.ts';
import { createToolRegistry } from '../tool-registry.ts';

const STEPS = 20;
const SECRET = 'a secret of the desk that is long enough';
const [directory = '', moment = ''] = process.argv.slice(2);
const diesAt = moment === '' ? Number.POSITIVE_INFINITY : Number(moment);
let moments = 0;

/** Before and after whatever lasts, the process may die. */
function maybeDie(): void {
  moments += 1;
  if (moments === diesAt) process.kill(process.pid, 'SIGKILL');
}

/** An outside world that remembers what was done to it, and can be asked. It does not protect itself from doing a thing twice. */
const done = join(directory, 'effects.txt');
const restart = defineTool({
  name: 'restart_item',
  description: 'Restarts.',
  input: z.strictObject({ step: z.int() }),
  risk: 'write',
  run: async ({ step }, { idempotencyKey }) => {
    appendFileSync(done, `${idempotencyKey} step ${step}\n`);
    maybeDie();
    return { text: `restarted ${step}` };
  },
  recover: async ({ step }, { idempotencyKey }) => {
    const was = existsSync(done) && readFileSync(done, 'utf8').includes(`${idempotencyKey} step ${step}\n`);
    return was ? { text: `restarted ${step}` } : undefined;
  },
});
const look = defineTool({
  name: 'look_at',
  description: 'Looks.',
  input: z.strictObject({ step: z.int() }),
  risk: 'read',
  run: async ({ step }) => ({ text: `seen ${step}` }),
});

const file = createFileRunLog({ directory: join(directory, 'log') });
const log: RunLog = {
  read: file.read,
  append: async (run, sequence, entries) => {
    maybeDie();
    await file.append(run, sequence, entries);
    maybeDie();
  },
};
const model = createScriptedModel({
  replies: (request) => {
    const turns = request.messages.filter((message) => message.role === 'assistant').length;
    if (turns >= STEPS - 1) return 'All restarted.';
    const calls = ['restart_item', 'look_at'].map((name) => ({ id: `${name}-${turns}`, name, arguments: { step: turns } }));
    return { calls };
  },
});
const result = await runAgent(
  {
    run: 'killed',
    agent: { name: 'tester', instructions: 'Test.', tools: createToolRegistry([restart, look]), limits: { steps: STEPS } },
    task: 'Restart everything.',
    models: [model],
    log,
    artifacts: createMemoryArtifactStore(),
    deskSecret: SECRET,
    desk: {
      decision: async (request) => ({ state: 'granted', grant: grantApproval(request, 'ada', { secret: SECRET, nowMs: Date.now() }) }),
    },
  },
  { signal: new AbortController().signal, now: Date.now },
);
writeFileSync(join(directory, 'result.json'), JSON.stringify({ ...result, cites: [] }));
writeFileSync(join(directory, 'moments.txt'), String(moments));
