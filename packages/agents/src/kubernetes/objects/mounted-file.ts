import { readField } from '@tier0/core';
import { listAt, textAt } from './read-object.ts';

/** A place in a container's files that a ConfigMap or a Secret fills. */
export interface MountedFile {
  readonly kind: 'ConfigMap' | 'Secret';
  /** Name of the ConfigMap or Secret. */
  readonly name: string;
  /** Folder that holds nothing but its keys; undefined when a single key is mounted among other files. */
  readonly folder: string | undefined;
  /** Path of the file, or of the folder when its keys are not listed. */
  readonly path: string;
  readonly key: string;
}

interface Source {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly name: string;
  /** Keys by the path they get; none when every key is mounted by its own name. */
  readonly items: readonly { readonly key: string; readonly path: string }[];
}

/** What ConfigMaps and Secrets put into a container; keys that only the object lists are found by their folder. */
export function mountedFiles(pod: unknown, container: unknown): readonly MountedFile[] {
  return listAt(container, 'volumeMounts').flatMap((mount) => {
    const volume = readField(pod, ['spec', 'volumes', { key: 'name', value: textAt(mount, 'name') ?? '' }]);
    const mountPath = (textAt(mount, 'mountPath') ?? '').replace(/\/$/, '');
    const subPath = textAt(mount, 'subPath') ?? textAt(mount, 'subPathExpr');
    return sourcesOf(volume).flatMap((source, _, all) => filesOf(source, { mountPath, subPath, isShared: all.length > 1 }));
  });
}

function filesOf(
  { kind, name, items }: Source,
  { mountPath, subPath, isShared }: { readonly mountPath: string; readonly subPath: string | undefined; readonly isShared: boolean },
): readonly MountedFile[] {
  if (subPath !== undefined) {
    const key = items.find((item) => item.path === subPath)?.key ?? subPath;
    return items.length > 0 && key === subPath && !items.some((item) => item.key === key)
      ? []
      : [{ kind, name, folder: undefined, path: mountPath, key }];
  }
  const folder = isShared ? undefined : mountPath;
  if (items.length === 0) return [{ kind, name, folder, path: mountPath, key: '' }];
  return items.map(({ key, path }) => ({ kind, name, folder, path: `${mountPath}/${path}`, key }));
}

function sourcesOf(volume: unknown): readonly Source[] {
  const plain = [
    source('ConfigMap', readField(volume, ['configMap']), 'name'),
    source('Secret', readField(volume, ['secret']), 'secretName'),
  ];
  const projected = listAt(volume, 'projected', 'sources').flatMap((entry) => [
    source('ConfigMap', readField(entry, ['configMap']), 'name'),
    source('Secret', readField(entry, ['secret']), 'name'),
  ]);
  return [...plain, ...projected].filter((found) => found !== undefined);
}

function source(kind: Source['kind'], held: unknown, nameField: string): Source | undefined {
  const name = textAt(held, nameField);
  // Every pod has this one, and no program of its own reads it as its configuration.
  if (name === undefined || name === 'kube-root-ca.crt') return undefined;
  const items = listAt(held, 'items').map((item) => ({ key: textAt(item, 'key') ?? '', path: textAt(item, 'path') ?? '' }));
  return { kind, name, items };
}
