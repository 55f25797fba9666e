import { type FieldPath, formatFieldPath, type JsonValue, readField } from '@tier0/core';
import type { Manifest, ManifestReading } from '../kubernetes/manifests.ts';

/** One `kustomization.yaml` and what it pulls in. */
export interface Kustomization {
  readonly file: string;
  readonly folder: string;
  readonly value: Readonly<Record<string, JsonValue>>;
}

/** The kustomizations that a manifest passes through, innermost first. */
export type Chain = readonly Kustomization[];

/** How kustomizations of a repository hang together. */
export interface KustomizeTree {
  /** Every way from a file up to a kustomization that nobody includes; `[[]]` when no kustomization includes the file. */
  chainsOf(file: string): readonly Chain[];
  /** Files that are patches or values, not objects of their own. */
  isPatchFile(file: string): boolean;
  readonly affixes: readonly { readonly prefix: string; readonly suffix: string }[];
}

/** Reads the tree out of the kustomizations of one commit. */
export function kustomizeTree(reading: Pick<ManifestReading, 'kustomizations'>): KustomizeTree {
  const all = reading.kustomizations.map(({ file, value }) => ({ file, folder: folderOf(file), value }));
  const patches = new Set(all.flatMap((one) => patchFiles(one)));
  const includers = (target: string) => all.filter((one) => included(one).some((path) => path === target));
  const climb = (target: string, seen: readonly string[]): readonly Chain[] => {
    const above = includers(target).filter((one) => !seen.includes(one.file));
    if (above.length === 0) return [[]];
    return above.flatMap((one) => climb(one.folder, [...seen, one.file]).map((rest) => [one, ...rest]));
  };
  return {
    chainsOf: (file) => climb(file, []),
    isPatchFile: (file) => patches.has(file),
    affixes: all.map(({ value }) => ({ prefix: text(value.namePrefix), suffix: text(value.nameSuffix) })),
  };
}

function included(one: Kustomization): readonly string[] {
  const { resources, bases, components } = one.value;
  return [resources, bases, components].flatMap((list) => strings(list).map((path) => join(one.folder, path)));
}

function patchFiles(one: Kustomization): readonly string[] {
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

/** Where a chain overrides a field. */
export type Override =
  | { readonly kind: 'none' }
  /** A strategic merge patch file that sets the field. */
  | { readonly kind: 'patch'; readonly manifest: Manifest }
  | { readonly kind: 'image'; readonly file: string; readonly image: string; readonly entry: Readonly<Record<string, JsonValue>> }
  | { readonly kind: 'replicas'; readonly file: string; readonly name: string }
  /** It may be overridden in a way that is not edited by tier0. */
  | { readonly kind: 'unclear'; readonly file: string; readonly reason: string };

/** Looks from the outermost kustomization inwards for what decides about the field last. */
export function findOverride(
  request: { readonly manifest: Manifest; readonly chain: Chain; readonly path: FieldPath },
  reading: ManifestReading,
): Override {
  for (const kustomization of request.chain.toReversed()) {
    const override = [imageOverride, replicasOverride, patchOverride]
      .map((find) => find(kustomization, request, reading))
      .find((one) => one.kind !== 'none');
    if (override) return override;
  }
  return { kind: 'none' };
}

type Find = (
  kustomization: Kustomization,
  request: { readonly manifest: Manifest; readonly path: FieldPath },
  reading: ManifestReading,
) => Override;

const imageOverride: Find = (kustomization, { manifest, path }) => {
  if (path.at(-1) !== 'image') return { kind: 'none' };
  const image = splitImage(String(readField(manifest.object, path) ?? '')).name;
  const entry = records(kustomization.value.images).find((candidate) => candidate.name === image);
  return entry ? { kind: 'image', file: kustomization.file, image, entry } : { kind: 'none' };
};

const replicasOverride: Find = (kustomization, { manifest, path }) => {
  if (formatFieldPath(path) !== 'spec.replicas') return { kind: 'none' };
  const { name } = manifest.object.metadata;
  const entry = records(kustomization.value.replicas).find((candidate) => candidate.name === name);
  return entry ? { kind: 'replicas', file: kustomization.file, name } : { kind: 'none' };
};

const patchOverride: Find = (kustomization, { manifest, path }, reading) => {
  const files = patchFiles(kustomization);
  const setting = reading.manifests.find(
    (patch) => files.includes(patch.file) && isSameObject(patch, manifest) && readField(patch.object, path) !== undefined,
  );
  if (setting) return { kind: 'patch', manifest: setting };
  const hidden = hiddenPatches(kustomization).find((patch) => mayTouch(patch, manifest, path));
  return hidden
    ? { kind: 'unclear', file: kustomization.file, reason: 'it holds a patch that may set this field in a form that is not edited' }
    : { kind: 'none' };
};

function isSameObject(patch: Manifest, manifest: Manifest): boolean {
  return patch.object.kind === manifest.object.kind && patch.object.metadata.name === manifest.object.metadata.name;
}

interface HiddenPatch {
  readonly text: string;
  readonly kind: string;
  readonly name: string;
}

/** Patches written inside the kustomization, and JSON 6902 patches wherever they are. */
function hiddenPatches(kustomization: Kustomization): readonly HiddenPatch[] {
  const inlineStrategic = strings(kustomization.value.patchesStrategicMerge).filter((patch) => patch.includes('\n'));
  const targeted = [...records(kustomization.value.patches), ...records(kustomization.value.patchesJson6902)].map((patch) => {
    const target = (patch.target ?? {}) as Readonly<Record<string, JsonValue>>;
    return { text: text(patch.patch), kind: text(target.kind), name: text(target.name), path: text(patch.path) };
  });
  return [
    ...inlineStrategic.map((patch) => ({ text: patch, kind: '', name: '' })),
    ...targeted.filter((patch) => patch.text !== '' || /json/i.test(patch.path)),
  ];
}

/** Errs on the side of "may": a patch that names the field's last key, or that is kept elsewhere, counts. */
function mayTouch(patch: HiddenPatch, manifest: Manifest, path: FieldPath): boolean {
  if (patch.kind && patch.kind !== manifest.object.kind) return false;
  const isPlainName = /^[\w.-]+$/.test(patch.name);
  if (isPlainName && patch.name !== manifest.object.metadata.name) return false;
  const keys = path.filter((segment): segment is string => typeof segment === 'string');
  return patch.text === '' || keys.some((key, index) => index > 0 && index >= keys.length - 2 && patch.text.includes(key));
}

/** `registry/name:tag@digest` taken apart; a port of the registry is not a tag. */
export function splitImage(image: string): {
  readonly name: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
} {
  const [reference = '', digest] = image.split('@');
  const colon = reference.lastIndexOf(':');
  const hasTag = colon > reference.lastIndexOf('/');
  return { name: hasTag ? reference.slice(0, colon) : reference, tag: hasTag ? reference.slice(colon + 1) : undefined, digest };
}

function folderOf(file: string): string {
  const slash = file.lastIndexOf('/');
  return slash === -1 ? '' : file.slice(0, slash);
}

function join(folder: string, path: string): string {
  const parts: string[] = folder ? folder.split('/') : [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}

function strings(list: JsonValue | undefined): readonly string[] {
  return Array.isArray(list) ? list.filter((entry): entry is string => typeof entry === 'string') : [];
}

function records(list: JsonValue | undefined): readonly Readonly<Record<string, JsonValue>>[] {
  if (!Array.isArray(list)) return [];
  return list.filter((entry) => typeof entry === 'object' && entry !== null && !Array.isArray(entry)) as Readonly<
    Record<string, JsonValue>
  >[];
}

function text(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
