import { isDeepStrictEqual } from 'node:util';
import {
  type CallContext,
  type FieldPath,
  type FileEdit,
  formatFieldPath,
  type ItemEdit,
  type JsonValue,
  type KubernetesIdentity,
  type Location,
  type Locator,
  parseKubernetesItemId,
  parseQuantity,
  readField,
} from '@tier0/core';
import type { Mirror } from '../git/mirror.ts';
import { type Manifest, type ManifestReading, readManifests, readManifestTexts } from '../kubernetes/manifests.ts';
import { type Chain, findOverride, type KustomizeTree, kustomizeTree, renderedIdentity, splitImage } from './kustomize.ts';

/** Which part of which branch declares the cluster. */
export interface LocatorOptions {
  readonly mirror: Mirror;
  /** Branch that the cluster is reconciled from. */
  readonly branch: string;
  /** Folder that declares this cluster. Default: the whole repository. */
  readonly path?: string | undefined;
}

/** Finds the line in Git behind a live field. Where more than one place could be meant it says so instead of guessing. */
export function createLocator(options: LocatorOptions): Locator {
  return {
    async locate({ edit, reader }, context) {
      const identity = parseKubernetesItemId(edit.item);
      if (!identity) return notFound(`${edit.item} is not a Kubernetes object, so no manifest declares it`);
      const reading = await readRepository(options, identity, context);
      if ('status' in reading) return reading;
      const apiVersion = (reader.object(edit.item) as { apiVersion?: unknown } | undefined)?.apiVersion;
      const search: Search = { ...reading, identity, apiVersion: typeof apiVersion === 'string' ? apiVersion : undefined };
      return locateIn(options, search, edit);
    },
  };
}

interface Search extends Repository {
  readonly identity: KubernetesIdentity;
  /** Of the live object, when it is known. */
  readonly apiVersion: string | undefined;
}

interface Repository {
  readonly reading: ManifestReading;
  readonly tree: KustomizeTree;
}

/** Parses what can matter: files that hold the kind and a possible name, and all kustomizations. Everything when that finds nothing. */
async function readRepository(options: LocatorOptions, identity: KubernetesIdentity, context: CallContext): Promise<Repository | Location> {
  await options.mirror.fetch(context);
  const commit = await options.mirror.resolve(options.branch, context);
  if (!commit) return notFound(`the branch ${options.branch} does not exist in ${options.mirror.url}`);
  const texts = await readManifestTexts(options.mirror, { commit, folder: options.path }, context);
  const kustomizations = readManifests(new Map([...texts].filter(([file]) => /kustomization\.ya?ml$|Kustomization$/.test(file))));
  const tree = kustomizeTree(kustomizations);
  const names = [identity.name, ...tree.affixes.map((affix) => withoutAffix(identity.name, affix))];
  const likely = new Map([...texts].filter(([, text]) => text.includes(identity.kind) && names.some((name) => text.includes(name))));
  const reading = readManifests(likely.size > 0 ? likely : texts);
  const found = reading.manifests.some((manifest) => manifest.object.kind === identity.kind);
  const complete = found ? reading : readManifests(texts);
  return { reading: { ...complete, kustomizations: kustomizations.kustomizations }, tree };
}

function withoutAffix(name: string, affix: { readonly prefix: string; readonly suffix: string }): string {
  const start = name.startsWith(affix.prefix) ? affix.prefix.length : 0;
  const end = affix.suffix && name.endsWith(affix.suffix) ? -affix.suffix.length : undefined;
  return name.slice(start, end);
}

interface Candidate {
  readonly manifest: Manifest;
  readonly chain: Chain;
  readonly namespace: string | undefined;
}

function locateIn(options: LocatorOptions, search: Search, edit: ItemEdit): Location {
  const { identity, reading, tree } = search;
  const all = candidatesFor(search);
  const exact = all.filter((candidate) => candidate.namespace === identity.namespace);
  const candidates = exact.length > 0 ? exact : all.filter((candidate) => candidate.namespace === undefined);
  const wanted = `${identity.kind} ${identity.namespace ?? '-'}/${identity.name}`;
  const [candidate] = candidates;
  if (!candidate) {
    const unread = reading.unreadable.length > 0 ? `; could not look into: ${reading.unreadable.join('; ')}` : '';
    return notFound(`no manifest on ${options.branch} declares ${wanted}${unread}`);
  }
  if (candidates.length > 1)
    return ambiguous(
      candidates.map((one) => placeOf(one.manifest)),
      `${candidates.length} places declare ${wanted}`,
    );
  const override = findOverride({ manifest: candidate.manifest, chain: candidate.chain, path: edit.fieldPath }, reading);
  switch (override.kind) {
    case 'unclear':
      return ambiguous([placeOf(candidate.manifest), override.file], `${override.file}: ${override.reason}`);
    case 'image':
      return locateImage(options, override, edit, candidate);
    case 'replicas':
      return compare(options, edit, {
        file: override.file,
        document: 0,
        path: ['replicas', { key: 'name', value: override.name }, 'count'],
        reading,
      });
    case 'patch':
      return compare(options, edit, { ...override.manifest, path: [...override.manifest.within, ...edit.fieldPath], reading });
    case 'none': {
      const shared = tree.chainsOf(candidate.manifest.file);
      if (shared.length > 1) return sharedBase(candidate, shared);
      return compare(options, edit, { ...candidate.manifest, path: [...candidate.manifest.within, ...edit.fieldPath], reading });
    }
  }
}

