import { expect, test } from 'vitest';
import { examineCluster } from '../../diagnosis/examine.ts';
import { MADE_NOW, madeCluster, minutesAgo, node, type Part, pod, web } from '../../fixtures/made-cluster.ts';

const secondsAgo = (seconds: number) => new Date(MADE_NOW - 1000 * seconds).toISOString();

/** Ready for four seconds, and it ended three times before, or once an hour ago. */
function met(restarts: number, ended: string): Part {
  const status = {
    ready: true,
    started: true,
    restartCount: restarts,
    state: { running: { startedAt: secondsAgo(4) } },
    lastState: { terminated: { exitCode: 3, reason: 'Error', startedAt: ended, finishedAt: ended } },
  };
  return pod('p', { status, podStatus: { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: secondsAgo(4) }] } });
}

async function said(one: Part): Promise<string> {
  const reader = await madeCluster([node('node-a'), ...web(), one]);
  const readLog = async ({ previous }: { readonly previous: boolean }) =>
    previous ? 'INFO starting\nFATAL cannot open /etc/app/rules.yml: no such file or directory\n' : 'INFO starting\n';
  const context = { signal: AbortSignal.timeout(20_000), now: () => MADE_NOW };
  const { causes } = await examineCluster(reader, { readLog, remedies: false }, context);
  return causes.map(({ rootCause }) => rootCause.message).join('\n');
}

test('a container that ends again and again and is met while it runs is told by the words of the run before', async () => {
  expect(await said(met(4, secondsAgo(60)))).toMatch(/says that \/etc\/app\/rules\.yml is not there/);
});

test('one that ended once and is well since is not', async () => {
  expect(await said(met(1, minutesAgo(50)))).toBe('');
});
