import { type FieldPath, formatFieldPath, type ItemEdit, type JsonValue, readField } from '@tier0/core';
import { readYaml } from '../edit/yaml-source.ts';
import type { FieldChange } from './field-change.ts';
import { changeSetter } from './field-change.ts';
import { splitImage } from './image.ts';
import { isRecord, type JsonRecord, join, records, strings, text } from './kustomize.ts';
import type { Owner } from './owner.ts';
import type { Setter } from './trail.ts';

/** Values of a release from one place; the stronger place wins over the weaker. */
interface ValuesLayer {
  readonly file: string;
  readonly document: number;
  readonly path: FieldPath;
  readonly value: JsonRecord;
  readonly inner?: string | undefined;
  /** Other releases read it too. */
  readonly shared: boolean;
}

/** Where the value of a live field stands among the values of a release. */
export type ValuesFinding =
  | { readonly status: 'found'; readonly change: Exclude<FieldChange, { refused: string }>; readonly reason: string }
  | { readonly status: 'ambiguous'; readonly candidates: readonly string[]; readonly reason: string }
  | { readonly status: 'not-found'; readonly reason: string };

export interface ValuesRequest {
  readonly owner: Owner;
  readonly owners: readonly Owner[];
  readonly edit: ItemEdit;
  /** Name of the live object. */
  readonly name: string;
  readonly texts: ReadonlyMap<string, string>;
}

/** Finds the value by the conventions of charts: `image.tag`, `replicaCount`, `resources...`, bare or under the name of a component. */
export function locateInValues(request: ValuesRequest): ValuesFinding {
  const { owner, edit } = request;
  const unread = unreadSource(owner);
  if (unread) return { status: 'ambiguous', candidates: [placeOf(owner)], reason: `${placeOf(owner)} ${unread}` };
  const layers = layersOf(request);
  const found = candidatePaths(request, layers).filter(({ rendered }) => isSame(rendered, edit.expectOld));
  const mentioned = found.filter(({ path }) => isMentioned(path, request));
  const [only, ...others] = mentioned;
  if (!only)
    return {
      status: 'not-found',
      reason: `no value of ${placeOf(owner)} is known by convention to set ${formatFieldPath(edit.fieldPath)} to ${JSON.stringify(edit.expectOld)}`,
    };
  if (others.length > 0) {
    const candidates = mentioned.map(({ layer, path }) => `${layer.file} ${formatFieldPath([...layer.path, ...path])}`);
    return { status: 'ambiguous', candidates, reason: `${mentioned.length} values of ${placeOf(owner)} could set it` };
  }
  return changeValue(request, layers, only);
}

function placeOf(owner: Owner): string {
  return `${owner.kind} ${owner.name} (${owner.manifest.file})`;
}

/** Values that come from the cluster, or that are changed after rendering, are not followed. */
function unreadSource({ manifest }: Owner): string | undefined {
  if (records(readField(manifest.object, ['spec', 'valuesFrom']) as JsonValue).length > 0)
    return 'takes values from the cluster (valuesFrom)';
  if (records(readField(manifest.object, ['spec', 'postRenderers']) as JsonValue).length > 0)
    return 'changes what it renders (postRenderers)';
  if (records(readField(manifest.object, ['spec', 'source', 'helm', 'parameters']) as JsonValue).length > 0)
    return 'sets values by parameters';
  if (readField(manifest.object, ['spec', 'sources']) !== undefined) return 'has several sources';
  return undefined;
}

