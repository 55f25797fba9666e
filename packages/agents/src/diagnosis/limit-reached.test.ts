import type { Finding } from '@tier0/core';
import { expect, test } from 'vitest';
import { madeCluster, web } from '../fixtures/made-cluster.ts';
import { withLimitsFelt } from './limit-reached.ts';

const WEB = 'k8s:made/ns/Deployment/web';

async function severities(complaint: Partial<Finding>): Promise<readonly string[]> {
  const reader = await madeCluster(web());
  const subject = reader.items({ kind: 'Deployment' }).items[0]?.id ?? WEB;
  const limit = {
    code: 'T0-HORIZONTALPODAUTOSCALER-004',
    severity: 'degraded',
    subject: 'scaler',
    cause: 'autoscaler-at-maximum',
    seenOn: [subject],
  };
  const findings = [limit, { code: 'T0-LOG-051', severity: 'fault', subject, cause: 'needs-investigation', ...complaint }];
  return withLimitsFelt(findings as unknown as readonly Finding[], reader).map(({ severity }) => severity);
}

test('an autoscaler at its maximum is a fault where the workload complains of what no rule knows, and well where it does not', async () => {
  expect(await severities({})).toEqual(['fault', 'fault']);
  expect(await severities({ severity: 'degraded' })).toEqual(['degraded', 'degraded']);
  expect(await severities({ cause: 'image-not-found' })).toEqual(['degraded', 'fault']);
  expect(await severities({ subject: 'another' })).toEqual(['degraded', 'fault']);
});
