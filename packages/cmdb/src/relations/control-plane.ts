import { type Relation, readField } from '@tier0/core';
import { entriesOf, type KubernetesObject, textOf } from '../kinds/kubernetes-object.ts';
import { distinctRelations } from './distinct-relations.ts';
import { type ClusterObjects, type RelationRule, relateByName } from './relation-rule.ts';

const WEBHOOK_KINDS = ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'];

/** Webhooks and aggregated APIs use the Service that answers for them; autoscalers use the API that their metrics come from. */
export const controlPlaneRelations: RelationRule = (objects) => distinctRelations(controlPlaneAll(objects));

const controlPlaneAll: RelationRule = (objects) => [
  ...WEBHOOK_KINDS.flatMap((kind) => objects.ofKind(kind)).flatMap((configuration) =>
    entriesOf(readField(configuration, ['webhooks'])).flatMap((webhook) =>
      usesService(objects, configuration, readField(webhook, ['clientConfig', 'service'])),
    ),
  ),
  ...objects.ofKind('APIService').flatMap((api) => usesService(objects, api, readField(api, ['spec', 'service']))),
  ...objects.ofKind('HorizontalPodAutoscaler').flatMap((autoscaler) => usesMetrics(objects, autoscaler)),
];

function usesService(objects: ClusterObjects, object: KubernetesObject, service: unknown): readonly Relation[] {
  const namespace = textOf(readField(service, ['namespace']));
  const name = textOf(readField(service, ['name']));
  return namespace ? relateByName(objects, object, { kind: 'Service', namespace, name, type: 'uses' }) : [];
}

/** Names as metrics-server and the adapters for custom and external metrics register them. */
const METRICS_APIS: Readonly<Record<string, string>> = {
  Resource: 'v1beta1.metrics.k8s.io',
  ContainerResource: 'v1beta1.metrics.k8s.io',
  Pods: 'v1beta1.custom.metrics.k8s.io',
  Object: 'v1beta1.custom.metrics.k8s.io',
  External: 'v1beta1.external.metrics.k8s.io',
};

function usesMetrics(objects: ClusterObjects, autoscaler: KubernetesObject): readonly Relation[] {
  const apis = entriesOf(readField(autoscaler, ['spec', 'metrics'])).flatMap(
    (metric) => METRICS_APIS[String(readField(metric, ['type']))] ?? [],
  );
  const registered = new Set(objects.ofKind('APIService').map((api) => api.metadata.name));
  return [...new Set(apis)]
    .filter((name) => registered.has(name))
    .flatMap((name) => relateByName(objects, autoscaler, { kind: 'APIService', namespace: '', name, type: 'uses' }));
}
