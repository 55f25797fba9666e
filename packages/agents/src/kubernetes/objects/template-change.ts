import { readField } from '@tier0/core';
import { earlierCommand } from './command.ts';
import type { ContainerView } from './pod-view.ts';

/** Fields of a container that its revision changed, sorted; undefined when no earlier revision is known. */
export function changedFields(view: Pick<ContainerView, 'pod' | 'name' | 'spec'>): readonly string[] | undefined {
  const earlier = earlierCommand(view)?.container;
  if (earlier === undefined || view.spec === undefined) return undefined;
  return COMPARED.filter((field) => text(readField(earlier, [field])) !== text(readField(view.spec, [field])));
}

/** What a template says of a container. What admission adds to pods (mounts of tokens, variables of meshes) is compared by its own entries. */
const COMPARED = [
  'args',
  'command',
  'env',
  'envFrom',
  'image',
  'lifecycle',
  'livenessProbe',
  'ports',
  'readinessProbe',
  'resources',
  'securityContext',
  'startupProbe',
  'volumeMounts',
  'workingDir',
] as const;

/** Mounts of the service account are added to pods, and stand in no template. */
function text(value: unknown): string {
  const plain = Array.isArray(value)
    ? value.filter((entry) => readField(entry, ['mountPath']) !== '/var/run/secrets/kubernetes.io/serviceaccount')
    : value;
  const isEmpty = plain === undefined || plain === null || (typeof plain === 'object' && Object.keys(plain).length === 0);
  return isEmpty ? '' : JSON.stringify(sorted(plain));
}

/** The same object whatever order its keys were written in. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, entry]) => [key, sorted(entry)]),
  );
}
