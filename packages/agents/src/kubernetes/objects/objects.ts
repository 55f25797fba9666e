import { type CmdbReader, parseKubernetesItemId } from '@tier0/core';
import { indexed } from './indexed.ts';
import { textAt } from './read-object.ts';

/** One object of a snapshot with the parts of its identity that rules ask for. */
export interface HeldObject {
  /** Item id. */
  readonly id: string;
  readonly name: string;
  /** `''` for cluster-scoped objects. */
  readonly namespace: string;
  readonly object: unknown;
}

const objectsByKind = indexed(() => new Map<string, readonly HeldObject[]>());

/**
 * Every object of a kind, sorted by item id; read once for each reader. Kinds of other API groups that share the name are left out when
 * a group is given (`''` is the core group); an object that does not say its group is taken as meant.
 */
export function objectsOf(reader: CmdbReader, kind: string, group?: string): readonly HeldObject[] {
  const key = group === undefined ? kind : `${kind}.${group}`;
  const known = objectsByKind(reader);
  const held = known.get(key) ?? listObjects(reader, kind, group);
  known.set(key, held);
  return held;
}

function listObjects(reader: CmdbReader, kind: string, group: string | undefined): readonly HeldObject[] {
  return reader.items({ kind }).items.flatMap(({ id, name }) => {
    const object = reader.object(id);
    if (group !== undefined && (groupOf(object) ?? group) !== group) return [];
    return [{ id, name, namespace: parseKubernetesItemId(id)?.namespace ?? '', object }];
  });
}

/** API group of an object, `''` for the core group; undefined when it does not say. */
export function groupOf(object: unknown): string | undefined {
  const version = textAt(object, 'apiVersion');
  if (version === undefined) return undefined;
  return version.includes('/') ? version.slice(0, version.indexOf('/')) : '';
}

/** Objects of a kind by namespace. */
export function objectsIn(reader: CmdbReader, kind: string, namespace: string): readonly HeldObject[] {
  const known = objectsByNamespace(reader);
  const held = known.get(kind) ?? Map.groupBy(objectsOf(reader, kind), (object) => object.namespace);
  known.set(kind, held);
  return held.get(namespace) ?? [];
}

const objectsByNamespace = indexed(() => new Map<string, ReadonlyMap<string, readonly HeldObject[]>>());

/** Whether every object of a kind was read: only then is one that is not there absent. */
export function isReadCompletely(reader: CmdbReader, kind: string): boolean {
  const known = completeKinds(reader);
  const held = known.get(kind) ?? readCoverage(reader, kind);
  known.set(kind, held);
  return held;
}

const completeKinds = indexed(() => new Map<string, boolean>());

function readCoverage(reader: CmdbReader, kind: string): boolean {
  const { coverage } = reader.items({ kind, name: '' });
  return coverage.length > 0 && coverage.every((row) => row.state === 'complete');
}

/** Milliseconds since an object was made; undefined when it does not say. */
export function ageMs(reader: CmdbReader, object: unknown): number | undefined {
  const createdAt = Date.parse(textAt(object, 'metadata', 'creationTimestamp') ?? '');
  return Number.isNaN(createdAt) ? undefined : Date.parse(reader.at) - createdAt;
}

/** Whether an object is known to be younger than a bound: what is that new may still be settling. */
export function isYoungerThan(reader: CmdbReader, object: unknown, boundMs: number): boolean {
  const age = ageMs(reader, object);
  return age !== undefined && age < boundMs;
}
