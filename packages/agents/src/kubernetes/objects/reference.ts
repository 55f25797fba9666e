import { type FieldPath, readField } from '@tier0/core';
import { listAt, textAt } from './read-object.ts';

export type ReferenceKind = 'ConfigMap' | 'Secret' | 'PersistentVolumeClaim' | 'ServiceAccount';

/** Another object, or one key of it, that a pod specification cannot do without. */
export interface Reference {
  readonly kind: ReferenceKind;
  readonly name: string;
  readonly key?: string | undefined;
  /** Container that asks for it; undefined when the whole pod does. */
  readonly container?: string | undefined;
  /** Where it is asked for, for a person: `variable MODE`, `volume settings`. */
  readonly via: string;
  /** Path below the pod specification. */
  readonly path: FieldPath;
}

/** Everything that a pod specification needs by name; what is optional is not needed. */
export function referencesOf(spec: unknown): readonly Reference[] {
  return [
    ...containerReferences(spec, 'initContainers'),
    ...containerReferences(spec, 'containers'),
    ...volumeReferences(spec),
    ...account(spec),
  ];
}

function account(spec: unknown): readonly Reference[] {
  const name = textAt(spec, 'serviceAccountName') ?? textAt(spec, 'serviceAccount');
  return name === undefined || name === 'default'
    ? []
    : [{ kind: 'ServiceAccount', name, via: 'serviceAccountName', path: ['serviceAccountName'] }];
}

function containerReferences(spec: unknown, list: string): readonly Reference[] {
  return listAt(spec, list).flatMap((entry) => {
    const container = textAt(entry, 'name') ?? '';
    const path: FieldPath = [list, { key: 'name', value: container }];
    const variables = listAt(entry, 'env').flatMap((variable) => {
      const own = { container, via: `variable ${textAt(variable, 'name') ?? ''}`, path: [...path, 'env'] };
      return [
        ...needed('ConfigMap', readField(variable, ['valueFrom', 'configMapKeyRef']), own, 'key'),
        ...needed('Secret', readField(variable, ['valueFrom', 'secretKeyRef']), own, 'key'),
      ];
    });
    const wholesale = listAt(entry, 'envFrom').flatMap((source) => {
      const own = { container, via: 'envFrom', path: [...path, 'envFrom'] };
      return [...needed('ConfigMap', readField(source, ['configMapRef']), own), ...needed('Secret', readField(source, ['secretRef']), own)];
    });
    return [...variables, ...wholesale];
  });
}

type Own = Pick<Reference, 'container' | 'via' | 'path'>;

function needed(kind: ReferenceKind, reference: unknown, own: Own, keyField?: string, nameField = 'name'): readonly Reference[] {
  const name = textAt(reference, nameField);
  if (name === undefined || readField(reference, ['optional']) === true) return [];
  const key = keyField === undefined ? undefined : textAt(reference, keyField);
  return [{ kind, name, ...own, ...(key === undefined ? {} : { key }) }];
}

function volumeReferences(spec: unknown): readonly Reference[] {
  return listAt(spec, 'volumes').flatMap((volume) => {
    const own = { via: `volume ${textAt(volume, 'name') ?? ''}`, path: ['volumes', { key: 'name', value: textAt(volume, 'name') ?? '' }] };
    const sources = listAt(volume, 'projected', 'sources').flatMap((source) => [
      ...withItems('ConfigMap', readField(source, ['configMap']), own),
      ...withItems('Secret', readField(source, ['secret']), own),
    ]);
    return [
      ...withItems('ConfigMap', readField(volume, ['configMap']), own),
      ...withItems('Secret', readField(volume, ['secret']), own, 'secretName'),
      ...needed('PersistentVolumeClaim', readField(volume, ['persistentVolumeClaim']), own, undefined, 'claimName'),
      ...sources,
    ];
  });
}

/** A volume needs the object, and each key that it picks out of it. */
function withItems(kind: ReferenceKind, source: unknown, own: Own, nameField = 'name'): readonly Reference[] {
  const whole = needed(kind, source, own, undefined, nameField);
  const keys = listAt(source, 'items').flatMap((item) => textAt(item, 'key') ?? []);
  return whole.flatMap((reference) => [reference, ...keys.map((key) => ({ ...reference, key }))]);
}

/** Keys that volume mounts pick by `subPath` out of a ConfigMap volume: without the key the kubelet mounts an empty folder in its place. */
export function subPathReferences(spec: unknown): readonly Reference[] {
  const maps = new Map(listAt(spec, 'volumes').map((volume) => [textAt(volume, 'name'), readField(volume, ['configMap'])]));
  return listAt(spec, 'containers').flatMap((entry) =>
    listAt(entry, 'volumeMounts').flatMap((mount): readonly Reference[] => {
      const source = maps.get(textAt(mount, 'name'));
      const name = textAt(source, 'name');
      const key = textAt(mount, 'subPath');
      if (!name || !key || key.includes('/') || listAt(source, 'items').length > 0 || readField(source, ['optional']) === true) return [];
      const container = textAt(entry, 'name') ?? '';
      return [
        {
          kind: 'ConfigMap',
          name,
          key,
          container,
          via: `subPath ${key}`,
          path: ['containers', { key: 'name', value: container }, 'volumeMounts'],
        },
      ];
    }),
  );
}
