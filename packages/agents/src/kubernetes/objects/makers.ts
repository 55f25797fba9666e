import { type CmdbReader, parseKubernetesItemId, readField } from '@tier0/core';
import { indexed } from './indexed.ts';
import { kindsPresent } from './kinds-present.ts';
import { groupOf, type HeldObject, objectsOf } from './objects.ts';
import { textAt } from './read-object.ts';

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

/** Custom objects by namespace and the name of what they are to make. */
const makersByName = indexed((reader) => {
  const makers = new Map<string, string[]>();
  for (const kind of kindsPresent(reader)) {
    const first = objectsOf(reader, kind)[0];
    if (!(groupOf(first?.object) ?? '').includes('.')) continue;
    for (const held of objectsOf(reader, kind))
      for (const name of targetsOf(held, kind)) {
        const key = `${held.namespace}/${name}`;
        makers.set(key, [...(makers.get(key) ?? []), held.id]);
      }
  }
  return makers;
});

function targetsOf({ object, name }: HeldObject, kind: string): readonly string[] {
  const told = TARGETS.flatMap((path) => textAt(object, ...path) ?? []);
  const isNamesake = NAMESAKES.test(kind) && readField(object, ['spec', 'target', 'name']) === undefined;
  return [...new Set([...told, ...(isNamesake ? [name] : [])])];
}

/** Item ids of the objects that are to make a Secret or a ConfigMap, sorted; none where nobody says so. */
export function makersOf(reader: CmdbReader, target: string): readonly string[] {
  const { kind, namespace = '', name = '' } = parseKubernetesItemId(target) ?? {};
  if (kind !== 'Secret' && kind !== 'ConfigMap') return [];
  return [...(makersByName(reader).get(`${namespace}/${name}`) ?? [])].sort();
}
