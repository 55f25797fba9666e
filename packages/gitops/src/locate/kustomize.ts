import type { FieldPath, JsonValue } from '@tier0/core';
import type { Manifest, ManifestReading } from '../kubernetes/manifests.ts';

/** A map out of a file. */
export type JsonRecord = Readonly<Record<string, JsonValue>>;

/** Something that takes manifests and changes them: a `kustomization.yaml`, or the part of an Argo CD or Flux object that does the same. */
export interface Level {
  readonly file: string;
  readonly document: number;
  /** Path of the kustomization inside the document: empty, `spec`, or `spec.source.kustomize`. */
  readonly at: FieldPath;
  readonly folder: string;
  readonly value: JsonRecord;
}

/** The levels that a manifest passes through, innermost first. */
export type Chain = readonly Level[];

/** How kustomizations of a repository hang together. */
export interface KustomizeTree {
  readonly kustomizations: readonly Level[];
  /** Every way from a file or folder up to a kustomization that nobody includes; `[[]]` when no kustomization includes it. */
  chainsOf(target: string): readonly Chain[];
  /** Files that are patches or values, not objects of their own. */
  isPatchFile(file: string): boolean;
  /** The kustomizations that take a file as a patch. */
  patchUsers(file: string): readonly Level[];
  readonly affixes: readonly { readonly prefix: string; readonly suffix: string }[];
}

/** Reads the tree out of the kustomizations of one commit. */
export function kustomizeTree(reading: Pick<ManifestReading, 'kustomizations'>): KustomizeTree {
  const all = reading.kustomizations.map(({ file, value }) => ({ file, document: 0, at: [], folder: folderOf(file), value }));
  const patches = new Set(all.flatMap((one) => patchFiles(one)));
  const includers = (target: string) => all.filter((one) => included(one).some((path) => path === target));
  const climb = (target: string, seen: readonly string[]): readonly Chain[] => {
    const above = includers(target).filter((one) => !seen.includes(one.file));
    if (above.length === 0) return [[]];
    return above.flatMap((one) => {
      const through = isComponentOf(one, target) ? [one] : [...componentsOf(one, all, [one.file]), one];
      return climb(one.folder, [...seen, one.file]).map((rest) => [...through, ...rest]);
    });
  };
  return {
    kustomizations: all,
    chainsOf: (target) => climb(target, []),
    isPatchFile: (file) => patches.has(file),
    patchUsers: (file) => all.filter((one) => patchFiles(one).includes(file)),
    affixes: all.map(({ value }) => ({ prefix: text(value.namePrefix), suffix: text(value.nameSuffix) })),
  };
}

function isComponentOf(one: Level, folder: string): boolean {
  return strings(one.value.components).some((path) => join(one.folder, path) === folder);
}

/** The components of a kustomization change what its resources bring, before it does so itself. */
function componentsOf(one: Level, all: readonly Level[], seen: readonly string[]): readonly Level[] {
  const direct = strings(one.value.components).flatMap((path) => all.filter((other) => other.folder === join(one.folder, path)));
  return direct
    .filter((other) => !seen.includes(other.file))
    .flatMap((other) => [...componentsOf(other, all, [...seen, other.file]), other]);
}

function included(one: Level): readonly string[] {
  const { resources, bases, components } = one.value;
  return [resources, bases, components].flatMap((list) => strings(list).map((path) => join(one.folder, path)));
}

function patchFiles(one: Level): readonly string[] {
  const strategic = strings(one.value.patchesStrategicMerge);
  const others = [...records(one.value.patches), ...records(one.value.patchesJson6902)].map((patch) => text(patch.path));
  return [...strategic, ...others].filter((path) => path && !path.includes('\n')).map((path) => join(one.folder, path));
}

/** Name and namespace a manifest has in the cluster after its chain; namespace undefined: nobody says. */
export function renderedIdentity(manifest: Manifest, chain: Chain): { readonly name: string; readonly namespace: string | undefined } {
  let { name } = manifest.object.metadata;
  let { namespace } = manifest.object.metadata;
  for (const { value } of chain) {
    name = text(value.namePrefix) + name + text(value.nameSuffix);
    namespace = text(value.namespace) || namespace;
  }
  return { name, namespace };
}

/** Folder of a file, without the slash at its end; empty for the root. */
export function folderOf(file: string): string {
  const slash = file.lastIndexOf('/');
  return slash === -1 ? '' : file.slice(0, slash);
}

/** A path from a folder, with `.` and `..` taken away. */
export function join(folder: string, path: string): string {
  const parts: string[] = folder ? folder.split('/') : [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}

export function strings(list: JsonValue | undefined): readonly string[] {
  return Array.isArray(list) ? list.filter((entry): entry is string => typeof entry === 'string') : [];
}

export function records(list: JsonValue | undefined): readonly JsonRecord[] {
  return Array.isArray(list) ? list.filter(isRecord) : [];
}

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text, or an empty one where there is none. */
export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
