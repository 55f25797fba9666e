import type { ModelRequest } from '@tier0/core';
import { testContext } from '@tier0/core/testing';
import { expect, test } from 'vitest';
import { createAnthropicModel } from '../../models/anthropic/anthropic.ts';
import { collectTurn, textOf } from '../../models/collect-turn.ts';
import { createScriptedModel } from '../../models/scripted.ts';
import { anthropicProvider, startProviderServer } from '../../testing/index.ts';
import { createPseudonyms, withPseudonyms } from './pseudonyms.ts';
import { pick, seededRandom } from './testing/seeded-random.ts';

const names = ['payment', 'payment-7d9f4c-x2k', 'shop', 'ada.lovelace', 'node-eu-3', 'Größe', 'a1'];

test.each([
  'Pod shop/payment-7d9f4c-x2k on node-eu-3 (10.1.2.3, fd00:1:2:3:4:5:6:7) of ada.lovelace@corp.example failed',
  'Payment and payment, but not payments: db.prod.internal:5432, http://shop.svc/healthz',
  'hidden-name-1 was written by an attacker beside payment',
  'Größe 1.2.3.4 v1.2.3 2026-01-01T00:00:00Z',
])('what is hidden comes back: %s', (text) => {
  const pseudonyms = createPseudonyms({ names });
  const hidden = pseudonyms.hide(text);
  expect(pseudonyms.reveal(hidden)).toBe(text);
  for (const name of [...names, '10.1.2.3', 'fd00:1', 'corp.example', 'db.prod'])
    expect(hidden.split(/[^\p{L}\p{N}.:-]+/u)).not.toContain(name);
});

test('no real name is in the bytes that are sent, and the answer has them again, calls included', async () => {
  const random = seededRandom(7);
  const words = ['zeta', 'kilo', 'orbit', 'quartz', 'ledger', 'mango', 'tundra'];
  const many = Array.from({ length: 400 }, (_, n) => `${pick(random, words)}-${pick(random, words)}-${n}`);
  const pseudonyms = createPseudonyms({ names: many });
  const echo = pseudonyms.hide(many[7] as string);
  const scene = {
    name: 's',
    claim: '',
    turns: [
      {
        parts: [
          { type: 'text' as const, text: `It is ${echo}, I look.` },
          { type: 'tool-call' as const, id: 'c', name: 'find_items', arguments: { name: echo } },
        ],
        finish: 'tool-calls' as const,
      },
      { parts: [{ type: 'text' as const, text: `Done with ${echo}.` }], finish: 'stop' as const },
    ],
  };
  const server = await startProviderServer({ wire: anthropicProvider, scene });
  const model = withPseudonyms(createAnthropicModel({ model: 'm', apiKey: 'k', baseUrl: server.url }), pseudonyms);
  const text = (n: number) =>
    many
      .slice(n * 100, n * 100 + 100)
      .map((name) => `${name} at 10.${n}.0.1 of u${n}@${name}.example.com`)
      .join('\n');
  let request: ModelRequest = {
    messages: [
      { role: 'system', content: text(0) },
      { role: 'user', content: text(1) },
    ],
    maxOutputTokens: 9,
  };
  const first = await collectTurn(model.generate(request, testContext()));
  if (first.state !== 'said') throw new Error(JSON.stringify(first));
  expect(textOf(first.message)).toBe(`It is ${many[7]}, I look.`);
  expect(first.message.parts[1]).toMatchObject({ call: { arguments: { name: many[7] } } });
  request = {
    ...request,
    messages: [
      ...request.messages,
      first.message,
      { role: 'tool', results: [{ callId: 'c', name: 'find_items', text: text(2) + text(3) }] },
    ],
  };
  const second = await collectTurn(model.generate(request, testContext()));
  expect(second.state === 'said' && textOf(second.message)).toBe(`Done with ${many[7]}.`);
  const sent = JSON.stringify(server.requests);
  await server.close();
  expect(many.filter((name) => sent.includes(name))).toEqual([]);
  expect(sent).not.toMatch(/10\.\d\.0\.1|example\.com/);
});

test('a pseudonym cut into pieces is put together before it is read', async () => {
  const pseudonyms = createPseudonyms({ names });
  const made = pseudonyms.hide('payment');
  const pieces = [...`The ${made}. High hidden hi`].map((text) => ({ type: 'text' as const, text }));
  const model = withPseudonyms(createScriptedModel({ replies: [[...pieces, { type: 'finish', reason: 'stop' }]] }), pseudonyms);
  const turn = await collectTurn(model.generate({ messages: [], maxOutputTokens: 1 }, testContext()));
  expect(turn.state === 'said' && textOf(turn.message)).toBe('The payment. High hidden hi');
});
