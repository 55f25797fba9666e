import type { JsonValue } from '@tier0/core';
import { flawOfName } from '@tier0/core/files';
import { readYaml } from '../edit/yaml-source.ts';
import { folderOf, isRecord, type JsonRecord, join } from './kustomize.ts';

/** The files one kustomization needs, or why it is not rendered. */
export type Closure =
  | { readonly status: 'closed'; readonly files: ReadonlyMap<string, string> }
  | { readonly status: 'refused'; readonly reason: string };

/** Larger sets are no declaration of a cluster. */
const MAX_FILES = 5_000;
const MAX_BYTES = 64 * 1024 * 1024;
const FILE_NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** Every field that may stand in a kustomization, with how it names files. What is not listed is refused: it may run or fetch something. */
const FIELDS: Readonly<Record<string, 'plain' | 'targets' | 'files' | 'patches' | 'strategic' | 'generators' | 'path'>> = {
  apiVersion: 'plain',
  kind: 'plain',
  metadata: 'plain',
  namePrefix: 'plain',
  nameSuffix: 'plain',
  namespace: 'plain',
  labels: 'plain',
  commonLabels: 'plain',
  commonAnnotations: 'plain',
  images: 'plain',
  replicas: 'plain',
  generatorOptions: 'plain',
  sortOptions: 'plain',
  buildMetadata: 'plain',
  vars: 'plain',
  resources: 'targets',
  bases: 'targets',
  components: 'targets',
  configurations: 'files',
  crds: 'files',
  patches: 'patches',
  patchesJson6902: 'patches',
  replacements: 'patches',
  patchesStrategicMerge: 'strategic',
  configMapGenerator: 'generators',
  secretGenerator: 'generators',
  openapi: 'path',
};

/** Thrown inside this file only. */
class Refusal extends Error {}

/**
 * Follows a kustomization to every file it takes, all of them among `texts`, and writes each kustomization anew as plain JSON in which every
 * reference is a path that cannot be read as an address. So what a renderer gets is what was understood here, and nothing else.
 */
export function kustomizationClosure(texts: ReadonlyMap<string, string>, folder: string): Closure {
  const files = new Map<string, string>();
  try {
    takeFolder({ texts, files, folders: folderNames(texts) }, folder);
    return { status: 'closed', files };
  } catch (error) {
    if (error instanceof Refusal) return { status: 'refused', reason: error.message };
    throw error;
  }
}

interface Taking {
  readonly texts: ReadonlyMap<string, string>;
  /** What has been taken so far. */
  readonly files: Map<string, string>;
  readonly folders: ReadonlySet<string>;
}

function folderNames(texts: ReadonlyMap<string, string>): ReadonlySet<string> {
  const names = new Set<string>(['']);
  for (const file of texts.keys()) for (let at = file.indexOf('/'); at !== -1; at = file.indexOf('/', at + 1)) names.add(file.slice(0, at));
  return names;
}

function takeFolder(taking: Taking, folder: string): void {
  const found = FILE_NAMES.map((name) => (folder ? `${folder}/${name}` : name)).filter((file) => taking.texts.has(file));
  const [file] = found;
  if (file === undefined || found.length > 1) throw new Refusal(`${folder || 'the root'} holds ${found.length} kustomization files`);
  if (taking.files.has(file)) return;
  keep(taking, file, '');
  const values = parsed(taking, file);
  const [value] = values;
  if (values.length !== 1 || !isRecord(value)) throw new Refusal(`${file} is not one map`);
  keep(taking, file, JSON.stringify(rewritten({ taking, file, folder: folderOf(file) }, value)));
}

interface At {
  readonly taking: Taking;
  readonly file: string;
  readonly folder: string;
}

function rewritten(at: At, value: JsonRecord): JsonRecord {
  return Object.fromEntries(Object.entries(value).map(([field, entry]) => [field, rewrittenField(at, field, entry as JsonValue)]));
}

function rewrittenField(at: At, field: string, value: JsonValue): JsonValue {
  const form = Object.hasOwn(FIELDS, field) ? FIELDS[field] : undefined;
  if (form === undefined) throw new Refusal(`${at.file} uses "${field.slice(0, 60)}", which may run programs or fetch something`);
  if (form === 'plain' || value === null) return value;
  if (form === 'path')
    return isRecord(value) && value.path !== undefined ? { ...value, path: takeFile(at, value.path as JsonValue) } : value;
  if (!Array.isArray(value)) throw new Refusal(`"${field}" of ${at.file} is not a list`);
  return value.map((entry): JsonValue => {
    if (form === 'targets') return takeTarget(at, entry);
    if (form === 'files') return takeFile(at, entry);
    if (form === 'strategic') return takeStrategic(at, entry);
    return form === 'patches' ? takePatch(at, entry) : takeGenerator(at, entry);
  });
}

function takeTarget(at: At, entry: JsonValue): string {
  const path = localPath(at, entry);
  if (at.taking.texts.has(path)) return takeFile(at, entry);
  if (!at.taking.folders.has(path)) throw notThere(at, entry);
  takeFolder(at.taking, path);
  return relativePath(at.folder, path);
}

