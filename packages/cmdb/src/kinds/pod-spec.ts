import { type FieldPath, readField } from '@tier0/core';
import { entriesOf, isRecord, type KubernetesObject, textOf } from './kubernetes-object.ts';

/** The pod specification that an object carries: its own for a pod, its template's for a workload. */
export function podSpecOf(object: KubernetesObject): Record<string, unknown> | undefined {
  const spec = object.kind === 'Pod' ? object.spec : readField(object, templateSpecPath(object.kind));
  return isRecord(spec) ? spec : undefined;
}

function templateSpecPath(kind: string): FieldPath {
  return kind === 'CronJob' ? ['spec', 'jobTemplate', 'spec', 'template', 'spec'] : ['spec', 'template', 'spec'];
}

/** Containers of a pod specification, init containers first. */
export function containersOf(podSpec: Record<string, unknown>): readonly Record<string, unknown>[] {
  return [...entriesOf(podSpec.initContainers), ...entriesOf(podSpec.containers)].filter(isRecord);
}

/** Image by container name, init containers included. */
export function imagesOf(object: KubernetesObject): ReadonlyMap<string, string> {
  const podSpec = podSpecOf(object);
  if (!podSpec) return new Map();
  return new Map(containersOf(podSpec).map((container) => [textOf(container.name) ?? '', textOf(container.image) ?? '']));
}

/** The last of these images; undefined where there is no container. Most pods have one container, and no map is made for it. */
export function lastImageOf(object: KubernetesObject): string | undefined {
  const podSpec = podSpecOf(object);
  const { initContainers, containers } = podSpec ?? {};
  const isOne = initContainers === undefined && Array.isArray(containers) && containers.length === 1 && isRecord(containers[0]);
  return isOne ? (textOf(containers[0].image) ?? '') : [...imagesOf(object).values()].at(-1);
}
