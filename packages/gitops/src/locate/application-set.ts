import { type FieldPath, type JsonValue, readField } from '@tier0/core';
import { readYaml } from '../edit/yaml-source.ts';
import type { Manifest, ManifestObject } from '../kubernetes/manifests.ts';
import { folderOf, isRecord, type JsonRecord, records, text } from './kustomize.ts';
import { applicationSetParts, fill } from './template-text.ts';

/** A value that a generator hands to the template, and where it stands; no place: it comes from the name of a folder or file. */
export interface Parameter {
  readonly value: string;
  readonly place?: { readonly file: string; readonly document: number; readonly path: FieldPath; readonly declared: JsonValue } | undefined;
}

export type Parameters = ReadonlyMap<string, Parameter>;

/** An Application that an ApplicationSet makes. */
export interface GeneratedApplication {
  readonly object: ManifestObject;
  readonly parameters: Parameters;
}

/** What an ApplicationSet makes of a repository, or why that is not known. */
export type Generation =
  | { readonly status: 'generated'; readonly applications: readonly GeneratedApplication[] }
  | { readonly status: 'unknown'; readonly reason: string };

/** Thrown inside this file only. */
class Unknown extends Error {}

/** More than this many Applications out of one set are not looked at. */
const MAX_APPLICATIONS = 1_000;

/** Expands list, git and matrix generators over the files of a commit; what takes a cluster, a forge or a plugin is said to be unknown. */
export function generate(set: Manifest, texts: ReadonlyMap<string, string>): Generation {
  try {
    const spec = recordAt(set.object, ['spec']);
    if (spec.templatePatch !== undefined) throw new Unknown('its templatePatch is not followed');
    const template = recordAt(set.object, ['spec', 'template']);
    const goTemplate = spec.goTemplate === true;
    const lists = records(spec.generators).map((generator, index) =>
      parametersOf({ set, texts, goTemplate }, generator, ['spec', 'generators', index]),
    );
    const all = lists.flat();
    if (all.length > MAX_APPLICATIONS) throw new Unknown(`it makes more than ${MAX_APPLICATIONS} Applications`);
    return { status: 'generated', applications: all.map((parameters) => applicationOf(set, template, parameters)) };
  } catch (error) {
    if (error instanceof Unknown) return { status: 'unknown', reason: error.message };
    throw error;
  }
}

/** Whether the templates of a set are Go's. */
export function isGoTemplate(set: Manifest): boolean {
  return readField(set.object, ['spec', 'goTemplate']) === true;
}

function applicationOf(set: Manifest, template: JsonRecord, parameters: Parameters): GeneratedApplication {
  const filled = filledIn(template, parameters, isGoTemplate(set));
  const name = readField(filled, ['metadata', 'name']);
  if (typeof name !== 'string' || name.includes('{{'))
    throw new Unknown('the name of its Applications is made in a way that is not followed');
  const { apiVersion, metadata } = set.object;
  const own = isRecord(filled) ? filled : {};
  const namespace = metadata.namespace === undefined ? {} : { namespace: metadata.namespace };
  const object = { apiVersion, kind: 'Application', spec: own.spec, metadata: { ...recordAt(own, ['metadata']), name, ...namespace } };
  return { object, parameters };
}

/** Every text with its parameters filled in; one that uses what is not followed stays as it is. */
function filledIn(value: JsonValue, parameters: Parameters, goTemplate: boolean): JsonValue {
  if (typeof value === 'string')
    return fill(applicationSetParts(value, goTemplate), (name) => parameters.get(name)?.value, undefined) ?? value;
  if (Array.isArray(value)) return value.map((entry) => filledIn(entry, parameters, goTemplate));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, filledIn(entry as JsonValue, parameters, goTemplate)]));
}

interface Generating {
  readonly set: Manifest;
  readonly texts: ReadonlyMap<string, string>;
  readonly goTemplate: boolean;
}

function parametersOf(generating: Generating, generator: JsonRecord, at: FieldPath): readonly Parameters[] {
  const kinds = Object.keys(generator);
  const [kind = 'none'] = kinds;
  const body = recordAt(generator, [kind]);
  if (kinds.length !== 1 || !['list', 'git', 'matrix'].includes(kind))
    throw new Unknown(`its generator ${kinds.join(' and ')} is not followed`);
  if (body.template !== undefined) throw new Unknown('the template of its own of a generator is not followed');
  if (JSON.stringify(body).includes('{{') && kind !== 'matrix' && body.values === undefined)
    throw new Unknown('a generator that uses what another one gives is not followed');
  if (kind === 'list') return listParameters(generating, body, [...at, kind]);
  return kind === 'git' ? gitParameters(generating, body) : matrixParameters(generating, body, [...at, kind]);
}

function listParameters({ set }: Generating, body: JsonRecord, at: FieldPath): readonly Parameters[] {
  if (body.elementsYaml !== undefined) throw new Unknown('elementsYaml is not followed');
  const { file, document, within } = set;
  return records(body.elements).map((element, index) => {
    return new Map(flattened(element, { file, document, path: [...within, ...at, 'elements', index] }));
  });
}

