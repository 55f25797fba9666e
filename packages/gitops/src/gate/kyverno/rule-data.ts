import { groupVersionOf } from '../../kubernetes/group-kind.ts';
import { CelUnknown } from '../cel/values/value.ts';
import { isMap } from '../schema/schema-flaws.ts';
import { NotKnown, QueryError, UndecidableQuery } from './jmespath/query-value.ts';
import { searchData } from './jmespath/search.ts';
import { imageInfo } from './scalars/image-info.ts';
import { substitute } from './substitute.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What a rule's expressions look at. */
export type RuleData = Readonly<Record<string, unknown>>;

/** What a rule is asked about; an admission request is one. */
export interface RuleRequest {
  readonly operation: string;
  readonly object: Fields;
  readonly oldObject?: Fields | undefined;
  readonly namespace: string | undefined;
  readonly userInfo?: Fields | undefined;
}

/** The request as Kyverno shows it to rules, with the images of its containers. What only the cluster knows is there as not known. */
export function requestData(request: RuleRequest, values: Fields = {}): RuleData {
  const { group, version } = groupVersionOf(request.object);
  const metadata = isMap(request.object.metadata) ? request.object.metadata : {};
  const kind = { group, version, kind: request.object.kind };
  const data = {
    request: {
      operation: request.operation,
      object: told(request.object),
      oldObject: told(request.oldObject ?? null),
      name: metadata.name ?? '',
      namespace: request.namespace ?? '',
      kind,
      requestKind: kind,
      userInfo: request.userInfo ?? new NotKnown('who asks (request.userInfo)'),
      ...unknown(['uid', 'dryRun', 'options', 'roles', 'clusterRoles', 'resource', 'requestResource'], 'request.'),
    },
    ...unknown(['serviceAccountName', 'serviceAccountNamespace'], ''),
    images: imagesOf(request.object),
  };
  return Object.entries(values).reduce<RuleData>((now, [path, value]) => withValue(now, stepsOf(path), value), data);
}

/** What the API server makes up is not known to expressions and patterns either. */
function told(value: unknown): unknown {
  if (value instanceof CelUnknown) return new NotKnown(value.name);
  if (Array.isArray(value)) return value.map(told);
  return isMap(value) ? Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, told(entry)])) : value;
}

function unknown(names: readonly string[], place: string): Fields {
  return Object.fromEntries(names.map((name) => [name, new NotKnown(`${place}${name}`)]));
}

const CONTAINERS = ['containers', 'initContainers', 'ephemeralContainers'];

/** By kind of container and its name; an image that is none makes all of them unknown. */
function imagesOf(object: Fields): unknown {
  const spec = isMap(object.spec) ? object.spec : {};
  const kinds = CONTAINERS.flatMap((kind) => {
    const containers = (Array.isArray(spec[kind]) ? spec[kind] : []).filter(isMap);
    return containers.length === 0
      ? []
      : [[kind, containers.map(({ name, image }) => [String(name), imageInfo(String(image))] as const)] as const];
  });
  const broken = kinds.flatMap(([, images]) => images).find(([, info]) => info === undefined);
  if (broken) return new NotKnown(`images (that of ${broken[0]} is none)`);
  return Object.fromEntries(kinds.map(([kind, images]) => [kind, Object.fromEntries(images)]));
}

/** `request.object.labels."a.b"` as steps. */
function stepsOf(path: string): readonly string[] {
  return [...path.matchAll(/"((?:[^"\\]|\\.)*)"|([^."]+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
}

function withValue(data: RuleData, [step = '', ...rest]: readonly string[], value: unknown): RuleData {
  const below = Object.hasOwn(data, step) && isMap(data[step]) && !(data[step] instanceof NotKnown) ? data[step] : {};
  return { ...data, [step]: rest.length === 0 ? value : withValue(below, rest, value) };
}

/** Where the ConfigMaps that a context names are found. */
export interface ContextSources {
  readonly configMap: (name: string, namespace: string) => Fields | 'missing' | 'unknown';
}

/** Adds a rule's `context`: each entry is worked out when an expression looks at it, and sees those before it. */
export function withContext(data: RuleData, entries: unknown, sources: ContextSources): RuleData {
  return (Array.isArray(entries) ? entries.filter(isMap) : []).reduce<RuleData>((now, entry) => withEntry(now, entry, sources), data);
}

function withEntry(data: RuleData, entry: Fields, sources: ContextSources): RuleData {
  const name = String(entry.name);
  // A test gives what only a cluster or a registry could tell.
  if (!isMap(entry.variable) && Object.hasOwn(data, name)) return data;
  let found: { readonly value: unknown } | undefined;
  const read = () => {
    found ??= { value: entryValue(entry, data, sources) };
    return found.value;
  };
  return Object.defineProperties(
    {},
    { ...Object.getOwnPropertyDescriptors(data), [name]: { get: read, enumerable: true, configurable: true } },
  );
}

function entryValue(entry: Fields, data: RuleData, sources: ContextSources): unknown {
  if (isMap(entry.variable)) return variableValue(String(entry.name), entry.variable, data);
  if (isMap(entry.configMap)) return configMapValue(substitute(entry.configMap, data) as Fields, sources);
  const kind = ['apiCall', 'imageRegistry', 'globalReference'].find((one) => entry[one] !== undefined) ?? 'its source';
  throw new UndecidableQuery(`the context entry ${entry.name} takes a cluster or a registry (${kind})`);
}

/** `value` or the data, searched by `jmesPath`; `default` where that finds nothing. */
function variableValue(name: string, variable: Fields, data: RuleData): unknown {
  const fallback = variable.default === undefined ? null : substitute(variable.default, data);
  const given = variable.value === undefined ? undefined : substitute(variable.value, data);
  const path = variable.jmesPath === undefined ? undefined : substitute(variable.jmesPath, data);
  const value = path === undefined ? (given ?? null) : searched(String(path), given === undefined ? data : given, fallback);
  const output = value ?? fallback;
  if (output === null) throw new QueryError(`the context entry ${name} becomes null`);
  return output;
}

function searched(path: string, data: unknown, fallback: unknown): unknown {
  try {
    return searchData(path, data);
  } catch (error) {
    if (error instanceof QueryError && fallback !== null) return null;
    throw error;
  }
}

function configMapValue({ name, namespace = 'default' }: Fields, sources: ContextSources): unknown {
  const found = sources.configMap(String(name), String(namespace));
  if (found === 'unknown') throw new UndecidableQuery(`the ConfigMap ${namespace}/${name} is not known`);
  if (found === 'missing') throw new QueryError(`the ConfigMap ${namespace}/${name} does not exist`);
  return { ...found, data: isMap(found.data) ? found.data : {}, metadata: found.metadata ?? {} };
}

/** Adds the element of a `foreach`, at its place in the nesting. */
export function withElement(data: RuleData, element: unknown, at: { readonly index: number; readonly nesting: number }): RuleData {
  const added = {
    element,
    elementIndex: at.index,
    [`element${at.nesting}`]: element,
    [`elementIndex${at.nesting}`]: at.index,
  };
  return Object.defineProperties({}, { ...Object.getOwnPropertyDescriptors(data), ...Object.getOwnPropertyDescriptors(added) });
}
