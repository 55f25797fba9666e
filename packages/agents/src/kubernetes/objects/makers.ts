import { type CmdbReader, parseKubernetesItemId, readField } from '@tier0/core';
import { indexed } from './indexed.ts';
import { kindsPresent } from './kinds-present.ts';
import { groupOf, type HeldObject, objectsOf } from './objects.ts';
import { listAt, textAt } from './read-object.ts';
import { referredTo } from './referred.ts';
import { SERVING_KINDS } from './workload.ts';

/** Fields in which operators write the name of the Secret or ConfigMap that they make, with the group of the kinds that do. */
const TARGETS: readonly (readonly string[])[] = [
  ['spec', 'target', 'name'],
  ['spec', 'secretName'],
  ['spec', 'destination', 'name'],
  ['spec', 'secretTemplate', 'name'],
  ['spec', 'template', 'metadata', 'name'],
  ['spec', 'managedSecretReference', 'secretName'],
  ['spec', 'managedSecret', 'name'],
  ['spec', 'writeConnectionSecretToRef', 'name'],
  ['spec', 'outputSecretName'],
  ['spec', 'configMapName'],
];
/** Kinds that make an object of their own name where they do not name another. */
const NAMESAKES =
  /^(?:ExternalSecret|SealedSecret|VaultStaticSecret|VaultDynamicSecret|OnePasswordItem|InfisicalSecret|DopplerSecret|SopsSecret|GitSecret)$/;

/** How other operators call such a field: `writeConnectionSecretTo`, `outputSecret`, `publishConnectionDetailsTo`, `credentialsSecretName`. */
const WRITES =
  /^(?:write|output|publish|target|generated?|destination|result)[A-Z]\w*$|(?:Secret|ConfigMap|Details|Credentials)To(?:Ref)?$/;
const DEPTH = 3;

/** Custom objects of a cluster: of a group with a dot that is none of Kubernetes' own. Workloads use what they name, and do not make it. */
const customObjects = indexed((reader) =>
  kindsPresent(reader).flatMap((kind) => {
    if (SERVING_KINDS.some((serving) => serving === kind)) return [];
    const held = objectsOf(reader, kind);
    const group = groupOf(held[0]?.object) ?? '';
    return group.includes('.') && !group.endsWith('.k8s.io') ? held.map((one) => ({ ...one, kind })) : [];
  }),
);

/** Custom objects by the names that their specification holds. */
const referringByName = indexed((reader) => {
  const found = new Map<string, (HeldObject & { readonly kind: string })[]>();
  for (const held of customObjects(reader))
    for (const text of new Set(textsIn(readField(held.object, ['spec']), 0))) found.set(text, [...(found.get(text) ?? []), held]);
  return found;
});

/** Depth to which names are looked for in a specification. */
const NAMES_DEPTH = 6;

function textsIn(value: unknown, depth: number): readonly string[] {
  if (typeof value === 'string') return /^[a-z0-9][a-z0-9.-]*$/.test(value) ? [value] : [];
  if (typeof value !== 'object' || value === null || depth > NAMES_DEPTH) return [];
  return Object.values(value).flatMap((inner) => textsIn(inner, depth + 1));
}

/** Custom objects whose specification holds a name. */
export function referringObjects(reader: CmdbReader, name: string): readonly (HeldObject & { readonly kind: string })[] {
  return referringByName(reader).get(name) ?? [];
}

/** Custom objects by namespace and the name of what they are to make. */
const makersByName = indexed((reader) => {
  const makers = new Map<string, string[]>();
  for (const held of customObjects(reader))
    for (const name of targetsOf(held, held.kind)) {
      const key = `${held.namespace}/${name}`;
      makers.set(key, [...(makers.get(key) ?? []), held.id]);
    }
  return makers;
});

