import {
  type CmdbReader,
  type FieldPath,
  type ItemEdit,
  type JsonValue,
  parseKubernetesItemId,
  parseQuantity,
  readField,
  writeField,
} from '@tier0/core';
import type { RemedyCase, RemedyDraft } from '../../findings/remedy-draft.ts';
import { objectsIn, objectsOf } from '../objects/objects.ts';
import { listAt, mapAt, textAt } from '../objects/read-object.ts';
import { containersOf, editOf, kindOf, nameOf, remedyOf, type TemplateContainer } from '../objects/remedy-edits.ts';
import { podSpecPath, workloadsOf } from '../objects/workload.ts';
import { violations } from './pod-security.ts';

const CREATED = 'Its pods are created and become ready.';
const RESOURCE_KEY = /^(requests|limits)\.(cpu|memory)$/;

/** Sets the requests and limits that a quota of the namespace wants of every container: what its neighbours have. */
export function setRequiredResources(remedyCase: RemedyCase): readonly RemedyDraft[] {
  const { reader, rootCause } = remedyCase;
  const wanted = requiredResources(reader, namespaceOf(rootCause.subject));
  const missing = containersOf(remedyCase).flatMap((container) =>
    wanted
      .filter(({ part, resource }) => readField(container.body, ['resources', part, resource]) === undefined)
      .map((want) => ({ container, ...want })),
  );
  const edits = missing.map(({ container, part, resource }) => {
    const value = usualAmount(remedyCase, container, { part, resource });
    return value === undefined ? undefined : editOf(reader, rootCause.subject, [...container.path, 'resources', part, resource], value);
  });
  if (edits.some((edit) => edit === undefined)) return [];
  const set = edits as readonly ItemEdit[];
  return remedyOf(set, {
    id: 'set-required-resources',
    title: `Give the containers of ${nameOf(rootCause.subject)} what the quota asks for: ${set.map(shown).join(', ')}`,
    why: 'A quota of the namespace counts them, so no pod is made without them.',
    precondition: 'The amounts are what the program needs: they are those of its neighbours, or follow from its own.',
    risk: 'medium',
    verify: CREATED,
    rollback: 'Take them out again.',
    assumption: 'the program runs with these amounts',
  });
}

function shown(edit: ItemEdit): string {
  return `${edit.fieldPath.slice(-2).map(String).join('.')}=${String(edit.value)}`;
}

interface Want {
  readonly part: string;
  readonly resource: string;
}

function requiredResources(reader: CmdbReader, namespace: string): readonly Want[] {
  const keys = objectsIn(reader, 'ResourceQuota', namespace).flatMap(({ object }) => Object.keys(mapAt(object, 'spec', 'hard')));
  const plain = keys.map((key) => (key === 'cpu' || key === 'memory' ? `requests.${key}` : key)).filter((key) => RESOURCE_KEY.test(key));
  return [...new Set(plain)].sort().map((key) => ({ part: key.split('.')[0] ?? '', resource: key.split('.')[1] ?? '' }));
}

/** What the container's counterpart says, else the usual amount of the namespace that is not below it. */
function usualAmount({ reader, rootCause }: RemedyCase, container: TemplateContainer, { part, resource }: Want): string | undefined {
  const other = readField(container.body, ['resources', part === 'limits' ? 'requests' : 'limits', resource]);
  const own = parseQuantity(other);
  if (part === 'requests' && own !== undefined) return String(other);
  const least = own ?? 0;
  const neighbours = workloadsOf(reader)
    .filter(({ id }) => id !== rootCause.subject && namespaceOf(id) === namespaceOf(rootCause.subject))
    .flatMap(({ id }) => listAt(reader.object(id), ...podSpecPath(kindOf(id)), 'containers'))
    .flatMap((body) => textAt(body, 'resources', part, resource) ?? [])
    .filter((amount) => (parseQuantity(amount) ?? 0) >= least)
    .sort((a, b) => (parseQuantity(a) ?? 0) - (parseQuantity(b) ?? 0) || (a < b ? -1 : 1));
  return neighbours[Math.floor((neighbours.length - 1) / 2)] ?? (own === undefined ? undefined : doubled(String(other)));
}

function doubled(quantity: string): string {
  return quantity.replace(/^[\d.]+/, (digits) => String(Number(digits) * 2));
}

/** Brings requests and limits into the bounds of the namespace's LimitRange. */
export function clampToLimitRange(remedyCase: RemedyCase): readonly RemedyDraft[] {
  const { reader, rootCause } = remedyCase;
  const bounds = containerBounds(reader, namespaceOf(rootCause.subject));
  const edits = containersOf(remedyCase).flatMap((container) => clamped(remedyCase, container, bounds));
  return remedyOf(edits, {
    id: 'clamp-to-limit-range',
    title: `Bring the resources of ${nameOf(rootCause.subject)} into the bounds of the namespace: ${edits.map(shown).join(', ')}`,
    why: 'The namespace makes no pod outside its LimitRange.',
    precondition: 'The program runs with that; else ask who set the LimitRange for more.',
    risk: 'medium',
    verify: CREATED,
    rollback: 'Set the resources as they were.',
    assumption: 'the program runs with these amounts',
  });
}

