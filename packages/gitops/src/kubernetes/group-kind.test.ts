import { expect, test } from 'vitest';
import { kubernetesVersionsOf } from '../gate/schema/kubernetes-schema.ts';
import { builtInKind, groupKindOf } from './group-kind.ts';

test.each([
  [{ apiVersion: 'apps/v1', kind: 'Deployment' }, 'apps/Deployment'],
  [{ apiVersion: 'v1', kind: 'Service' }, 'core/Service'],
  [{ apiVersion: 'serving.knative.dev/v1', kind: 'Service' }, 'serving.knative.dev/Service'],
  [{ kind: 'Service' }, 'core/Service'],
  [{}, 'core/'],
])('%o is a %s', (object, expected) => {
  expect(groupKindOf(object)).toBe(expected);
});

test.each(['Deployment', 'Service', 'CronJob', 'Ingress', 'HorizontalPodAutoscaler', 'StorageClass', 'ClusterRole', 'PriorityClass'])(
  'the group of %s is the one of the API itself',
  (kind) => {
    const groups = kubernetesVersionsOf(kind).map((apiVersion) => groupKindOf({ apiVersion, kind }));
    expect(groups).toContain(builtInKind(kind));
  },
);

test('a kind that Kubernetes does not have has no group by its name', () => {
  expect(builtInKind('Application')).toBeUndefined();
});
