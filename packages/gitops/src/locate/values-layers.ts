import { type FieldPath, type JsonValue, readField, writeField } from '@tier0/core';
import { readYaml } from '../edit/yaml-source.ts';
import { isRecord, type JsonRecord, join, records, strings, text } from './kustomize.ts';
import type { Owner } from './owner.ts';

/** Values of a release from one place. */
export interface ValuesLayer {
  /** Where an edit goes: a place in a file, or a field of the HelmRelease, which may itself pass through kustomizations. */
  readonly holder: { readonly file: string; readonly document: number } | 'release';
  /** For people. */
  readonly label: string;
  readonly value: JsonRecord;
  /** Path in the holder of the value at a path; undefined: this layer cannot say it. */
  readonly pathOf: (path: FieldPath) => FieldPath | undefined;
  /** The values are a text in a text: the whole of it, and where it stands. */
  readonly inner?: { readonly text: string; readonly at: FieldPath } | undefined;
  /** Says everything as text, as parameters do. */
  readonly asText?: boolean | undefined;
  /** Other releases read it too. */
  readonly shared: boolean;
}

export interface Layered {
  readonly owner: Owner;
  readonly owners: readonly Owner[];
  readonly texts: ReadonlyMap<string, string>;
  /** Values of the HelmRelease as kustomizations leave them; undefined for an Application. */
  readonly released?: JsonRecord | undefined;
  /** The one declaration of the release serves several clusters: every file it takes values from does too. */
  readonly isServingSeveral?: boolean | undefined;
}

/** Name of an owner with its file, for people. */
export function placeOfOwner({ kind, manifest }: Owner): string {
  return `${kind} ${manifest.object.metadata.name} (${manifest.file})`;
}

/** Values that come from the cluster, or that are changed after rendering, are not followed; undefined: all are. */
export function unreadSource({ manifest, source }: Owner): string | undefined {
  const has = (path: FieldPath) => records(readField(manifest.object, path) as JsonValue | undefined).length > 0;
  if (has(['spec', 'valuesFrom'])) return 'takes values from the cluster (valuesFrom)';
  if (has(['spec', 'postRenderers'])) return 'changes what it renders (postRenderers)';
  return source === undefined && manifest.object.kind === 'Application' ? 'has several sources' : undefined;
}

/** All places that say values, the strongest first. */
export function layersOf(layered: Layered): readonly ValuesLayer[] {
  const { owner, released } = layered;
  return [...(released ? [releaseLayer(owner, released)] : applicationLayers(owner)), ...fileLayers(layered)];
}

function releaseLayer(owner: Owner, value: JsonRecord): ValuesLayer {
  return { holder: 'release', label: placeOfOwner(owner), value, shared: false, pathOf: (path) => ['spec', 'values', ...path] };
}

/** Argo CD takes parameters before `valuesObject` before `values` before files. */
function applicationLayers({ manifest, source = ['spec', 'source'] }: Owner): readonly ValuesLayer[] {
  const holder = { file: manifest.file, document: manifest.document };
  const own = { holder, label: manifest.file, shared: false };
  const helm: FieldPath = [...source, 'helm'];
  const at = (key: string): FieldPath => [...manifest.within, ...helm, key];
  const read = (key: string) => readField(manifest.object, [...helm, key]) as JsonValue | undefined;
  const [parameters, valuesObject, inner] = [records(read('parameters')), read('valuesObject'), text(read('values'))];
  const parsed = inner === '' ? undefined : parseOne(inner);
  const named = new Map(parameters.map((entry) => [text(entry.name), entry]));
  const spoken: ValuesLayer = {
    ...own,
    value: valueOfParameters(parameters),
    asText: true,
    pathOf: (path) => (named.has(path.join('.')) ? [...at('parameters'), { key: 'name', value: path.join('.') }, 'value'] : undefined),
  };
  return [
    ...(parameters.length > 0 ? [spoken] : []),
    ...(isRecord(valuesObject) ? [{ ...own, value: valuesObject, pathOf: (path: FieldPath) => [...at('valuesObject'), ...path] }] : []),
    ...(parsed ? [{ ...own, value: parsed, pathOf: (path: FieldPath) => path, inner: { text: inner, at: at('values') } }] : []),
  ];
}

/** `a.b=1` as `helm --set` reads it; names with lists or escapes in them are left out. */
function valueOfParameters(parameters: readonly JsonRecord[]): JsonRecord {
  let value: JsonValue = {};
  for (const { name, value: said, forceString } of parameters) {
    if (!/^[\w.-]+$/.test(text(name))) continue;
    value = writeField(value, text(name).split('.'), forceString === true ? text(said) : setValue(text(said)));
  }
  return isRecord(value) ? value : {};
}

function setValue(said: string): JsonValue {
  if (said === 'true' || said === 'false') return said === 'true';
  if (said === 'null') return null;
  return /^(?:0|-?[1-9]\d{0,14})$/.test(said) ? Number(said) : said;
}

function fileLayers({ owner, owners, texts, isServingSeveral = false }: Layered): readonly ValuesLayer[] {
  const isShared = (file: string) => isServingSeveral || owners.filter((other) => valuesFilesOf(other).includes(file)).length > 1;
  return valuesFilesOf(owner).flatMap((file) => {
    const value = parseOne(texts.get(file) ?? '');
    const layer = { holder: { file, document: 0 }, label: file, shared: isShared(file), pathOf: (path: FieldPath) => path };
    return value ? [{ ...layer, value }] : [];
  });
}

/** Values files in the repository, the strongest first; the chart's own is the last. */
function valuesFilesOf({ folder, manifest, source }: Owner): readonly string[] {
  const { object } = manifest;
  const flux = strings(readField(object, ['spec', 'chart', 'spec', 'valuesFiles']) as JsonValue | undefined);
  const argo = strings(source && (readField(object, [...source, 'helm', 'valueFiles']) as JsonValue | undefined));
  const named = argo.toReversed().flatMap((name) => argoFile(name, folder));
  // Flux: paths of the repository, in place of the chart's own values.
  if (flux.length > 0) return flux.toReversed().map((name) => join('', name));
  return folder === undefined ? named : [...named, join(folder, 'values.yaml')];
}

/** `$ref/file` is a path of the repository behind that source, `/file` one of this repository, all else one beside the chart. */
function argoFile(name: string, folder: string | undefined): readonly string[] {
  if (name.startsWith('$')) return [join('', name.slice(name.indexOf('/') + 1))];
  if (name.startsWith('/')) return [join('', name)];
  return folder === undefined || name.includes('://') ? [] : [join(folder, name)];
}

function parseOne(content: string): JsonRecord | undefined {
  const reading = readYaml(content);
  const value = reading.status === 'read' ? reading.source.values[0] : undefined;
  return isRecord(value) ? value : undefined;
}

/** What the chart is given: maps are merged, everything else is replaced. */
export function mergeLayers(layers: readonly ValuesLayer[]): JsonRecord {
  return layers.reduceRight<JsonRecord>((merged, { value }) => mergeValues(merged, value), {});
}

function mergeValues(weak: JsonRecord, strong: JsonRecord): JsonRecord {
  const merged: Record<string, JsonValue> = { ...weak };
  for (const [key, value] of Object.entries(strong)) {
    const below = Object.hasOwn(merged, key) ? merged[key] : undefined;
    Object.defineProperty(merged, key, {
      value: isRecord(value) && isRecord(below) ? mergeValues(below, value) : value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return merged;
}
