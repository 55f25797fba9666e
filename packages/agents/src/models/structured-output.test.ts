import { testContext } from '@tier0/core/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { createScriptedModel, type ScriptedReply } from './scripted.ts';
import { askForJson } from './structured-output.ts';
import { modelFailure } from './wire/failure.ts';

const schema = z.strictObject({ cause: z.enum(['memory', 'network']), confidence: z.number().min(0).max(1) });

function ask(...replies: readonly ScriptedReply[]) {
  const model = createScriptedModel({ replies });
  return askForJson({ model, schema, messages: [{ role: 'user', content: 'Why?' }], maxOutputTokens: 100 }, testContext());
}

test('JSON between words or in a fence is read', async () => {
  expect(await ask('Sure:\n```json\n{"cause":"memory","confidence":0.5}\n```')).toMatchObject({
    state: 'answered',
    repairs: 0,
    value: { cause: 'memory' },
  });
  expect(await ask('It is {"cause":"network","confidence":1}.')).toMatchObject({ state: 'answered', value: { cause: 'network' } });
});

test('a wrong answer goes back with what is wrong, and the better one counts', async () => {
  let told = '';
  const answer = await ask('{"cause":"magic","confidence":2}', (request) => {
    told = JSON.stringify(request.messages.at(-1));
    return '{"cause":"memory","confidence":0.9}';
  });
  expect(answer).toMatchObject({ state: 'answered', repairs: 1 });
  expect(told).toContain('cause');
  expect(told).toContain('confidence');
});

test('repairs are bounded, and what was wrong is said', async () => {
  expect(await ask('no', 'no', 'no')).toEqual({ state: 'unusable', problems: ['the answer holds no JSON value'] });
});

test('a refusal and a failure are neither repaired nor read', async () => {
  const refusal = [
    { type: 'text' as const, text: '{"cause":"memory","confidence":1}' },
    { type: 'finish' as const, reason: 'refusal' as const },
  ];
  expect(await ask(refusal)).toEqual({ state: 'refused' });
  const failure = modelFailure('quota', { host: 'h', model: 'm' });
  expect(await ask({ failure })).toEqual({ state: 'failed', failure });
});
