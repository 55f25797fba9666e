import { type FieldPath, type JsonValue, readField, shownValue } from '@tier0/core';
import { earlierCommand } from './command.ts';
import type { ContainerView } from './pod-view.ts';
import { inBrackets, pathBelow } from './say.ts';

/**
 * Fields of a container that its revision changed, with the parts that differ (`env (NODE_OPTIONS)`, `resources (limits.memory 160Mi → 160m)`),
 * and of its pod those that a running program can feel (`dnsPolicy of the pod (ClusterFirst → None)`); values only where they are harmless;
 * undefined when no earlier revision is known.
 */
export function changedFields(view: Pick<ContainerView, 'pod' | 'name' | 'spec'>): readonly string[] | undefined {
  const before = earlierCommand(view);
  if (before === undefined || view.spec === undefined) return undefined;
  const differ = (one: unknown, other: unknown, field: string) => text(readField(one, [field])) !== text(readField(other, [field]));
  const { earlier, own } = before.podSpecs;
  const ofContainer = COMPARED.filter((field) => differ(before.container, view.spec, field));
  return [
    ...ofContainer.map((field) => `${field}${partsOf(field, readField(before.container, [field]), readField(view.spec, [field]))}`),
    ...(own === undefined
      ? []
      : OF_POD.filter((field) => differ(earlier, own, field)).map(
          (field) => `${field} of the pod${partsOf(field, readField(earlier, [field]), readField(own, [field]))}`,
        )),
  ];
}

/** Characters of a value that is told: what is longer is read in the object. */
const TOLD_CHARACTERS = 60;

/** Which parts of a field differ, with their values where these are harmless: ` (limits.memory 160Mi → 160m)`. Empty where the whole differs. */
export function partsOf(field: string, before: unknown, now: unknown): string {
  const [one, other] = [before, now].map((value) => new Map(leavesOf([field], value)));
  const paths = [...new Set([...(one?.keys() ?? []), ...(other?.keys() ?? [])])].filter(
    (path) => one?.get(path)?.text !== other?.get(path)?.text,
  );
  const parts = [...new Set(paths.map((path) => sayPart(path, one?.get(path), other?.get(path))))].filter((part) => part !== '');
  if (field === 'image') return '';
  return inBrackets(parts);
}

/** One value of a field that is no map and no list. */
interface Leaf {
  readonly text: string;
  /** undefined where it may hold what is nobody's business. */
  readonly shown: string | undefined;
}

/** The values below a field by their paths; entries of a list are found by their name, a list of words is one value. */
function leavesOf(path: FieldPath, value: unknown): readonly (readonly [string, Leaf])[] {
  if (value === undefined || value === null) return [];
  if (isWords(value) || typeof value !== 'object') return [[pathBelow(path), leafOf(path, value as JsonValue)]];
  if (!Array.isArray(value)) return Object.entries(value).flatMap(([key, part]) => leavesOf([...path, key], part));
  return value.flatMap((entry, index) => {
    if (isOwnMount(entry)) return [];
    const [name] = nameIn(entry);
    const rest = name === undefined ? entry : Object.fromEntries(Object.entries(entry).filter(([key]) => key !== 'name'));
    return leavesOf([...path, name === undefined ? index : { key: 'name', value: name }], rest);
  });
}

function leafOf(path: FieldPath, value: JsonValue): Leaf {
  const shown = shownValue(path, value);
  const text = JSON.stringify(value);
  const isTold = JSON.stringify(shown) === text && text.length <= TOLD_CHARACTERS;
  return { text, shown: isTold ? (Array.isArray(value) ? value.join(' ') : String(value)) : undefined };
}

/** `limits.memory 160Mi → 160m`, or the path alone where a value is not told; the name alone of a variable. */
function sayPart(path: string, before: Leaf | undefined, now: Leaf | undefined): string {
  const isHidden = [before, now].some((leaf) => leaf !== undefined && leaf.shown === undefined);
  const named = path.replace(/\.value(?:From\..*)?$/, '');
  if (isHidden) return named;
  return `${named} ${before?.shown ?? 'none'} → ${now?.shown ?? 'none'}`.trimStart();
}

function isWords(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((word) => typeof word === 'string');
}

function nameIn(entry: unknown): readonly string[] {
  const name = readField(entry, ['name']);
  return typeof name === 'string' ? [name] : [];
}

/** Mounts of the service account are added to pods, and stand in no template. */
function isOwnMount(entry: unknown): boolean {
  return readField(entry, ['mountPath']) === '/var/run/secrets/kubernetes.io/serviceaccount';
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

function text(value: unknown): string {
  const plain = Array.isArray(value) ? value.filter((entry) => !isOwnMount(entry)) : value;
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
