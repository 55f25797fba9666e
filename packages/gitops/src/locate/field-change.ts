import { type FieldPath, type FileEdit, formatFieldPath, type ItemEdit, type JsonValue, readField, writeField } from '@tier0/core';
import { stringify } from 'yaml';
import { editYaml } from '../edit/yaml.ts';
import type { Manifest } from '../kubernetes/manifests.ts';
import { type Image, joinImage, parseArgoImage, splitImage } from './image.ts';
import { type JsonRecord, type Level, records, strings } from './kustomize.ts';
import type { Setter } from './trail.ts';

/** One change of one file, or why there is none. */
export type FieldChange = Omit<FileEdit, 'repository'> | { readonly refused: string };

/** Changes what a setter says so that the field becomes the wanted value. */
export function changeSetter(setter: Setter, edit: ItemEdit): FieldChange {
  if (setter.kind === 'image') return changeImage(setter, edit);
  const { file, document, path, declared, inner } = setter;
  if (!inner) return { file, document, path, ...given(declared, edit.value) };
  const changed = editYaml(inner.text, { document: inner.document, path: inner.path, expectOld: declared, value: edit.value });
  if (changed.status !== 'edited') return { refused: 'reason' in changed ? changed.reason : 'its patch says so already' };
  return { file, document, path, expectOld: inner.text, value: changed.text };
}

function given(expectOld: JsonValue | undefined, value: JsonValue | undefined): Pick<FileEdit, 'expectOld' | 'value'> {
  return { ...(expectOld === undefined ? {} : { expectOld }), ...(value === undefined ? {} : { value }) };
}

/** An `images:` entry says the tag or the digest; the name is not changed with it. */
function changeImage({ file, document, path, declared, value }: Setter, edit: ItemEdit): FieldChange {
  const wanted = splitImage(String(edit.value ?? ''));
  const now = splitImage(String(value));
  const cannot = { refused: `it decides about the image, and ${JSON.stringify(edit.value)} cannot be said by its ${path.at(-1)}` };
  if (wanted.name !== now.name) return cannot;
  if (typeof path.at(-1) === 'number') {
    const argo = parseArgoImage(String(declared));
    return { file, document, path, expectOld: declared, value: `${argo.prefix}${joinImage(wanted)}` };
  }
  const said = path.at(-1) === 'digest' ? wanted.digest : wanted.digest === undefined ? wanted.tag : undefined;
  return said === undefined ? cannot : { file, document, path, ...given(declared, said) };
}

/** What is changed in one environment, and where. */
export interface OverlayRequest {
  readonly level: Level;
  readonly manifest: Manifest;
  readonly path: FieldPath;
  /** What the field is before this level. */
  readonly value: JsonValue | undefined;
  readonly edit: ItemEdit;
}

/** Says the value anew in an overlay, so that a base which others share stays as it is. */
export function addToOverlay(request: OverlayRequest): FieldChange {
  const { level, path, value, edit } = request;
  if (path.at(-1) === 'image' && typeof value === 'string' && typeof edit.value === 'string') {
    return addImage(level, splitImage(value), splitImage(edit.value));
  }
  // A Flux Kustomization has images and patches, and no replicas.
  const countsReplicas = level.at.at(-1) !== 'spec';
  if (countsReplicas && formatFieldPath(path) === 'spec.replicas' && typeof edit.value === 'number')
    return addReplicas(request, edit.value);
  return addPatch(request);
}

function addImage({ file, document, at, value }: Level, now: Image, wanted: Image): FieldChange {
  const images: FieldPath = [...at, 'images'];
  const isArgo = at.at(-1) === 'kustomize';
  if (isArgo) {
    const renamed = now.name === wanted.name ? '' : `${now.name}=`;
    return { file, document, path: [...images, strings(value.images).length], value: renamed + joinImage(wanted) };
  }
  const entry: FieldPath = [...images, { key: 'name', value: now.name }];
  const said: JsonRecord = wanted.digest === undefined ? { newTag: wanted.tag ?? 'latest' } : { digest: wanted.digest };
  return { file, document, path: entry, value: now.name === wanted.name ? said : { newName: wanted.name, ...said } };
}

function addReplicas({ level, manifest }: OverlayRequest, count: number): FieldChange {
  const { file, document, at } = level;
  return { file, document, path: [...at, 'replicas', { key: 'name', value: manifest.object.metadata.name }, 'count'], value: count };
}

/** Lists of built-in kinds that a strategic merge patch merges by this key. */
const MERGE_KEYS: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  env: 'name',
  volumes: 'name',
  volumeMounts: 'mountPath',
};

function addPatch(request: OverlayRequest): FieldChange {
  const { level, manifest } = request;
  const patch = isMergedInPlace(request) ? strategicPatch(request) : jsonPatch(request);
  if (patch === undefined) return { refused: `${formatFieldPath(request.path)} passes a list that no patch can be trusted to find it in` };
  const { file, document, at, value } = level;
  const position = records(value.patches).length;
  const { kind, metadata } = manifest.object;
  return { file, document, path: [...at, 'patches', position], value: { target: { kind, name: metadata.name }, patch } };
}

/** A strategic merge puts the entries it names first: it keeps the order of a list only where ours is the first already. */
function isMergedInPlace({ manifest, path }: OverlayRequest): boolean {
  const { apiVersion } = manifest.object;
  const isBuiltIn = !apiVersion.includes('.') || /\.k8s\.io\//.test(apiVersion);
  return path.every((segment, index) => {
    if (typeof segment === 'string') return true;
    const isMerged = typeof segment === 'object' && isBuiltIn && MERGE_KEYS[String(path[index - 1])] === segment.key;
    return isMerged && positionOf(manifest.object, path, index) === 0;
  });
}

function strategicPatch({ manifest, path, edit }: OverlayRequest): string {
  const { apiVersion, kind, metadata } = manifest.object;
  const head = { apiVersion, kind, metadata: { name: metadata.name } };
  return stringify(writeField(head, path, edit.value ?? null), { lineWidth: 0 });
}

/** A JSON patch by position; a test of each entry's key makes the rendering fail, not go wrong, if the list changes one day. */
function jsonPatch({ manifest, path, value, edit }: OverlayRequest): string | undefined {
  const tests: JsonValue[] = [];
  let pointer = '';
  for (const [index, segment] of path.entries()) {
    const token = typeof segment === 'object' ? positionOf(manifest.object, path, index) : segment;
    if (token === undefined) return undefined;
    pointer += `/${String(token).replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (typeof segment === 'object') tests.push({ op: 'test', path: `${pointer}/${segment.key}`, value: segment.value });
  }
  if (readField(manifest.object, path.slice(0, -1)) === undefined) return undefined;
  if (edit.value === undefined) return stringify([...tests, { op: 'remove', path: pointer }], { lineWidth: 0 });
  return stringify([...tests, { op: value === undefined ? 'add' : 'replace', path: pointer, value: edit.value }], { lineWidth: 0 });
}

function positionOf(object: unknown, path: FieldPath, index: number): number | undefined {
  const segment = path[index];
  const entries = readField(object, path.slice(0, index));
  if (typeof segment !== 'object' || !Array.isArray(entries)) return undefined;
  const position = entries.findIndex((entry) => readField(entry, [segment.key]) === segment.value);
  return position === -1 ? undefined : position;
}
