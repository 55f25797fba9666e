import { type Coverage, OBJECT_LIMITS, whyTooLarge } from '@tier0/core';
import { isRecord, type KubernetesObject } from './kubernetes-object.ts';

/** Why an object is not worked on; stands on what is left of it. */
const REFUSED = Symbol('refused');
/** Objects that were looked at; they are never changed. */
const ACCEPTED = new WeakSet<object>();

/** More containers in one pod than any kubelet runs. */
const MAX_CONTAINERS = 500;
/** Fields that say when something happened. */
const HAPPENED = /^(?:\w*Timestamp|\w*Time|time|\w+edAt)$/;
const INSTANT = /^([+-]?\d{4,6})-\d\d-\d\d[Tt ]/;

/** The object as it is, or, where nothing can be done with it, its identity alone with the reason on it. Looks at every object once. */
export function acceptObject(object: KubernetesObject): KubernetesObject {
  if (ACCEPTED.has(object)) return object;
  const reason = isOrdinary(object) ? undefined : whyStrange(object);
  if (reason !== undefined) return refused(object, reason);
  ACCEPTED.add(object);
  return object;
}

/** Why the object was refused; undefined when it was not. */
export function refusalOf(object: KubernetesObject): string | undefined {
  return (object as { [REFUSED]?: string })[REFUSED];
}

/** What is not known because of refused objects: one row for each kind and namespace. */
export function refusalCoverage(objects: readonly KubernetesObject[]): readonly Coverage[] {
  const bad = objects.filter((object) => refusalOf(object) !== undefined);
  const groups = Map.groupBy(bad, ({ kind, metadata }) => JSON.stringify([kind, metadata.namespace]));
  return [...groups.values()].flatMap(([first, ...others]): readonly Coverage[] => {
    if (first === undefined) return [];
    const { kind, metadata } = first;
    const more = others.length > 0 ? ` and ${others.length} more` : '';
    const reason = `${kind} ${metadata.name.slice(0, 253)} was left out: ${refusalOf(first)}${more}`;
    return [{ kind, ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }), state: 'failed', reason }];
  });
}

function refused({ apiVersion, kind, metadata }: KubernetesObject, reason: string): KubernetesObject {
  const { name, namespace, uid } = metadata;
  const kept = {
    ...(typeof apiVersion === 'string' ? { apiVersion } : {}),
    kind,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...(typeof uid === 'string' ? { uid } : {}) },
    [REFUSED]: reason,
  };
  ACCEPTED.add(kept);
  return kept;
}

function whyStrange(object: KubernetesObject): string | undefined {
  return strangeIdentity(object) ?? whyTooLarge(object, OBJECT_LIMITS) ?? tooManyContainers(object) ?? strangeInstant(object);
}

/** Far below every limit of `OBJECT_LIMITS`: nearly all objects are, and one walk that counts little shows it. */
const ORDINARY = { depth: 50, values: 10_000, text: 256 * 1024 };

/** Whether there is surely no reason to refuse an object. Where it is not sure, every reason has to be looked for. */
function isOrdinary(object: KubernetesObject): boolean {
  let [values, text] = [0, 0];
  const isFine = (key: string, value: unknown, left: number, isTimed: boolean): boolean => {
    values += 1;
    text += key.length;
    if (typeof value === 'string') {
      text += value.length;
      return !isTimed || isOfThisCentury(value) || strangeYear(key, value) === undefined;
    }
    return typeof value !== 'object' || value === null || areFine(value, left - 1, isTimed && key !== 'fieldsV1');
  };
  const areFine = (part: object, left: number, isTimed: boolean): boolean => {
    if (left === 0 || values > ORDINARY.values || text > ORDINARY.text) return false;
    if (Array.isArray(part)) {
      for (let at = 0; at < part.length; at++) if (!isFine('', part[at], left, isTimed)) return false;
      return true;
    }
    for (const key in part) if (!isFine(key, (part as Readonly<Record<string, unknown>>)[key], left, isTimed)) return false;
    return true;
  };
  for (const key in object) {
    const isTimed = object.kind === 'Event' || key === 'metadata' || key === 'status';
    if (!isFine(key, object[key as keyof KubernetesObject], ORDINARY.depth, isTimed)) return false;
  }
  const isSmall = values <= ORDINARY.values && text <= ORDINARY.text;
  return isSmall && strangeIdentity(object) === undefined && tooManyContainers(object) === undefined;
}

/** Kubernetes allows 253 characters, some of its kinds a path segment of more; what is longer would be copied into every id. */
const MAX_NAME = 1_024;

function strangeIdentity({ kind, metadata }: KubernetesObject): string | undefined {
  const longest = Math.max(kind.length, metadata.name.length, metadata.namespace?.length ?? 0);
  return longest > MAX_NAME ? `a name of it has more than ${MAX_NAME} characters` : undefined;
}

function tooManyContainers({ spec }: KubernetesObject): string | undefined {
  if (!isRecord(spec)) return undefined;
  const inner = isRecord(spec.template) ? spec.template.spec : undefined;
  const isMany = hasManyContainers(spec) || (isRecord(inner) && hasManyContainers(inner));
  return isMany ? `it has more than ${MAX_CONTAINERS} containers` : undefined;
}

function hasManyContainers({ containers, initContainers, ephemeralContainers }: Readonly<Record<string, unknown>>): boolean {
  return isLong(containers) || isLong(initContainers) || isLong(ephemeralContainers);
}

function isLong(list: unknown): boolean {
  return Array.isArray(list) && list.length > MAX_CONTAINERS;
}

/** `20yy-`: nearly every text that is an instant, and nothing to look at. */
function isOfThisCentury(text: string): boolean {
  return text.charCodeAt(0) === 0x32 && text.charCodeAt(1) === 0x30 && text.charCodeAt(4) === 0x2d;
}

/** An instant so far away that reckoning with it fails. What lies ahead by design (an expiry) has other names. */
function strangeInstant(object: KubernetesObject): string | undefined {
  return (
    strangeInstantIn(object.metadata) ?? strangeInstantIn(object.status) ?? (object.kind === 'Event' ? strangeInstantIn(object) : undefined)
  );
}

/** Looked at after the depth is known to be small. */
function strangeInstantIn(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  for (const key in value) {
    const entry = (value as Readonly<Record<string, unknown>>)[key];
    // Who wrote which field is half of many objects, and holds no instant.
    if (typeof entry === 'string' ? isOfThisCentury(entry) : typeof entry !== 'object' || key === 'fieldsV1') continue;
    const strange = typeof entry === 'string' ? strangeYear(key, entry) : strangeInstantIn(entry);
    if (strange !== undefined) return strange;
  }
  return undefined;
}

function strangeYear(key: string, text: string): string | undefined {
  // Below 0x3a: digits and signs; hardly any text that is no instant begins with them.
  if (!(text.charCodeAt(0) < 0x3a) || !HAPPENED.test(key)) return undefined;
  const year = Number(INSTANT.exec(text)?.[1] ?? 1);
  return (year < 1970 || year > 2100) && year !== 1 ? `${key} is in the year ${year}` : undefined;
}
