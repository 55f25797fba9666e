// On duty, embedded: watch a cluster, serve the page and the API, let a person decide through them, and see the incident to its end.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createDuty, createHttpHandler, DutyConfigSchema, describeStep, listen, startScenario } from 'tier0';

const world = await startScenario(join(import.meta.dirname, '../../scenarios/bad-image'));
const folder = await mkdtemp(join(tmpdir(), 'tier0-on-duty-'));
await writeFile(join(folder, 'kubeconfig'), world.kubeconfigText);
const config = DutyConfigSchema.parse({
  state: join(folder, 'state'),
  clusters: [{ name: 'production', kubeconfig: join(folder, 'kubeconfig'), repository: { url: world.repository, path: world.path } }],
  times: { confirm: '2s', poll: '1s', hold: '2s' },
});
const duty = createDuty({ config, variables: process.env });
const tokens = [{ name: world.approver, scopes: ['read', 'approve'] as const, token: 'the-token-of-a-colleague' }];
const server = await listen(createHttpHandler({ duty, tokens, version: '0' }), '127.0.0.1:0', { hasTokens: true });
console.log(`page and API at ${server.url}`);
duty.bus.listen(({ event }) => {
  if (event.type !== 'entry' || event.entry.phase !== 'done') return;
  const { label, headline } = describeStep(event.entry);
  console.log(`${label.padEnd(10)} ${headline}`);
});
const ended = new AbortController();
const running = duty.run(ended.signal);
try {
  const asked = await waitFor((one) => one.pullRequest?.asksForDecision === true);
  const { shown } = await call(`/api/v1/incidents/${asked.id}`);
  await call(`/api/v1/incidents/${asked.id}/decision`, { decision: 'approve', reason: 'read and agreed', shown });
  const done = await waitFor((one) => one.id === asked.id && one.status !== 'open');
  assert.equal(done.status, 'resolved');
} finally {
  ended.abort();
  await running;
  await server.close();
  await world.close();
  await rm(folder, { recursive: true, force: true });
}

interface Incident {
  readonly id: string;
  readonly status: string;
  readonly pullRequest?: { readonly asksForDecision: boolean };
}

async function call(path: string, body?: object): Promise<{ readonly shown?: string; readonly incidents?: readonly Incident[] }> {
  const headers = { authorization: 'Bearer the-token-of-a-colleague', 'content-type': 'application/json' };
  const answer = await fetch(`${server.url}${path}`, body ? { method: 'POST', headers, body: JSON.stringify(body) } : { headers });
  assert.equal(answer.status, 200);
  return (await answer.json()) as { shown?: string; incidents?: Incident[] };
}

/** Asks as a person with a browser would: again and again. */
async function waitFor(isMeant: (incident: Incident) => boolean): Promise<Incident> {
  for (let tries = 0; tries < 120; tries++) {
    const { incidents = [] } = await call('/api/v1/incidents');
    const found = incidents.find(isMeant);
    if (found) return found;
    await delay(1_000);
  }
  throw new Error('It did not happen in two minutes.');
}
