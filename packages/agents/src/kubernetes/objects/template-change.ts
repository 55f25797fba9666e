import { readField } from '@tier0/core';
import { earlierCommand } from './command.ts';
import type { ContainerView } from './pod-view.ts';

/**
 * Fields of a container that its revision changed, with the parts that differ (`env (NODE_OPTIONS)`), and of its pod those that a running
 * program can feel (`securityContext of the pod`);
 * undefined when no earlier revision is known.
 */
export function changedFields(view: Pick<ContainerView, 'pod' | 'name' | 'spec'>): readonly string[] | undefined {
  const before = earlierCommand(view);
  if (before === undefined || view.spec === undefined) return undefined;
  const differ = (one: unknown, other: unknown, field: string) => text(readField(one, [field])) !== text(readField(other, [field]));
  const { earlier, own } = before.podSpecs;
  const ofContainer = COMPARED.filter((field) => differ(before.container, view.spec, field));
  return [
    ...ofContainer.map((field) => `${field}${partsOf(readField(before.container, [field]), readField(view.spec, [field]))}`),
    ...(own === undefined ? [] : OF_POD.filter((field) => differ(earlier, own, field)).map((field) => `${field} of the pod`)),
  ];
}

/** Parts named of one field at most. */
const PARTS = 3;

/** Which entries of a list of named things differ, or which keys of a map: ` (NODE_OPTIONS)`. Empty where the whole differs. */
function partsOf(before: unknown, now: unknown): string {
  const [one, other] = [entriesOf(before), entriesOf(now)];
  const names = [...new Set([...one.keys(), ...other.keys()])].filter((name) => text(one.get(name)) !== text(other.get(name)));
  if (names.length === 0) return '';
  return ` (${names.slice(0, PARTS).join(', ')}${names.length > PARTS ? ` and ${names.length - PARTS} more` : ''})`;
}

function entriesOf(value: unknown): ReadonlyMap<string, unknown> {
  if (Array.isArray(value)) return new Map(value.flatMap((entry) => nameIn(entry).map((name) => [name, entry] as const)));
  return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);
}

function nameIn(entry: unknown): readonly string[] {
  const name = readField(entry, ['name']);
  return typeof name === 'string' ? [name] : [];
}

/** What a template says of the pod as a whole and its programs feel; where it is placed is not among it. */
const OF_POD = [
  'dnsConfig',
  'dnsPolicy',
  'enableServiceLinks',
  'hostAliases',
  'hostNetwork',
  'hostPID',
  'runtimeClassName',
  'securityContext',
  'serviceAccountName',
  'shareProcessNamespace',
  'volumes',
] as const;

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
