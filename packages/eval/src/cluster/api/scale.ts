import { isJsonObject, type KubernetesObject, valueAt } from '../kubernetes-object.ts';
import { StatusError } from '../status-error.ts';

/** The `Scale` of a workload. */
export function toScale(workload: KubernetesObject): KubernetesObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = workload.metadata;
  const labels = valueAt(workload, ['spec', 'selector', 'matchLabels']);
  const selector = isJsonObject(labels)
    ? Object.entries(labels)
        .map(([key, value]) => `${key}=${value}`)
        .join(',')
    : '';
  return {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp } as KubernetesObject['metadata'],
    spec: { replicas: valueAt(workload, ['spec', 'replicas']) ?? 1 },
    status: { replicas: valueAt(workload, ['status', 'replicas']) ?? 0, selector },
  };
}

/** The workload with the replicas of a `Scale`. */
export function withScale(workload: KubernetesObject, scale: unknown): KubernetesObject {
  const replicas = valueAt(scale, ['spec', 'replicas']);
  if (typeof replicas !== 'number' || !Number.isInteger(replicas) || replicas < 0) {
    const name = workload.metadata.name;
    throw new StatusError(
      'Invalid',
      `Scale.autoscaling "${name}" is invalid: spec.replicas: Invalid value: ${String(replicas)}: must be greater than or equal to 0`,
    );
  }
  const resourceVersion = valueAt(scale, ['metadata', 'resourceVersion']);
  const metadata = typeof resourceVersion === 'string' ? { ...workload.metadata, resourceVersion } : workload.metadata;
  return { ...workload, metadata, spec: { ...(workload.spec as object), replicas } };
}
