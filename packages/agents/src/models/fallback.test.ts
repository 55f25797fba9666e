import type { LanguageModel, ModelEvent, ModelFailureKind } from '@tier0/core';
import { expect, test } from 'vitest';
import { withCircuitBreaker } from './circuit-breaker.ts';
import { collectTurn, textOf } from './collect-turn.ts';
import { withFallback } from './fallback.ts';
import { createScriptedModel } from './scripted.ts';
import { modelFailure } from './wire/failure.ts';

const context = { signal: new AbortController().signal, now: () => 0 };
const request = { messages: [], maxOutputTokens: 10 };
const failing = (kind: ModelFailureKind) => ({ failure: modelFailure(kind, { host: 'h', model: kind }) });

async function ask(model: LanguageModel) {
  const turn = await collectTurn(model.generate(request, context));
  return turn.state === 'said' ? textOf(turn.message) : turn.failure.kind;
}

test.each([
  ['overloaded', 'second'],
  ['unreachable', 'second'],
  ['quota', 'second'],
  ['permission', 'second'],
  ['context-overflow', 'context-overflow'],
  ['invalid-request', 'invalid-request'],
] as const)('a first model that is %s: %s', async (kind, expected) => {
  const second = createScriptedModel({ replies: () => 'second' });
  expect(await ask(withFallback([createScriptedModel({ replies: () => failing(kind) }), second]))).toBe(expected);
});

test('where all fail, what the first one said is told', async () => {
  const models = [failing('overloaded'), failing('quota')].map((reply) => createScriptedModel({ replies: () => reply }));
  expect(await ask(withFallback(models as [LanguageModel, LanguageModel]))).toBe('overloaded');
});

test('what has begun is never mixed with the words of another model', async () => {
  const first: LanguageModel = {
    ...createScriptedModel({ replies: () => '' }),
    async *generate(): AsyncGenerator<ModelEvent> {
      yield { type: 'text', text: 'half' };
      yield { type: 'error', failure: modelFailure('unreachable', { host: 'h', model: 'm' }) };
    },
  };
  expect(await ask(withFallback([first, createScriptedModel({ replies: () => 'second' })]))).toBe('unreachable');
});

test('behind a circuit breaker a dead server is asked a few times and then passed over at once', async () => {
  let asked = 0;
  const dead = createScriptedModel({
    replies: () => {
      asked += 1;
      return failing('unreachable');
    },
  });
  const model = withFallback([withCircuitBreaker(dead, { failures: 2 }), createScriptedModel({ replies: () => 'second' })]);
  for (let turn = 0; turn < 6; turn++) expect(await ask(model)).toBe('second');
  expect(asked).toBe(2);
});
