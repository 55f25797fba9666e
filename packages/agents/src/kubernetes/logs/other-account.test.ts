import { expect, test } from 'vitest';
import { examineCluster } from '../../diagnosis/examine.ts';
import { MADE_NOW, madeCluster, minutesAgo, node, object, type Part, pod, UNREADY, web } from '../../fixtures/made-cluster.ts';

const REFUSED =
  'Error: pods is forbidden: User "system:serviceaccount:ns:default" cannot list resource "pods" in API group "" in the namespace "ns"';

async function causes(objects: readonly Part[]): Promise<string> {
  const reader = await madeCluster([node('node-a'), ...web(), pod('p', { status: UNREADY }), ...objects]);
  const log = Array.from({ length: 9 }, (_, index) => `${new Date(MADE_NOW - 3000 * (9 - index)).toISOString()} ${REFUSED}`).join('\n');
  const context = { signal: AbortSignal.timeout(20_000), now: () => MADE_NOW };
  const { causes: found } = await examineCluster(reader, { readLog: async () => log }, context);
  return found.map(({ finding }) => `${finding.code} ${finding.subject}: ${finding.message}`).join();
}

const role = (verbs: readonly string[]) => object('Role', 'janitor', { rules: [{ apiGroups: [''], resources: ['pods'], verbs }] });
const binding = (account: string) =>
  object('RoleBinding', 'janitor', {
    roleRef: { kind: 'Role', name: 'janitor' },
    subjects: [{ kind: 'ServiceAccount', name: account, namespace: 'ns' }],
  });
const accounts = [object('ServiceAccount', 'default'), object('ServiceAccount', 'janitor')];

test('a workload that names no account, beside one that may and that nobody uses, is at fault itself', async () => {
  expect(await causes([...accounts, binding('janitor'), role(['list'])])).toMatch(
    /^T0-LOG-072 .*\/web: .*janitor, which may, is used by no pod/,
  );
});

test('an account that may not either, or that another pod uses, is not meant', async () => {
  expect(await causes([...accounts, binding('janitor'), role(['get'])])).not.toMatch(/T0-LOG-072/);
  const other = object('Pod', 'other', {
    metadata: { creationTimestamp: minutesAgo(90) },
    spec: { serviceAccountName: 'janitor', nodeName: 'node-a', containers: [{ name: 'app' }] },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  });
  expect(await causes([...accounts, binding('janitor'), role(['list']), other])).not.toMatch(/T0-LOG-072/);
});
