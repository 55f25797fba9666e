import { type FieldPath, formatFieldPath, type ItemEdit, type JsonValue, readField } from '@tier0/core';
import { splitImage } from './image.ts';
import { isRecord, join } from './kustomize.ts';
import type { Owner } from './owner.ts';
import type { WantedValue } from './values-change.ts';
import type { ValuesLayer } from './values-layers.ts';

export interface Convention {
  readonly owner: Owner;
  readonly edit: ItemEdit;
  /** Name of the live object. */
  readonly name: string;
  readonly layers: readonly ValuesLayer[];
  readonly texts: ReadonlyMap<string, string>;
}

/** Values that charts by convention make this field of (`image.tag`, `replicaCount`, `resources...`), and that are what the field is now. */
export function valuesByConvention(convention: Convention): readonly WantedValue[] {
  const { edit } = convention;
  return conventionalPaths(convention)
    .flatMap((path) => candidateAt(convention, path))
    .filter(({ rendered }) => isSame(rendered, edit.expectOld))
    .filter(({ path }) => isMentioned(path, convention));
}

/** Every path that a field may have in values, bare or under the name of a component. */
export function conventionalPaths(convention: Convention): readonly FieldPath[] {
  const paths = prefixesOf(convention).flatMap((prefix) => suffixesOf(convention.edit.fieldPath).map((suffix) => [...prefix, ...suffix]));
  return [...new Map(paths.map((path) => [formatFieldPath(path), path])).values()];
}

interface Candidate extends WantedValue {
  /** What the live field is when this value sets it. */
  readonly rendered: JsonValue;
}

function isScalar(value: unknown): value is string | number | boolean {
  return value !== undefined && value !== null && typeof value !== 'object';
}

function candidateAt({ edit, layers }: Convention, path: FieldPath): readonly Candidate[] {
  const saidAt = (at: FieldPath) => layers.map((one) => readField(one.value, at)).find(isScalar);
  const declared = saidAt(path);
  if (declared === undefined) return [];
  const isPart = path.at(-1) === 'tag' || path.at(-1) === 'repository';
  if (edit.fieldPath.at(-1) !== 'image' || !isPart) return [{ path, rendered: declared, value: edit.value }];
  const say = (key: string) => saidAt([...path.slice(0, -1), key]);
  const registry = say('registry') ? `${say('registry')}/` : '';
  const [repository, tag] = [`${registry}${say('repository') ?? ''}`, String(say('tag') ?? '')];
  const wanted = splitImage(String(edit.value ?? ''));
  const rendered = `${repository}:${tag}`;
  if (wanted.tag === undefined || wanted.digest !== undefined) return [];
  if (path.at(-1) === 'tag') return wanted.name === repository ? [{ path, rendered, value: wanted.tag }] : [];
  const isRenamed = wanted.tag === tag && wanted.name !== repository && wanted.name.startsWith(registry);
  return isRenamed ? [{ path, rendered, value: wanted.name.slice(registry.length) }] : [];
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
function prefixesOf({ edit, name, owner, layers }: Convention): readonly FieldPath[] {
  const containers = edit.fieldPath.flatMap((segment, index) =>
    typeof segment === 'object' && edit.fieldPath[index - 1] === 'containers' ? [segment.value] : [],
  );
  const rest = name.startsWith(`${owner.name}-`) ? name.slice(owner.name.length + 1) : name;
  const names = new Set(
    [...containers, rest, name].flatMap((one) => [one, one.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())]),
  );
  return [[], ...[...names].filter((one) => layers.some((layer) => isRecord(layer.value[one]))).map((one) => [one])];
}

/** Whether a value and a live field read alike. */
export function isSame(rendered: JsonValue, live: JsonValue | undefined): boolean {
  return rendered === live || (live !== undefined && String(rendered) === String(live));
}

/** Where the chart is in the repository, a template must name the value or the map around it. */
function isMentioned(path: FieldPath, { owner, texts }: Convention): boolean {
  if (owner.folder === undefined || !texts.has(join(owner.folder, 'Chart.yaml'))) return true;
  const templates = [...texts].filter(([file]) => file.startsWith(join(owner.folder ?? '', 'templates/'))).map(([, content]) => content);
  const keys = path.filter((segment): segment is string => typeof segment === 'string');
  const names = keys.map((_, index) => `.Values.${keys.slice(0, keys.length - index).join('.')}`);
  return names.some((one) => templates.some((content) => content.includes(one)));
}
