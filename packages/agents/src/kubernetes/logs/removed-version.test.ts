import { expect, test } from 'vitest';
import { readingsOf } from './classify.ts';
import { removedVersionIn } from './removed-version.ts';

test('a client that asks a version which was taken away is told from one whose kind may still be installed', () => {
  const line = (kind: string) =>
    `reflector.go:138] Failed to watch *${kind}: failed to list *${kind}: the server could not find the requested resource`;
  expect(removedVersionIn(line('v1beta1.PodDisruptionBudget'))).toEqual({ version: 'v1beta1.PodDisruptionBudget', minor: 25 });
  expect(readingsOf(line('v2beta2.HorizontalPodAutoscaler'))[0]).toMatchObject({ kind: 'version-removed', minor: 26 });
  expect(removedVersionIn(line('v1.ServiceMonitor'))).toBeUndefined();
  expect(removedVersionIn(line('v1.PodDisruptionBudget'))).toBeUndefined();
  expect(removedVersionIn('failed to list *v1beta1.PodDisruptionBudget: connection refused')).toBeUndefined();
});