/** The strongest first. */
function layersOf({ owner, owners, texts }: ValuesRequest): readonly ValuesLayer[] {
  const { manifest, folder } = owner;
  const base = { file: manifest.file, document: manifest.document, shared: false };
  const at = (path: FieldPath) => [...manifest.within, ...path];
  const map = (path: FieldPath): readonly ValuesLayer[] => {
    const value = readField(manifest.object, path);
    return isRecord(value) ? [{ ...base, path: at(path), value }] : [];
  };
  const inline = (path: FieldPath): readonly ValuesLayer[] => {
    const inner = text(readField(manifest.object, path));
    const value = inner === '' ? undefined : parseOne(inner);
    return value ? [{ ...base, path: at(path), value, inner }] : [];
  };
  const helm: FieldPath = ['spec', 'source', 'helm'];
  const files = strings(readField(manifest.object, [...helm, 'valueFiles']) as JsonValue).toReversed();
  const isShared = (file: string) => owners.filter((other) => other.folder === folder && usesFile(other, file)).length > 1;
  const fromFiles = folder === undefined ? [] : [...files, 'values.yaml'].flatMap((name) => fileLayer(join(folder, name), texts, isShared));
  const own = owner.kind === 'HelmRelease' ? map(['spec', 'values']) : [...map([...helm, 'valuesObject']), ...inline([...helm, 'values'])];
  return [...own, ...fromFiles];
}

function usesFile({ folder, manifest }: Owner, file: string): boolean {
  const named = strings(readField(manifest.object, ['spec', 'source', 'helm', 'valueFiles']) as JsonValue);
  return file === join(folder ?? '', 'values.yaml') || named.some((name) => join(folder ?? '', name) === file);
}

function fileLayer(file: string, texts: ReadonlyMap<string, string>, isShared: (file: string) => boolean): readonly ValuesLayer[] {
  const value = parseOne(texts.get(file) ?? '');
  return value ? [{ file, document: 0, path: [], value, shared: isShared(file) }] : [];
}

function parseOne(content: string): JsonRecord | undefined {
  const reading = readYaml(content);
  const value = reading.status === 'read' ? reading.source.values[0] : undefined;
  return isRecord(value) ? value : undefined;
}

interface Candidate {
  readonly layer: ValuesLayer;
  readonly path: FieldPath;
  readonly declared: JsonValue;
  /** What the live field is when this value sets it. */
  readonly rendered: JsonValue;
  /** What the value becomes. */
  readonly value: JsonValue | undefined;
}

function candidatePaths(request: ValuesRequest, layers: readonly ValuesLayer[]): readonly Candidate[] {
  const found = new Map<string, Candidate>();
  for (const prefix of prefixesOf(request, layers)) {
    for (const suffix of suffixesOf(request.edit.fieldPath)) {
      const path = [...prefix, ...suffix];
      const layer = layers.find((one) => isScalar(readField(one.value, path)));
      const candidate = layer && candidateAt(request, layers, layer, path);
      if (candidate) found.set(formatFieldPath(path), candidate);
    }
  }
  return [...found.values()];
}

function isScalar(value: unknown): boolean {
  return value !== undefined && value !== null && typeof value !== 'object';
}

function candidateAt({ edit }: ValuesRequest, layers: readonly ValuesLayer[], layer: ValuesLayer, path: FieldPath): Candidate | undefined {
  const declared = readField(layer.value, path) as JsonValue;
  const isPart = path.at(-1) === 'tag' || path.at(-1) === 'repository';
  if (edit.fieldPath.at(-1) !== 'image' || !isPart) return { layer, path, declared, rendered: declared, value: edit.value };
  const say = (key: string) => layers.map((one) => readField(one.value, [...path.slice(0, -1), key])).find(isScalar);
  const registry = say('registry') ? `${say('registry')}/` : '';
  const [repository, tag] = [`${registry}${say('repository') ?? ''}`, String(say('tag') ?? '')];
  const wanted = splitImage(String(edit.value ?? ''));
  const rendered = `${repository}:${tag}`;
  if (wanted.tag === undefined || wanted.digest !== undefined) return undefined;
  if (path.at(-1) === 'tag') return wanted.name === repository ? { layer, path, declared, rendered, value: wanted.tag } : undefined;
  const isRenamed = wanted.tag === tag && wanted.name !== repository && wanted.name.startsWith(registry);
  return isRenamed ? { layer, path, declared, rendered, value: wanted.name.slice(registry.length) } : undefined;
}