/** Resources of a container that are outside the LimitRange of a namespace, one sentence for each. */
export function outsideLimitRange(reader: CmdbReader, namespace: string, container: unknown): readonly string[] {
  return violatedBounds(container, containerBounds(reader, namespace)).map(
    ({ part, resource, right }) => `${part}.${resource} is outside the bound of ${String(right)}`,
  );
}

/** Requests and limits that a quota of the namespace wants, and neither the container nor a LimitRange gives; one sentence for each. */
export function lacksRequired(reader: CmdbReader, namespace: string, container: unknown): readonly string[] {
  const defaults = containerBounds(reader, namespace);
  return requiredResources(reader, namespace)
    .filter(({ part, resource }) => {
      const sides = part === 'limits' ? ['default', 'max'] : ['defaultRequest', 'default', 'max', 'min'];
      const isGiven = defaults.some((limit) => sides.some((side) => readField(limit, [side, resource]) !== undefined));
      const own =
        readField(container, ['resources', part, resource]) ??
        (part === 'requests' ? readField(container, ['resources', 'limits', resource]) : undefined);
      return own === undefined && !isGiven;
    })
    .map(({ part, resource }) => `a quota wants ${part}.${resource}`);
}

function containerBounds(reader: CmdbReader, namespace: string): readonly unknown[] {
  return objectsIn(reader, 'LimitRange', namespace).flatMap(({ object }) =>
    listAt(object, 'spec', 'limits').filter((limit) => textAt(limit, 'type') === 'Container'),
  );
}

function clamped({ reader, rootCause }: RemedyCase, { path, body }: TemplateContainer, bounds: readonly unknown[]): readonly ItemEdit[] {
  return violatedBounds(body, bounds).flatMap(
    ({ part, resource, right }) => editOf(reader, rootCause.subject, [...path, 'resources', part, resource], right) ?? [],
  );
}

function violatedBounds(container: unknown, bounds: readonly unknown[]): readonly (Want & { readonly right: JsonValue })[] {
  const fields = ['limits', 'requests'].flatMap((part) => ['cpu', 'memory'].map((resource) => ({ part, resource })));
  return fields.flatMap(({ part, resource }) => {
    const current = parseQuantity(readField(container, ['resources', part, resource]));
    if (current === undefined) return [];
    const bound = (side: string) => bounds.flatMap((limit) => readField(limit, [side, resource]) ?? []);
    const most = bound('max').find((value) => current > (parseQuantity(value) ?? Number.POSITIVE_INFINITY));
    const least = bound('min').find((value) => current < (parseQuantity(value) ?? 0));
    const right = most ?? least;
    return right === undefined ? [] : [{ part, resource, right: right as JsonValue }];
  });
}

/** Sets the security settings that the level of the namespace asks for, when those alone are missing. */
export function satisfyPodSecurity(remedyCase: RemedyCase): readonly RemedyDraft[] {
  const { reader, rootCause } = remedyCase;
  const level = podSecurityLevel(reader, namespaceOf(rootCause.subject));
  if (level === undefined) return [];
  const edits = containersOf({ ...remedyCase, rootCause: { ...rootCause, container: undefined } }).flatMap((container) =>
    secured(remedyCase, container, level),
  );
  const specPath = podSpecPath(kindOf(rootCause.subject));
  const after = edits.reduce<unknown>((object, edit) => writeField(object, edit.fieldPath, edit.value), reader.object(rootCause.subject));
  if (violations(readField(after, specPath), level).length > 0) return [];
  return remedyOf(edits, {
    id: 'satisfy-pod-security',
    title: `Give the containers of ${nameOf(rootCause.subject)} the security settings that the level ${level} asks for`,
    why: `Namespace ${namespaceOf(rootCause.subject)} makes no pod without them.`,
    precondition: 'The image runs as a user other than root and needs no capabilities.',
    risk: 'medium',
    verify: CREATED,
    rollback: 'Take the settings out again.',
    assumption: 'the program runs without root and capabilities',
  });
}

/** Level that a namespace enforces; undefined where it enforces none. */
export function podSecurityLevel(reader: CmdbReader, namespace: string): string | undefined {
  const held = objectsOf(reader, 'Namespace', '').find(({ name }) => name === namespace);
  return mapAt(held?.object, 'metadata', 'labels')['pod-security.kubernetes.io/enforce'];
}

const RESTRICTED: readonly { readonly path: FieldPath; readonly value: JsonValue }[] = [
  { path: ['allowPrivilegeEscalation'], value: false },
  { path: ['capabilities', 'drop'], value: ['ALL'] },
  { path: ['runAsNonRoot'], value: true },
  { path: ['seccompProfile', 'type'], value: 'RuntimeDefault' },
];

function secured({ reader, rootCause }: RemedyCase, { path, body }: TemplateContainer, level: string): readonly ItemEdit[] {
  const isPrivileged = readField(body, ['securityContext', 'privileged']) === true;
  const context: FieldPath = [...path, 'securityContext'];
  const plain = isPrivileged ? [editOf(reader, rootCause.subject, [...context, 'privileged'], false)] : [];
  const strict =
    level === 'restricted' ? RESTRICTED.map((field) => editOf(reader, rootCause.subject, [...context, ...field.path], field.value)) : [];
  return [...plain, ...strict].flatMap((edit) => edit ?? []);
}

function namespaceOf(item: string): string {
  return parseKubernetesItemId(item)?.namespace ?? '';
}
