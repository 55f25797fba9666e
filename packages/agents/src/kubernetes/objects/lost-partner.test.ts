import { expect, test } from 'vitest';
import { madeCluster, object, ownedBy, type Part } from '../../fixtures/made-cluster.ts';
import { lostPartner, sayLostPartner } from './lost-partner.ts';

const workload = (name: string, labels: Part) =>
  object('Deployment', name, { apiVersion: 'apps/v1', spec: { replicas: 1, template: { metadata: { labels }, spec: {} } } });
const former = (owner: string, labels: Part) =>
  object('ReplicaSet', `${owner}-1`, {
    apiVersion: 'apps/v1',
    metadata: ownedBy('Deployment', owner),
    spec: { template: { metadata: { labels } } },
  });
const ask = async (objects: readonly unknown[], wanted: Part) =>
  lostPartner(await madeCluster(objects), {
    namespace: 'ns',
    selector: { matchLabels: wanted },
    asker: 'kubernetes:made/ns/Deployment/clock',
  });

test('the workload that had the label before is the partner, whatever it is called now', async () => {
  const found = await ask([workload('spring', { app: 'spring' }), former('spring', { app: 'spring', part: 'coil' })], { part: 'coil' });
  expect(found).toMatchObject({ workload: 'kubernetes:made/ns/Deployment/spring', key: 'part', has: undefined, isKnown: true });
  expect(found && sayLostPartner(found)).toBe('no pod has part=coil; those of Deployment spring have no label part, and had it before');
});

test('without a history only one workload with a label akin to it is, and none while a pod has it', async () => {
  const renamed = workload('spring', { part: 'coil-steel' });
  expect(await ask([renamed], { part: 'coil' })).toMatchObject({ has: 'coil-steel', isKnown: false });
  expect(await ask([renamed, workload('other', { part: 'coil-brass' })], { part: 'coil' })).toBeUndefined();
  expect(await ask([workload('spring', { part: 'pendulum' })], { part: 'coil' })).toBeUndefined();
  const pod = object('Pod', 'p', { metadata: { labels: { part: 'coil' } }, spec: {}, status: { phase: 'Running' } });
  expect(await ask([renamed, pod], { part: 'coil' })).toBeUndefined();
});
