import { type FieldPath, formatFieldPath, type JsonValue, readField } from '@tier0/core';
import type { Manifest } from '../kubernetes/manifests.ts';
import { joinImage, parseArgoImage, replaceImage, splitImage } from './image.ts';
import { type Chain, type JsonRecord, type Level, records, strings, text } from './kustomize.ts';
import { patchSetters } from './patches.ts';

/** A place that sets a field on its way from the manifest to the cluster. */
export interface Setter {
  readonly kind: 'manifest' | 'patch' | 'image' | 'replicas';
  readonly file: string;
  readonly document: number;
  /** Path of the value in the document; of the text that holds it, when there is an `inner`. */
  readonly path: FieldPath;
  /** The value stands in a text of its own, as inline patches do. */
  readonly inner?: { readonly text: string; readonly document: number; readonly path: FieldPath } | undefined;
  /** Position of its level in the chain, from 0; -1 for the manifest itself. */
  readonly level: number;
  /** It may reach further objects: a patch whose target is no single name. */
  readonly broad?: boolean | undefined;
  /** What the place says; undefined: nothing. */
  readonly declared: JsonValue | undefined;
  /** What the field is after it. */
  readonly value: JsonValue | undefined;
}

/** Something that may set the field in a way that is not followed. */
export interface Unclear {
  readonly file: string;
  readonly reason: string;
}

export interface Request {
  readonly manifest: Manifest;
  readonly chain: Chain;
  readonly path: FieldPath;
  /** Text of a file of the repository. */
  readonly read: (file: string) => string | undefined;
}

export interface Trail {
  /** Innermost first; the last one decides. */
  readonly setters: readonly Setter[];
  /** Set when something unclear comes after the last setter. */
  readonly unclear?: Unclear | undefined;
}

/** Follows a field from its manifest outwards, level by level, as kustomize does: patches first, then images, then replicas. */
export function trailOf(request: Request): Trail {
  const { manifest, chain, path } = request;
  const declared = readField(manifest.object, path) as JsonValue | undefined;
  const { file, document, within } = manifest;
  const setters: Setter[] = [{ kind: 'manifest', file, document, path: [...within, ...path], level: -1, declared, value: declared }];
  let unclear: Unclear | undefined;
  let { name } = manifest.object.metadata;
  for (const [index, level] of chain.entries()) {
    const state = { ...request, level, index, names: [manifest.object.metadata.name, name], value: setters.at(-1)?.value };
    for (const step of [patchSetters, imageSetter, replicasSetter, elsewhere]) {
      for (const found of step({ ...state, value: setters.at(-1)?.value })) {
        if ('reason' in found) unclear = found;
        else {
          setters.push(found);
          unclear = undefined;
        }
      }
    }
    name = text(level.value.namePrefix) + name + text(level.value.nameSuffix);
  }
  return { setters, unclear };
}

/** One level on the way, with what the field is when it arrives there. */
export interface Passing extends Request {
  readonly level: Level;
  readonly index: number;
  /** The names the object has had so far. */
  readonly names: readonly string[];
  readonly value: JsonValue | undefined;
}

function imageSetter({ path, value, level, index }: Passing): readonly Setter[] {
  if (path.at(-1) !== 'image' || typeof value !== 'string') return [];
  const image = splitImage(value);
  const made = (rest: FieldPath, declared: JsonValue | undefined, after: string): Setter => ({
    kind: 'image',
    file: level.file,
    document: level.document,
    path: [...level.at, 'images', ...rest],
    level: index,
    declared,
    value: after,
  });
  const list = level.value.images;
  for (const [position, argo] of strings(list).entries()) {
    const parsed = parseArgoImage(argo);
    if (parsed.name === image.name) return [made([position], argo, joinImage(parsed.image))];
  }
  const entry = records(list).find((candidate) => candidate.name === image.name);
  if (!entry) return [];
  const key = entry.digest === undefined ? 'newTag' : 'digest';
  return [made([{ key: 'name', value: image.name }, key], entry[key], joinImage(replaceImage(image, entry)))];
}

function replicasSetter({ path, level, index, names }: Passing): readonly Setter[] {
  if (formatFieldPath(path) !== 'spec.replicas' || level.at.at(-1) === 'spec') return [];
  const entry = records(level.value.replicas).find((candidate) => names.includes(text(candidate.name)));
  if (!entry) return [];
  const place: FieldPath = [...level.at, 'replicas', { key: 'name', value: text(entry.name) }, 'count'];
  const { file, document } = level;
  // Argo CD takes a text too.
  const value = typeof entry.count === 'string' && /^\d{1,9}$/.test(entry.count) ? Number(entry.count) : entry.count;
  return [{ kind: 'replicas', file, document, path: place, level: index, declared: entry.count, value }];
}

/** Parts of a kustomization that may set any field, and are not followed. */
function elsewhere({ level, path, value }: Passing): readonly Unclear[] {
  const last = path.at(-1);
  const said = (part: string) => ({ file: level.file, reason: `its ${part} may set this field` });
  const found: Unclear[] = [];
  for (const part of ['transformers', 'replacements'] as const) {
    if (records(level.value[part]).length + strings(level.value[part]).length > 0) found.push(said(part));
  }
  if (typeof value === 'string' && value.includes('$(') && records(level.value.vars).length > 0) found.push(said('vars'));
  if (typeof last === 'string' && isCommon(level.value, path.at(-2), last)) found.push(said('common labels or annotations'));
  return found;
}

function isCommon(value: JsonRecord, parent: unknown, key: string): boolean {
  const { commonLabels, commonAnnotations, labels } = value;
  const pairs = [commonLabels, commonAnnotations, ...records(labels).map((entry) => entry.pairs)];
  if (!['labels', 'annotations', 'matchLabels', 'selector'].includes(String(parent))) return false;
  return pairs.some((map) => readField(map, [key]) !== undefined);
}
