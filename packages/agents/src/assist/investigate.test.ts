import type { Diagnosis } from '@tier0/core';
import { makeEvidence } from '@tier0/core';
import { testContext } from '@tier0/core/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { createMemoryArtifactStore } from '../loop/context/artifact-store.ts';
import { defineTool } from '../loop/guard/tool.ts';
import { createMemoryRunLog } from '../loop/log/run-log.ts';
import { createScriptedModel } from '../models/scripted.ts';
import { explain } from './explain.ts';
import { investigate } from './investigate.ts';

const evidence = makeEvidence({
  source: 'kubernetes',
  query: 'events',
  fromMs: Date.parse('2026-11-22T11:00:00.000Z'),
  toMs: Date.parse('2026-11-22T12:00:00.000Z'),
  text: 'payment was OOMKilled on node-eu-3 at 10.1.2.3',
});
const subject = 'kubernetes:production/shop/Deployment/payment';
const diagnosis: Diagnosis = {
  takenAt: '2026-11-22T12:00:00.000Z',
  findings: [],
  evidence: [evidence],
  unknowns: [],
  rootCauses: [
    {
      cause: 'memory-limit-too-low',
      subject,
      message: 'payment is OOMKilled',
      confidence: 0.8,
      basis: 'rule',
      path: [subject],
      evidenceFor: [evidence.id],
      evidenceAgainst: [],
    },
  ] as never,
};
const look = defineTool({
  name: 'look_at',
  description: 'Looks.',
  input: z.strictObject({}),
  risk: 'read',
  run: async () => ({ text: 'seen', cites: ['ev-seen', subject] }),
});

test('claims count only with ids that were shown; others are dropped and counted', async () => {
  const { CAUSES } = await import('@tier0/core');
  const cause = Object.values(CAUSES).flat()[0] as string;
  const claim = (more: object) => ({ cause, subject, why: 'because', cites: ['ev-seen'], ...more });
  const answer = {
    summary: 'It is the memory.',
    cites: [evidence.id],
    hypotheses: [
      claim({}),
      claim({ cites: ['ev-invented'] }),
      claim({ cites: [] }),
      claim({ cause: 'magic' }),
      claim({ subject: 'kubernetes:x/y/Pod/z' }),
    ],
  };
  const model = createScriptedModel({
    replies: [
      {
        calls: [
          { id: 'a', name: 'show_diagnosis', arguments: {} },
          { id: 'b', name: 'look_at', arguments: {} },
        ],
      },
      JSON.stringify(answer),
    ],
  });
  const result = await investigate(
    {
      run: 'r',
      diagnosis,
      alerts: ['payment is slow'],
      tools: [look],
      models: [model],
      log: createMemoryRunLog(),
      artifacts: createMemoryArtifactStore(),
    },
    { signal: new AbortController().signal, now: Date.now },
  );
  expect(result).toMatchObject({ state: 'done', summary: 'It is the memory.', hypotheses: [{ subject, cites: ['ev-seen'] }] });
  expect(result.state === 'done' && result.dropped).toHaveLength(4);
});

test('an explanation has the real names, the model never saw them, and sentences without true evidence are left out', async () => {
  let sent = '';
  const model = createScriptedModel({
    replies: [
      (request) => {
        sent = JSON.stringify(request);
        const name = /hidden-name-\d+(?= was OOMKilled)/.exec(sent)?.[0];
        return `${name} ran out of memory [${evidence.id}]. The moon is at fault [ev-invented].`;
      },
    ],
  });
  const explained = await explain(diagnosis, model, testContext());
  expect(explained).toEqual({ state: 'explained', text: `payment ran out of memory [${evidence.id}].`, cites: [evidence.id], dropped: 1 });
  for (const name of ['payment', 'shop', 'production', '10.1.2.3']) expect(sent).not.toMatch(new RegExp(`\\b${name}\\b`));
});