/** What the field may be called in values, without a component before it. */
function suffixesOf(fieldPath: FieldPath): readonly FieldPath[] {
  const keys = fieldPath.filter((segment): segment is string => typeof segment === 'string');
  const last = fieldPath.at(-1);
  const from = (key: string) => (keys.includes(key) ? [keys.slice(keys.indexOf(key))] : []);
  if (formatFieldPath(fieldPath) === 'spec.replicas') return [['replicaCount'], ['replicas']];
  if (last === 'image') return [['image', 'tag'], ['image', 'repository'], ['image']];
  if (keys.includes('env')) return envSuffixes(fieldPath);
  const whole = ['resources', 'livenessProbe', 'readinessProbe', 'startupProbe', 'securityContext', 'nodeSelector', 'annotations'].flatMap(
    from,
  );
  if (whole.length > 0) return whole;
  if (keys.includes('ports') && last === 'port') return [['service', 'port']];
  return typeof last === 'string' ? [[last], ['service', last]] : [];
}

function envSuffixes(fieldPath: FieldPath): readonly FieldPath[] {
  const entry = fieldPath.find((segment) => typeof segment === 'object' && fieldPath[fieldPath.indexOf(segment) - 1] === 'env');
  if (typeof entry !== 'object' || fieldPath.at(-1) !== 'value') return [];
  return ['env', 'extraEnv', 'extraEnvs'].flatMap((key) => [
    [key, entry.value],
    [key, entry, 'value'],
  ]);
}

/** Nothing, or the component that the object or its container is called after. */
function prefixesOf({ edit, name, owner }: ValuesRequest, layers: readonly ValuesLayer[]): readonly FieldPath[] {
  const containers = edit.fieldPath.flatMap((segment, index) =>
    typeof segment === 'object' && edit.fieldPath[index - 1] === 'containers' ? [segment.value] : [],
  );
  const rest = name.startsWith(`${owner.name}-`) ? name.slice(owner.name.length + 1) : name;
  const names = new Set(
    [...containers, rest, name].flatMap((one) => [one, one.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())]),
  );
  return [[], ...[...names].filter((one) => layers.some((layer) => isRecord(layer.value[one]))).map((one) => [one])];
}

function isSame(rendered: JsonValue, live: JsonValue | undefined): boolean {
  return rendered === live || (live !== undefined && String(rendered) === String(live));
}

/** Where the chart is in the repository, a template must name the value or the map around it. */
function isMentioned(path: FieldPath, { owner, texts }: ValuesRequest): boolean {
  if (owner.folder === undefined || !texts.has(join(owner.folder, 'Chart.yaml'))) return true;
  const templates = [...texts].filter(([file]) => file.startsWith(join(owner.folder ?? '', 'templates/'))).map(([, content]) => content);
  const keys = path.filter((segment): segment is string => typeof segment === 'string');
  const names = keys.map((_, index) => `.Values.${keys.slice(0, keys.length - index).join('.')}`);
  return names.some((one) => templates.some((content) => content.includes(one)));
}

function changeValue(request: ValuesRequest, layers: readonly ValuesLayer[], { layer, path, declared, value }: Candidate): ValuesFinding {
  const { owner, edit } = request;
  const how = 'by the conventions of charts, not verified: no chart renderer is used';
  const own = layers.find((one) => !one.shared);
  const target = layer.shared ? own : layer;
  const shown = `${layer.file} ${formatFieldPath([...layer.path, ...path])}`;
  if (!target)
    return {
      status: 'ambiguous',
      candidates: [shown],
      reason: `${layer.file} is shared by several releases, and ${placeOf(owner)} has no values of its own`,
    };
  const place = { file: target.file, document: target.document };
  const old = layer.shared ? undefined : declared;
  const setter: Setter = {
    kind: 'manifest',
    ...place,
    path: target.inner === undefined ? [...target.path, ...path] : target.path,
    inner: target.inner === undefined ? undefined : { text: target.inner, document: 0, path },
    level: -1,
    declared: old,
    value: old,
  };
  const change = changeSetter(setter, { ...edit, value });
  if ('refused' in change) return { status: 'ambiguous', candidates: [shown], reason: change.refused };
  const why = layer.shared ? `${layer.file} has the value for several releases, so it is overridden in ${target.file}` : `set by ${shown}`;
  return { status: 'found', change, reason: `${why}, for ${placeOf(owner)}; ${how}` };
}