function matrixParameters(generating: Generating, body: JsonRecord, at: FieldPath): readonly Parameters[] {
  const generators = records(body.generators);
  const [first = [], second = []] = generators.map((one, index) => parametersOf(generating, one, [...at, 'generators', index]));
  if (generators.length !== 2) throw new Unknown('a matrix has two generators');
  return first.flatMap((one) => second.map((other) => new Map([...one, ...other])));
}

function gitParameters(generating: Generating, body: JsonRecord): readonly Parameters[] {
  const prefix = text(body.pathParamPrefix);
  const found = body.files === undefined ? directoryParameters(generating, body) : fileParameters(generating, body);
  const prefixed = found.map((one) =>
    prefix === '' ? one : new Map([...one].map(([name, value]) => [/^path\b/.test(name) ? `${prefix}.${name}` : name, value])),
  );
  return prefixed.map((one) => withValues(one, recordAt(body, ['values']), generating.goTemplate));
}

function withValues(parameters: Parameters, values: JsonRecord, goTemplate: boolean): Parameters {
  const filled = Object.entries(values).map(
    ([name, value]) => [`values.${name}`, { value: text(filledIn(value, parameters, goTemplate)) }] as const,
  );
  return new Map([...parameters, ...filled]);
}

function directoryParameters({ texts, goTemplate }: Generating, body: JsonRecord): readonly Parameters[] {
  const patterns = records(body.directories).map((entry) => ({ fits: globOf(text(entry.path)), exclude: entry.exclude === true }));
  const isChosen = (folder: string) =>
    patterns.some(({ fits, exclude }) => !exclude && fits(folder)) && !patterns.some(({ fits, exclude }) => exclude && fits(folder));
  return foldersOf(texts)
    .filter(isChosen)
    .map((folder) => new Map(pathParameters(folder, goTemplate)));
}

function foldersOf(texts: ReadonlyMap<string, string>): readonly string[] {
  const folders = new Set<string>();
  for (const file of texts.keys()) for (let folder = folderOf(file); folder !== ''; folder = folderOf(folder)) folders.add(folder);
  // Argo CD looks into no folder whose name begins with a dot.
  return [...folders].filter((folder) => !folder.split('/').some((part) => part.startsWith('.'))).sort();
}

function fileParameters({ texts, goTemplate }: Generating, body: JsonRecord): readonly Parameters[] {
  const patterns = records(body.files).map((entry) => globOf(text(entry.path)));
  const files = [...texts.keys()].filter((file) => patterns.some((fits) => fits(file))).sort();
  return files.map((file) => {
    const reading = readYaml(texts.get(file) ?? '');
    const value = reading.status === 'read' ? reading.source.values[0] : undefined;
    if (!isRecord(value)) throw new Unknown(`${file} is not one map`);
    const base = file.split('/').at(-1) ?? file;
    const named: readonly (readonly [string, Parameter])[] = [
      ['path.filename', { value: base }],
      ['path.filenameNormalized', { value: normalized(base) }],
    ];
    return new Map([...flattened(value, { file, document: 0, path: [] }), ...pathParameters(folderOf(file), goTemplate), ...named]);
  });
}

function pathParameters(folder: string, goTemplate: boolean): readonly (readonly [string, Parameter])[] {
  const segments = folder.split('/');
  const base = segments.at(-1) ?? '';
  return [
    [goTemplate ? 'path.path' : 'path', { value: folder }],
    ['path.basename', { value: base }],
    ['path.basenameNormalized', { value: normalized(base) }],
    ...segments.map((segment, index) => [`path${goTemplate ? '.segments' : ''}[${index}]`, { value: segment }] as const),
  ];
}

function normalized(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9.-]/g, '-');
}

/** `a.b` for what stands below `a`, as both kinds of template name it. */
function flattened(
  value: JsonRecord,
  at: { readonly file: string; readonly document: number; readonly path: FieldPath },
  prefix = '',
): readonly (readonly [string, Parameter])[] {
  return Object.entries(value).flatMap(([key, entry]): readonly (readonly [string, Parameter])[] => {
    const place = { ...at, path: [...at.path, key] };
    if (isRecord(entry)) return flattened(entry, place, `${prefix}${key}.`);
    if (entry === null || typeof entry === 'object') return [];
    return [[`${prefix}${key}`, { value: String(entry), place: { ...place, declared: entry } }]];
  });
}

/** `*` and `?` within one name, `**` over any number of them. */
function globOf(pattern: string): (path: string) => boolean {
  const source = pattern
    .replace(/^\.?\/+|\/+$/g, '')
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('**/', '\0')
    .replaceAll('**', '\x01')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]')
    .replaceAll('\0', '(?:[^/]+/)*')
    .replaceAll('\x01', '.*');
  const whole = new RegExp(`^${source}$`);
  return (path) => whole.test(path);
}

function recordAt(value: unknown, path: FieldPath): JsonRecord {
  const found = readField(value, path);
  return isRecord(found) ? found : {};
}