function targetsOf({ object, name }: HeldObject, kind: string): readonly string[] {
  const told = TARGETS.flatMap((path) => textAt(object, ...path) ?? []);
  const isNamesake = NAMESAKES.test(kind) && readField(object, ['spec', 'target', 'name']) === undefined;
  return [...new Set([...told, ...written(readField(object, ['spec']), 0), ...(isNamesake ? [name] : [])])];
}

/** Names in fields that say by their own name that something is written there. */
function written(value: unknown, depth: number): readonly string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || depth > DEPTH) return [];
  return Object.entries(value).flatMap(([field, inner]) => {
    if (!WRITES.test(field)) return written(inner, depth + 1);
    const name = typeof inner === 'string' ? inner : textAt(inner, 'name');
    return name === undefined ? [] : [name];
  });
}

/** Names of what a custom object is to make. */
export function targetsToMake(reader: CmdbReader, item: string): readonly string[] {
  const held = customObjects(reader).find(({ id }) => id === item);
  return held === undefined ? [] : targetsOf(held, held.kind);
}

/** Custom objects of its namespace whose name a Service's begins with: operators call the Services of what they run so. Sorted. */
export function ownersByName(reader: CmdbReader, service: string): readonly string[] {
  const { namespace = '', name = '' } = parseKubernetesItemId(service) ?? {};
  const owners = customObjects(reader).filter(
    (held) => held.namespace === namespace && held.name.length >= NAME_LENGTH && name.startsWith(`${held.name}-`),
  );
  return owners.map(({ id }) => id).sort();
}

/** A name this short begins too many others. */
const NAME_LENGTH = 4;

/**
 * Item ids of the objects that are to make a Secret or a ConfigMap, sorted: those that name it; else those whose own name it begins with
 * (`orders-db` makes `orders-db-app`, as most database operators do). None where nobody says so.
 */
export function makersOf(reader: CmdbReader, target: string): readonly string[] {
  const { kind, namespace = '', name = '' } = parseKubernetesItemId(target) ?? {};
  if (kind !== 'Secret' && kind !== 'ConfigMap') return [];
  const told = makersByName(reader).get(`${namespace}/${name}`) ?? [];
  if (told.length > 0) return [...told].sort();
  const owners = customObjects(reader).filter(
    (held) => held.namespace === namespace && held.name.length >= NAME_LENGTH && name.startsWith(`${held.name}-`),
  );
  return owners.map(({ id }) => id).sort();
}

/** Jobs by the names that the commands of their containers hold behind a flag that says what they write: `--secret-name=web-tls`. */
const jobsByTarget = indexed((reader) => {
  const found = new Map<string, string[]>();
  for (const { id, namespace, object } of objectsOf(reader, 'Job')) {
    const words = listAt(object, 'spec', 'template', 'spec', 'containers').flatMap((entry) =>
      ['command', 'args'].flatMap((field) => listAt(entry, field).map(String)),
    );
    const line = words.join(' ');
    const named = [
      ...line.matchAll(
        /--(?:secret|configmap|config-map)(?:-name)?[= ]([a-z0-9][a-z0-9.-]*)|create (?:secret \w+|configmap) ([a-z0-9][a-z0-9.-]*)/g,
      ),
    ];
    for (const [, flag, made] of named) {
      const key = `${namespace}/${flag ?? made}`;
      found.set(key, [...(found.get(key) ?? []), id]);
    }
  }
  return found;
});

/** The makers of a Secret or ConfigMap, and what these work with in turn: the issuer of a certificate, the store of an external Secret. Sorted. */
export function makersBehind(reader: CmdbReader, target: string): readonly string[] {
  const makers = makersOf(reader, target);
  const helds = makers.length === 0 ? [] : customObjects(reader).filter(({ id }) => makers.includes(id));
  const behind = helds.flatMap((held) => referredTo(held)).filter((id) => reader.get(id).state === 'found');
  const { namespace = '', name = '' } = parseKubernetesItemId(target) ?? {};
  return [...new Set([...makers, ...behind, ...(jobsByTarget(reader).get(`${namespace}/${name}`) ?? [])])].sort();
}
