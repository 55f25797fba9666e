// How long duty takes from an event in the cluster to the look that shows it, what an ordinary event costs, and how both grow with the
// cluster; beside a full reading of the cluster, which is what a tool that looks at intervals does each time.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { createFindingsDetector, MATTERS } from '@tier0/agents';
import { createCmdb, createKubernetesSource, createKubernetesWatch, keepCurrent } from '@tier0/cmdb';
import { percentile, spreadOf } from '../frame/measure.ts';
import { readOptions } from '../frame/options.ts';
import { publish, type Row, toRecord } from '../frame/record.ts';

const options = readOptions(['pods', 'events', 'ordinary']);
const sizes = (options.value('pods') ?? '1000,10000').split(',').map(Number);
const events = options.count('events', 20);
const ordinary = options.count('ordinary', 200);
const rows: Row[] = [];

for (const pods of sizes) rows.push(...(await measure(pods)));
publish(
  toRecord('duty', {
    rows,
    notes: [
      `${events} breaks a size, each in a process of its own over HTTP; ${ordinary} ordinary events taken in together.`,
      'A look is every rule and every link over everything that is held: it grows with the cluster, not with the event.',
      'Other tools were not measured here; the full reading stands in for one that looks at intervals.',
    ],
  }),
  options.json,
);

async function measure(pods: number): Promise<readonly Row[]> {
  const server = spawn(
    process.execPath,
    ['--conditions=tier0-source', new URL('made-cluster.ts', import.meta.url).pathname, String(pods)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
  const say = async (word: string) => {
    server.stdin.write(`${word}\n`);
    return String((await lines.next()).value);
  };
  const { kubeconfig } = JSON.parse(String((await lines.next()).value)) as { kubeconfig: string };
  const stop = new AbortController();
  const context = { signal: stop.signal, now: Date.now };
  const watch = createKubernetesWatch({ kubeconfig, cluster: 'made' });
  const cmdb = createCmdb({ sources: [watch] });
  const detector = createFindingsDetector({ matters: MATTERS });
  const news: (() => void)[] = [];
  const following = keepCurrent(cmdb, watch, context, {
    onRefresh: () => {
      for (const wake of news.splice(0)) wake();
    },
  });
  await new Promise<void>((resolve) => news.push(resolve));
  await detector.detect(cmdb.reader(), context);

  const toCause: number[] = [];
  const looks: number[] = [];
  for (let index = 0; index < events; index++) {
    const start = performance.now();
    const broken = await say(`break ${index}`);
    for (;;) {
      await new Promise<void>((resolve) => news.push(resolve));
      const lookStart = performance.now();
      const { alerts } = await detector.detect(cmdb.reader(), context);
      looks.push(performance.now() - lookStart);
      if (alerts.some((alert) => alert.item?.endsWith(`/${broken}`))) break;
    }
    toCause.push(performance.now() - start);
    await say(`mend ${index}`);
    await new Promise<void>((resolve) => news.push(resolve));
  }
  const cpuBefore = process.cpuUsage();
  await say(`touch ${ordinary}`);
  await new Promise<void>((resolve) => news.push(resolve));
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const cpu = process.cpuUsage(cpuBefore);
  const memory = process.memoryUsage().rss;

  const fullStart = performance.now();
  const full = createCmdb({ sources: [createKubernetesSource({ kubeconfig, cluster: 'made' })] });
  await full.refresh(context);
  await detector.detect(full.reader(), context);
  const fullMs = performance.now() - fullStart;
  stop.abort();
  await following.catch(() => undefined);
  server.kill();
  await once(server, 'exit');
  const row = (measure: string, unit: string, values: readonly number[]): Row => ({
    measure: `${measure}-${pods}-pods`,
    subject: 'tier0',
    unit,
    ...spreadOf(values),
  });
  const sorted = [...toCause].sort((a, b) => a - b);
  return [
    row('event-to-cause', 'ms', toCause),
    row('event-to-cause-p95', 'ms', [percentile(sorted, 0.95)]),
    row('look', 'ms', looks),
    row('cpu-of-an-ordinary-event', 'ms', [(cpu.user + cpu.system) / 1000 / ordinary]),
    row('full-reading-and-look', 'ms', [fullMs]),
    row('memory', 'MiB', [memory / 2 ** 20]),
  ];
}
