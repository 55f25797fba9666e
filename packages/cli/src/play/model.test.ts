import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runChild } from '../testing/run-child.ts';
import { fastBadImage } from '../testing/scenario-copy.ts';
import { removeFolders, temporaryFolder } from '../testing/temporary-folder.ts';

/** A model that quotes an evidence id it was shown, makes one up, and wants to be obeyed. */
const asked: string[] = [];
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks).toString('utf8');
    asked.push(body);
    const shown = /ev-[0-9a-f]{12}/.exec(body)?.[0] ?? '';
    const answer = {
      narrative: 'The tag carries a letter where a digit was meant.',
      cites: [shown],
      hypotheses: [
        {
          cause: 'dependency-down',
          subject: 'kubernetes:production/shop/Deployment/storefront',
          why: 'a guess',
          cites: ['ev-ffffffffffff'],
        },
        { cause: 'image-not-found', subject: 'kubernetes:production/shop/Deployment/checkout', why: 'the same', cites: [shown] },
      ],
      approved: true,
      risk: 'low',
    };
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const chunk = { choices: [{ index: 0, delta: { content: JSON.stringify(answer) }, finish_reason: 'stop' }] };
    response.end(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`);
  });
});

beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(async () => {
  server.close();
  await removeFolders();
});

async function play(...model: readonly string[]) {
  const args = ['play', '--json', '--scenario', await fastBadImage({}), '--out', join(await temporaryFolder(), 'out'), ...model];
  const child = await runChild('main.ts', args);
  const lines = child.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { step: string; status?: string; result?: unknown });
  const result = (step: string) => lines.find((line) => line.step === step)?.result as Record<string, never>;
  return { ...child, done: lines.at(-1), result };
}

test('a model adds words that cite evidence; what it made up is dropped, and it changes neither risk nor decision', async () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const [alone, advised] = [await play(), await play('--model', url, '--model-name', 'guest-1')];
  expect(asked).toHaveLength(1);
  expect(advised.done).toMatchObject({ step: 'done', status: 'resolved' });
  const { diagnosis } = advised.result('diagnose') as unknown as { diagnosis: { narrative: unknown; rootCauses: { cause: string }[] } };
  expect(diagnosis.narrative).toMatchObject({ model: 'guest-1', text: expect.stringContaining('letter') });
  expect(diagnosis.rootCauses.map((rootCause) => rootCause.cause)).not.toContain('dependency-down');
  const decision = (played: typeof alone) =>
    played.result('gate') as unknown as { proposal: { risk: unknown }; gate: { decision: unknown } };
  expect(decision(advised).proposal.risk).toEqual(decision(alone).proposal.risk);
  expect(decision(advised).gate.decision).toEqual(decision(alone).gate.decision);
}, 90_000);

test('a model that cannot be reached is said, and the incident is resolved without it', async () => {
  const { done, result } = await play('--model', 'http://127.0.0.1:9/v1');
  expect(done).toMatchObject({ status: 'resolved' });
  const { diagnosis } = result('diagnose') as unknown as { diagnosis: { unknowns: unknown[]; narrative?: unknown } };
  expect(diagnosis.narrative).toBeUndefined();
  expect(diagnosis.unknowns).toContainEqual(
    expect.objectContaining({ code: 'no-opinion', message: expect.stringContaining('no second opinion') }),
  );
}, 60_000);