function takeFile(at: At, entry: JsonValue): string {
  const path = localPath(at, entry);
  if (!at.taking.texts.has(path)) throw notThere(at, entry);
  if (!at.taking.files.has(path)) {
    keep(at.taking, path, at.taking.texts.get(path) as string);
    if (/\.(?:ya?ml|json)$/i.test(path)) parsed(at.taking, path);
  }
  return relativePath(at.folder, path);
}

/** A patch is a file or the text itself; a text that could be an address is neither. */
function takeStrategic(at: At, entry: JsonValue): string {
  if (typeof entry === 'string' && (entry.includes('\n') || entry.trimStart().startsWith('{'))) return inline(at, entry);
  return takeFile(at, entry);
}

function takePatch(at: At, entry: JsonValue): JsonValue {
  if (!isRecord(entry)) throw new Refusal(`a patch of ${at.file} is not a map`);
  const { path, patch } = entry as { readonly path?: JsonValue; readonly patch?: JsonValue };
  return {
    ...entry,
    ...(path === undefined || path === '' ? {} : { path: takeFile(at, path) }),
    ...(typeof patch === 'string' ? { patch: inline(at, patch) } : {}),
  };
}

function takeGenerator(at: At, entry: JsonValue): JsonValue {
  if (!isRecord(entry)) throw new Refusal(`a generator of ${at.file} is not a map`);
  const { files, envs, env } = entry as Readonly<Record<'files' | 'envs' | 'env', JsonValue | undefined>>;
  const named = (source: JsonValue): string => {
    const text = String(source);
    const equals = text.indexOf('=');
    const path = takeFile(at, text.slice(equals + 1));
    return equals === -1 ? `${text.split('/').at(-1)}=${path}` : `${text.slice(0, equals)}=${path}`;
  };
  return {
    ...entry,
    ...(Array.isArray(files) ? { files: files.map(named) } : {}),
    ...(Array.isArray(envs) ? { envs: envs.map((file) => takeFile(at, file)) } : {}),
    ...(env === undefined || env === '' ? {} : { env: takeFile(at, env) }),
  };
}

function inline(at: At, text: string): string {
  if (/^\s*[a-z+.-]+:\/\//i.test(text)) throw new Refusal(`${at.file} takes something from a network`);
  const reading = readYaml(text);
  if (reading.status === 'unreadable') throw new Refusal(`a patch in ${at.file} is ${reading.reason}`);
  return text;
}

/** What an address has and a path in a repository need not. */
const ADDRESS = /[:?@%\\#]|\/\/|^~/;

function localPath(at: At, entry: JsonValue): string {
  if (typeof entry !== 'string' || entry === '') throw new Refusal(`${at.file} names something that is no path`);
  if (ADDRESS.test(entry)) throw new Refusal(`${at.file} takes ${JSON.stringify(entry.slice(0, 100))}, which may be on a network`);
  const up = entry.split('/').filter((part) => part === '..').length;
  const down = at.folder === '' ? 0 : at.folder.split('/').length;
  const leaves = entry.startsWith('/') || (up > down && climbsOut(at.folder, entry));
  const path = join(at.folder, entry);
  if (leaves || path.split('/').some((part) => part !== '' && flawOfName(part) !== undefined)) {
    throw new Refusal(`${at.file} takes ${JSON.stringify(entry.slice(0, 100))}, which lies outside the repository`);
  }
  return path;
}

function climbsOut(folder: string, path: string): boolean {
  let depth = folder === '' ? 0 : folder.split('/').length;
  for (const part of path.split('/')) {
    if (part === '..') depth -= 1;
    else if (part !== '.' && part !== '') depth += 1;
    if (depth < 0) return true;
  }
  return false;
}

/** Begins with a dot, so that nothing takes its first folder for a host. */
function relativePath(folder: string, path: string): string {
  const [from, to] = [folder ? folder.split('/') : [], path ? path.split('/') : []];
  let same = 0;
  while (same < from.length && same < to.length && from[same] === to[same]) same += 1;
  const up = from.slice(same).map(() => '..');
  return [...(up.length > 0 ? up : ['.']), ...to.slice(same)].join('/');
}

function parsed(taking: Taking, file: string): readonly JsonValue[] {
  const reading = readYaml(taking.texts.get(file) ?? '');
  if (reading.status === 'unreadable') throw new Refusal(`${file} is ${reading.reason}`);
  return reading.source.values.filter((value) => value !== null);
}

function keep(taking: Taking, file: string, text: string): void {
  taking.files.set(file, text);
  if (taking.files.size > MAX_FILES) throw new Refusal(`it takes more than ${MAX_FILES} files`);
  let bytes = 0;
  for (const one of taking.files.values()) bytes += one.length;
  if (bytes > MAX_BYTES) throw new Refusal(`it takes more than ${MAX_BYTES} bytes`);
}

function notThere(at: At, entry: JsonValue): Refusal {
  return new Refusal(`${at.file} takes ${JSON.stringify(String(entry).slice(0, 100))}, which is not in the repository`);
}
