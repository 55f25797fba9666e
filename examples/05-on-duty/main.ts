// On duty: three faults at once in a cluster, alerts from a real Alertmanager, people who decide through the page and the API, a change that
// makes it no better and is taken back. Everything is reached by address: the cluster's API, the repository, monitoring, tier0 itself.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startGitHttpServer } from '@tier0/gitops/testing';
import { createDuty, createHttpHandler, DutyConfigSchema, describeStep, listen, startScenario } from 'tier0';
import { missingPrograms, startMonitoring } from './monitoring.ts';
import { type Incident, Person } from './person.ts';
import { writeThreeFaults } from './three-faults.ts';

const folder = await mkdtemp(join(tmpdir(), 'tier0-on-duty-'));
await writeThreeFaults(join(import.meta.dirname, '../../scenarios/written/bad-image'), join(folder, 'scenario'));
// Whatever is new for "recommendations" becomes worse on its way in, as a faulty webhook of the cluster would make it.
const world = await startScenario(join(folder, 'scenario'), { spoil: ['recommendations'] });
const git = await startGitHttpServer(dirname(world.repository));
await writeFile(join(folder, 'kubeconfig'), world.kubeconfigText);
const repository = { url: `${git.url}/${basename(world.repository)}`, path: world.path };
const config = DutyConfigSchema.parse({
  state: join(folder, 'state'),
  clusters: [{ name: 'production', kubeconfig: join(folder, 'kubeconfig'), repository }],
  times: { confirm: '6s', clear: '3s', poll: '1s', hold: '2s', verify: '20s', reconcile: '20s' },
});
const duty = createDuty({ config, variables: process.env });
const tokens = [
  { name: 'lea', scopes: ['read', 'approve'] as const, token: 'the-token-of-lea-who-owns-the-shop' },
  { name: 'ines', scopes: ['read', 'approve'] as const, token: 'the-token-of-ines-of-payments' },
  { name: 'alertmanager', scopes: ['alerts'] as const, token: 'the-token-of-the-alertmanager' },
];
const server = await listen(createHttpHandler({ duty, tokens, version: '0' }), '127.0.0.1:0', { hasTokens: true });
const lea = new Person(server.url, tokens[0]!.token);
const ines = new Person(server.url, tokens[1]!.token);
const missing = missingPrograms();
const monitoring =
  missing.length > 0
    ? undefined
    : await startMonitoring({
        folder,
        target: new URL(world.metricsUrl).host,
        webhook: `${server.url}/webhooks/alertmanager/production`,
        token: tokens[2]!.token,
      });
console.log(`page and API at ${server.url}, repository at ${repository.url}`);
console.log(monitoring ? `Prometheus at ${monitoring.url}` : `done without alerts from outside: ${missing.join(' and ')} is not on PATH`);
duty.bus.listen(({ event }) => {
  if (event.type !== 'entry' || event.entry.phase !== 'done') return;
  const { label, headline } = describeStep(event.entry);
  console.log(`${seconds()}  ${event.incident}  ${label.padEnd(10)} ${headline}`);
});

const ended = new AbortController();
const running = duty.run(ended.signal);
try {
  const [checkout, recommendations, worker] = await Promise.all([
    lea.waitFor(about('checkout', asksForDecision)),
    lea.waitFor(about('recommendations', asksForDecision)),
    ines.waitFor(about('orders-worker', asksForDecision)),
  ]);
  assert.equal((await lea.incidents()).filter(({ status }) => status === 'open').length, 3, 'three are open at once');
  await lea.approve(checkout);
  await lea.approve(recommendations);
  await ines.approveOnThePage(worker);
  const takenBack = await lea.waitFor(
    about('recommendations', (one) => asksForDecision(one) && one.pullRequest?.number !== recommendations.pullRequest?.number),
  );
  await lea.approve(takenBack);
  const hasEnded = ({ status }: Incident) => status !== 'open';
  const endings = await Promise.all(
    ['checkout', 'orders-worker', 'recommendations'].map(async (name) => (await lea.waitFor(about(name, hasEnded))).status),
  );
  assert.deepEqual(endings, ['resolved', 'resolved', 'rolled-back']);
  assert.equal((await lea.incidents()).length, 3, 'one incident for each fault');
  if (monitoring) await assertAlertsCame();
} finally {
  ended.abort();
  await running;
  await monitoring?.close();
  await server.close();
  await git.close();
  await world.close();
  await rm(folder, { recursive: true, force: true });
}

function seconds(): string {
  return `${Math.round(performance.now() / 1000)} s`.padStart(5);
}

function asksForDecision({ pullRequest }: Incident): boolean {
  return pullRequest?.asksForDecision === true;
}

function about(workload: string, isMeant: (incident: Incident) => boolean) {
  return (incident: Incident) => incident.title.includes(workload) && isMeant(incident);
}

/** Each incident began with an alert of Alertmanager as well; what was cured has been reported as ended by it. */
async function assertAlertsCame(): Promise<void> {
  const [cluster] = duty.clusters;
  for (const { state } of cluster?.incidents.all() ?? [])
    assert.ok(
      state.results.open?.alerts.some(({ source }) => source === 'alertmanager'),
      `${state.incident} heard of it from Alertmanager`,
    );
  for (let tries = 0; tries < 60; tries++) {
    const firing = cluster?.alerts.map(({ labels }) => labels.deployment) ?? [];
    if (firing.join() === 'recommendations') return;
    await delay(500);
  }
  assert.fail(`still firing: ${cluster?.alerts.map(({ summary }) => summary).join('; ')}`);
}
