import type { LanguageModel, ModelFailureKind } from '@tier0/core';
import { expect, test } from 'vitest';
import { createMemoryArtifactStore } from '../loop/context/artifact-store.ts';
import { createMemoryRunLog } from '../loop/log/run-log.ts';
import { runAgent } from '../loop/run-agent.ts';
import { createToolRegistry } from '../loop/tool-registry.ts';
import { withCircuitBreaker } from './circuit-breaker.ts';
import { collectTurn } from './collect-turn.ts';
import { createScriptedModel } from './scripted.ts';
import { modelFailure } from './wire/failure.ts';

let nowMs = 0;
const context = { signal: new AbortController().signal, now: () => nowMs };
const request = { messages: [], maxOutputTokens: 10 };
const failing = (kind: ModelFailureKind) => ({ failure: modelFailure(kind, { host: 'h', model: 'm' }) });

/** A model that answers as it is told, and counts how often it was really asked. */
function puppet() {
  const state = { asked: 0, answer: failing('overloaded') as ReturnType<typeof failing> | string };
  const model = createScriptedModel({
    replies: () => {
      state.asked += 1;
      return state.answer;
    },
  });
  return { state, model: withCircuitBreaker(model, { failures: 3, openMs: 1_000 }) };
}

async function ask(model: LanguageModel) {
  const turn = await collectTurn(model.generate(request, context));
  return turn.state === 'said' ? 'said' : turn.failure.message.includes('left alone') ? 'left alone' : 'failed';
}

test('three failures in a row open it; after a while one call tries, and an answer closes it', async () => {
  nowMs = 0;
  const { state, model } = puppet();
  expect([await ask(model), await ask(model), await ask(model), await ask(model)]).toEqual(['failed', 'failed', 'failed', 'left alone']);
  nowMs = 999;
  expect(await ask(model)).toBe('left alone');
  expect(state.asked).toBe(3);
  nowMs = 1_000;
  expect(await Promise.all([ask(model), ask(model), ask(model)])).toEqual(['failed', 'left alone', 'left alone']);
  expect(state.asked).toBe(4);
  nowMs = 2_000;
  state.answer = 'Here again.';
  expect([await ask(model), await ask(model)]).toEqual(['said', 'said']);
});

test.each(['rate-limit', 'quota', 'permission', 'context-overflow', 'invalid-request', 'not-found'] as const)(
  '%s speaks of the question or the account, and opens nothing',
  async (kind) => {
    const { state, model } = puppet();
    state.answer = failing(kind);
    for (let call = 0; call < 10; call++) expect(await ask(model)).toBe('failed');
    expect(state.asked).toBe(10);
  },
);

test('an answer in between begins the count anew', async () => {
  const { state, model } = puppet();
  for (let round = 0; round < 4; round++) {
    state.answer = failing('timeout');
    expect([await ask(model), await ask(model)]).toEqual(['failed', 'failed']);
    state.answer = 'Fine.';
    expect(await ask(model)).toBe('said');
  }
});

test('a caller who stops listening says nothing of the server', async () => {
  const { state, model } = puppet();
  state.answer = 'A long answer.';
  for (let call = 0; call < 5; call++) for await (const _ of model.generate(request, context)) break;
  expect(await ask(model)).toBe('said');
});

test('runs go on with the next model at once while it is open, also when it only hangs', async () => {
  let asked = 0;
  const hangs: LanguageModel = {
    name: 'hangs',
    model: 'hangs',
    async *generate(_, { signal }) {
      asked += 1;
      await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
    },
  };
  const shared = withCircuitBreaker(hangs, { failures: 2, openMs: 60_000 });
  const next = createScriptedModel({ replies: () => 'From the second.' });
  const run = (id: number) =>
    runAgent(
      {
        run: `r${id}`,
        agent: { name: 'a', instructions: 'i', tools: createToolRegistry([]), limits: { chunkMs: 30 } },
        task: 't',
        models: [shared, next],
        log: createMemoryRunLog(),
        artifacts: createMemoryArtifactStore(),
        retry: { attempts: 1, baseMs: 1, maxMs: 1 },
      },
      { signal: context.signal, now: Date.now },
    );
  for (let id = 0; id < 6; id++) expect(await run(id)).toMatchObject({ state: 'finished', answer: 'From the second.' });
  expect(asked).toBe(2);
});