function candidatesFor(search: Search): readonly Candidate[] {
  const { identity, reading, tree, apiVersion } = search;
  return reading.manifests
    .filter((manifest) => manifest.object.kind === identity.kind && !tree.isPatchFile(manifest.file))
    .filter((manifest) => apiVersion === undefined || groupOf(manifest.object.apiVersion) === groupOf(apiVersion))
    .flatMap((manifest) => tree.chainsOf(manifest.file).map((chain) => ({ manifest, chain, ...renderedIdentity(manifest, chain) })))
    .filter((candidate) => candidate.name === identity.name);
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
}

function sharedBase(candidate: Candidate, chains: readonly Chain[]): Location {
  const roots = chains.map((chain) => chain.at(-1)?.file ?? candidate.manifest.file);
  return ambiguous(
    [placeOf(candidate.manifest), ...roots],
    `${candidate.manifest.file} is a base that ${roots.join(' and ')} share; a change there would reach all of them`,
  );
}

interface Target {
  readonly file: string;
  readonly document: number;
  readonly path: FieldPath;
  readonly reading: ManifestReading;
}

/** Says where the field stands, and whether the file still says what the cluster does. */
function compare(options: LocatorOptions, edit: ItemEdit, target: Target): Location {
  const declared = readDeclared(target);
  const fileEdit: FileEdit = {
    repository: options.mirror.url,
    file: target.file,
    document: target.document,
    path: target.path,
    ...(declared === undefined ? {} : { expectOld: declared }),
    ...(edit.value === undefined ? {} : { value: edit.value }),
  };
  const place = `${target.file} document ${target.document}, ${formatFieldPath(target.path)}`;
  if (isSameValue(declared, edit.expectOld, edit.fieldPath)) return { status: 'found', edit: fileEdit, reason: `declared in ${place}` };
  const found = declared === undefined ? 'nothing' : JSON.stringify(declared);
  const live = edit.expectOld === undefined ? 'nothing' : JSON.stringify(edit.expectOld);
  return { status: 'drifted', edit: fileEdit, found, reason: `${place} says ${found}, the cluster has ${live}` };
}

function readDeclared(target: Target): JsonValue | undefined {
  const kustomization = target.reading.kustomizations.find((one) => one.file === target.file);
  const manifests = target.reading.manifests.filter((one) => one.file === target.file && one.document === target.document);
  if (kustomization) return readField(kustomization.value, target.path) as JsonValue | undefined;
  for (const { within, object } of manifests) {
    const isInside = isDeepStrictEqual(target.path.slice(0, within.length), within);
    if (isInside) return readField(object, target.path.slice(within.length)) as JsonValue | undefined;
  }
  return undefined;
}

/** Values the API server fills in where a manifest says nothing. */
const DEFAULTS: Readonly<Record<string, JsonValue>> = {
  replicas: 1,
  terminationGracePeriodSeconds: 30,
  revisionHistoryLimit: 10,
  progressDeadlineSeconds: 600,
  timeoutSeconds: 1,
  periodSeconds: 10,
  successThreshold: 1,
  failureThreshold: 3,
  initialDelaySeconds: 0,
};

function isSameValue(declared: JsonValue | undefined, live: JsonValue | undefined, path: FieldPath): boolean {
  if (isDeepStrictEqual(declared, live)) return true;
  const last = path.at(-1);
  if (declared === undefined) return typeof last === 'string' && Object.hasOwn(DEFAULTS, last) && DEFAULTS[last] === live;
  if (!path.includes('resources')) return false;
  const amount = parseQuantity(declared);
  return amount !== undefined && amount === parseQuantity(live);
}

/** `images:` decides about the tag: the new tag goes there, if it is the same image. */
function locateImage(
  options: LocatorOptions,
  override: { readonly file: string; readonly image: string; readonly entry: Readonly<Record<string, JsonValue>> },
  edit: ItemEdit,
  candidate: Candidate,
): Location {
  const base = splitImage(String(readField(candidate.manifest.object, edit.fieldPath) ?? ''));
  const { newName, newTag, digest } = override.entry;
  const name = typeof newName === 'string' ? newName : base.name;
  const wanted = splitImage(String(edit.value ?? ''));
  const places = [placeOf(candidate.manifest), override.file];
  const key = digest !== undefined ? 'digest' : 'newTag';
  const value = key === 'digest' ? wanted.digest : wanted.tag;
  if (wanted.name !== name || value === undefined || (key === 'newTag' && wanted.digest)) {
    return ambiguous(
      places,
      `${override.file} decides about the image ${override.image}, and ${JSON.stringify(edit.value)} cannot be said by its ${key}`,
    );
  }
  const old = key === 'digest' ? digest : newTag;
  const rendered =
    old === undefined ? String(readField(candidate.manifest.object, edit.fieldPath)) : `${name}${key === 'digest' ? '@' : ':'}${old}`;
  const path: FieldPath = ['images', { key: 'name', value: override.image }, key];
  const fileEdit: FileEdit = {
    repository: options.mirror.url,
    file: override.file,
    document: 0,
    path,
    ...(old === undefined ? {} : { expectOld: old }),
    value,
  };
  if (rendered === edit.expectOld)
    return { status: 'found', edit: fileEdit, reason: `the tag is set in ${override.file}, ${formatFieldPath(path)}` };
  return {
    status: 'drifted',
    edit: fileEdit,
    found: rendered,
    reason: `${override.file} makes it ${rendered}, the cluster has ${JSON.stringify(edit.expectOld)}`,
  };
}

function placeOf(manifest: Manifest): string {
  return `${manifest.file} document ${manifest.document}`;
}

function notFound(reason: string): Location {
  return { status: 'not-found', reason };
}

function ambiguous(candidates: readonly string[], reason: string): Location {
  return { status: 'ambiguous', candidates: [...new Set(candidates)], reason };
}
