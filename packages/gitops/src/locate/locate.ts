import {
  type CallContext,
  formatFieldPath,
  type ItemEdit,
  type JsonValue,
  type KubernetesIdentity,
  type Location,
  type Locator,
  parseKubernetesItemId,
} from '@tier0/core';
import type { Mirror } from '../git/mirror.ts';
import type { Manifest } from '../kubernetes/manifests.ts';
import { isSameValue } from './declared-value.ts';
import { addToOverlay, changeSetter, type FieldChange } from './field-change.ts';
import { locateInValues } from './helm.ts';
import { type Chain, folderOf, type Level, renderedIdentity } from './kustomize.ts';
import { isSameOwner, liveOwnerOf } from './live-owner.ts';
import { type Claim, claimOf, type Owner, ownersOf } from './owner.ts';
import { type Reach, reachOf } from './reach.ts';
import type { KustomizeRenderer } from './renderer.ts';
import { createRepositoryReader, type Repository } from './repository.ts';
import { type Setter, type Trail, trailOf } from './trail.ts';
import { verifyByRendering } from './verify.ts';

/** Which part of which branch declares the cluster. */
export interface LocatorOptions {
  readonly mirror: Mirror;
  /** Branch that the cluster is reconciled from. */
  readonly branch: string;
  /** Folder that declares this cluster; what its kustomizations and Flux objects reach belongs to it too. Default: the whole repository. */
  readonly path?: string | undefined;
  /** Proves what passes kustomizations by rendering them before and after. Default: nothing is rendered, and the reason says so. */
  readonly renderer?: KustomizeRenderer | undefined;
}

/**
 * Finds the line in Git behind a live field: through what Argo CD, Flux and Helm leave on the object, through kustomize bases, overlays and
 * patches, through the values of a chart, and by plain search. Where more than one place could be meant it says so instead of guessing.
 */
export function createLocator(options: LocatorOptions): Locator {
  const repositories = createRepositoryReader(options.mirror);
  return {
    async locate({ edit, reader }, context) {
      const identity = parseKubernetesItemId(edit.item);
      if (!identity) return notFound(`${edit.item} is not a Kubernetes object, so no manifest declares it`);
      await options.mirror.fetch(context);
      const commit = await options.mirror.resolve(options.branch, context);
      if (!commit) return notFound(`the branch ${options.branch} does not exist in ${options.mirror.url}`);
      // Bases and overlays stand outside the folder of a cluster: everything is read, and the folder says which way leads to it.
      const repository = await repositories.read(commit, identity, context);
      const live = reader.object(edit.item);
      const claim = claimOf(live);
      const reach = reachOf(repository.owners, options.path);
      const search: Search = {
        ...repository,
        options,
        identity,
        edit,
        live,
        claim,
        reach,
        liveOwner: liveOwnerOf(claim, identity, reader),
      };
      return locateIn(search, context);
    },
  };
}

interface Search extends Repository {
  readonly options: LocatorOptions;
  readonly identity: KubernetesIdentity;
  readonly edit: ItemEdit;
  readonly live: unknown;
  readonly claim: Claim | undefined;
  /** What belongs to the cluster that `path` declares. */
  readonly reach: Reach;
  /** The owner as it is in the cluster; undefined where that is not known. */
  readonly liveOwner: unknown;
}

/** A manifest that may be the item, and the levels between them. */
interface Candidate {
  readonly manifest: Manifest;
  readonly chain: Chain;
  readonly name: string;
  readonly namespace: string | undefined;
}

async function locateIn(search: Search, context: CallContext): Promise<Location> {
  const { identity, edit, claim } = search;
  const owners = nearestOwners(ownersOf(claim, search.owners), search);
  const [owner] = owners;
  if (owners.length > 1)
    return ambiguous(
      owners.map((one) => placeOf(one.manifest)),
      `${owners.length} objects are called ${claim?.kind} ${claim?.name}`,
    );
  if (owner && rendersChart(owner, search)) return fromValues(owner, search);
  const wanted = `${identity.kind} ${identity.namespace ?? '-'}/${identity.name}`;
  const candidates = bestCandidates(search, owner);
  const [candidate] = candidates;
  if (!candidate) {
    const unread = search.reading.unreadable.length > 0 ? `; could not look into: ${search.reading.unreadable.join('; ')}` : '';
    const release = claim?.kind === 'HelmRelease' && !owner ? `; it belongs to the release ${claim.name}, which nothing here declares` : '';
    return notFound(`no manifest on ${search.options.branch} declares ${wanted}${release}${unread}`);
  }
  if (candidates.length > 1) return ambiguous(candidates.map(chainPlace), `${candidates.length} places declare ${wanted}`);
  const trail = trailOf({
    manifest: candidate.manifest,
    chain: candidate.chain,
    path: edit.fieldPath,
    read: (file) => search.texts.get(file),
  });
  if (trail.unclear) return ambiguous([placeOf(candidate.manifest), trail.unclear.file], `${trail.unclear.file}: ${trail.unclear.reason}`);
  return fromTrail({ search, candidate, owner }, trail, context);
}

/** Of several owners of one name: those that render what the live one renders, and those of this cluster. */
function nearestOwners(owners: readonly Owner[], { liveOwner, reach }: Search): readonly Owner[] {
  const alike = owners.filter((owner) => isSameOwner(owner, liveOwner));
  const same = alike.length > 0 ? alike : owners;
  const near = same.filter(({ manifest, folder }) => reach.holds([manifest.file, `${folder ?? ''}/`]));
  return near.length > 0 ? near : same;
}

function rendersChart(owner: Owner, { texts }: Search): boolean {
  const { object } = owner.manifest;
  if (owner.kind === 'HelmRelease') return true;
  const source = (object.spec as { source?: { chart?: unknown; helm?: unknown } } | undefined)?.source;
  const isChart = source?.chart !== undefined || source?.helm !== undefined;
  return owner.kind === 'Application' && (isChart || (owner.folder !== undefined && texts.has(`${owner.folder}/Chart.yaml`)));
}

function fromValues(owner: Owner, search: Search): Location {
  const { edit, identity, texts, owners, options } = search;
  const found = locateInValues({ owner, owners, edit, name: identity.name, texts });
  if (found.status === 'found') return { status: 'found', edit: { repository: options.mirror.url, ...found.change }, reason: found.reason };
  return found.status === 'ambiguous' ? ambiguous(found.candidates, found.reason) : notFound(found.reason);
}

/** Those in the item's namespace; where none is, those that leave the namespace open. */
function bestCandidates(search: Search, owner: Owner | undefined): readonly Candidate[] {
  const all = candidatesFor(search, owner);
  const exact = all.filter((candidate) => candidate.namespace === search.identity.namespace);
  if (exact.length > 0) return exact;
  return all.filter((candidate) => candidate.namespace === undefined);
}

function candidatesFor(search: Search, owner: Owner | undefined): readonly Candidate[] {
  const { identity, reading, tree, live, reach } = search;
  const { apiVersion } = (live ?? {}) as { readonly apiVersion?: unknown };
  return reading.manifests
    .filter((manifest) => manifest.object.kind === identity.kind && !tree.isPatchFile(manifest.file))
    .filter((manifest) => typeof apiVersion !== 'string' || groupOf(manifest.object.apiVersion) === groupOf(apiVersion))
    .flatMap((manifest) => chainsFor(manifest, search, owner).map((chain) => ({ manifest, chain, ...renderedIdentity(manifest, chain) })))
    .filter((candidate) => candidate.name === identity.name)
    .filter(({ manifest, chain }) => owner !== undefined || reach.holds([manifest.file, ...chain.map(({ file }) => file)]));
}

/** Every way from a manifest to the cluster. With a known owner: only the one through its folder, and through what it changes itself. */
function chainsFor(manifest: Manifest, { tree }: Search, owner: Owner | undefined): readonly Chain[] {
  const chains = tree.chainsOf(manifest.file);
  if (!owner || owner.folder === undefined) return chains;
  const { folder, level } = owner;
  const own: readonly Level[] = level && hasTransforms(level) ? [level] : [];
  const cut = chains.flatMap((chain) => {
    const index = chain.findIndex((one) => one.folder === folder);
    return index === -1 ? [] : [[...chain.slice(0, index + 1), ...own]];
  });
  if (cut.length > 0) return uniqueChains(cut);
  const isInside = folder === '' || folderOf(manifest.file) === folder || manifest.file.startsWith(`${folder}/`);
  const isRendered = tree.kustomizations.some((one) => one.folder === folder);
  return isInside && !isRendered ? [own] : [];
}

function hasTransforms({ value }: Level): boolean {
  return ['images', 'patches', 'replicas', 'namePrefix', 'nameSuffix', 'namespace', 'commonLabels', 'commonAnnotations'].some(
    (key) => value[key] !== undefined && value[key] !== '',
  );
}

function uniqueChains(chains: readonly Chain[]): readonly Chain[] {
  return [...new Map(chains.map((chain) => [chain.map((level) => `${level.file}#${level.document}`).join('\n'), chain])).values()];
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
}

interface Found {
  readonly search: Search;
  readonly candidate: Candidate;
  readonly owner: Owner | undefined;
}

async function fromTrail(found: Found, trail: Trail, context: CallContext): Promise<Location> {
  const { search, candidate, owner } = found;
  const { edit, options } = search;
  const last = trail.setters.at(-1) as Setter;
  if (last.broad && !options.renderer)
    return ambiguous(
      [placeOf(candidate.manifest), last.file],
      `${last.file}: its patch may reach other objects, and there is no renderer to see`,
    );
  const users = usersOf(last, found);
  const overlay =
    users.length > 1 ? candidate.chain.findIndex((level, index) => index > last.level && rootsAbove(level, found).length <= 1) : undefined;
  const places = [placeOf(candidate.manifest), ...users];
  if (overlay === -1)
    return ambiguous(places, `${last.file} is a base that ${users.join(' and ')} share; a change there would reach all of them`);
  const level = overlay === undefined ? undefined : (candidate.chain[overlay] as Level);
  const request = { manifest: candidate.manifest, path: edit.fieldPath, value: last.value, edit };
  const change = level ? addToOverlay({ ...request, level }) : changeSetter(last, edit);
  if ('refused' in change) return ambiguous(places, `${level?.file ?? last.file}: ${change.refused}`);
  const by = owner ? `${owner.kind} ${owner.name} renders it (${search.claim?.by}); ` : '';
  const reason = by + (level ? sharedReason(last, users, change) : `declared in ${shown(change)}`);
  const located = { repository: options.mirror.url, ...change };
  const kind = parseKubernetesItemId(edit.item)?.kind ?? '';
  if (!isSameValue(last.value, edit.expectOld, { kind, path: edit.fieldPath })) {
    const [says, has] = [last.value, edit.expectOld].map((value) => (value === undefined ? 'nothing' : JSON.stringify(value)));
    return { status: 'drifted', edit: located, found: says ?? '', reason: `${reason}: it says ${says}, the cluster has ${has}` };
  }
  return proveLocation(found, change, reason, context);
}

function sharedReason(last: Setter, users: readonly string[], change: Exclude<FieldChange, { refused: string }>): string {
  return `${last.file} is shared by ${users.join(' and ')}, so it is said anew in ${shown(change)}`;
}

/** Who would be reached by a change of this place: the outermost kustomizations, and the owners that render them. */
function usersOf(setter: Setter, found: Found): readonly string[] {
  const { tree } = found.search;
  const level = found.candidate.chain[setter.level];
  if (level && level.at.length > 0) return [level.file];
  if (!level) return rootsAbove(undefined, found);
  const direct = setter.file === level.file ? [level] : tree.patchUsers(setter.file);
  return [...new Set(direct.flatMap((one) => rootsAbove(one, found)))];
}

function rootsAbove(level: Level | undefined, { search, candidate }: Found): readonly string[] {
  if (level && level.at.length > 0) return [level.file];
  const { tree, owners } = search;
  const chains = tree.chainsOf(level ? level.folder : candidate.manifest.file).map((chain) => (level ? [level, ...chain] : chain));
  const roots = chains.map((chain) => chain.at(-1)?.file ?? candidate.manifest.file);
  const folders = new Set(chains.flatMap((chain) => chain.map((one) => one.folder)));
  const rendering = owners
    .filter((owner) => owner.folder !== undefined && folders.has(owner.folder))
    .map((owner) => placeOf(owner.manifest));
  const distinct = [...new Set(roots)];
  return rendering.length > distinct.length ? rendering : distinct;
}

async function proveLocation(
  found: Found,
  change: Exclude<FieldChange, { refused: string }>,
  reason: string,
  context: CallContext,
): Promise<Location> {
  const { search, candidate } = found;
  const { options, edit, identity, texts } = search;
  const located = { repository: options.mirror.url, ...change };
  if (candidate.chain.length === 0) return { status: 'found', edit: located, reason };
  if (!options.renderer) return { status: 'found', edit: located, reason: `${reason}; not verified: there is no renderer` };
  const trial = { texts, change, chain: candidate.chain, edit, kind: identity.kind, name: identity.name };
  const proof = await verifyByRendering(trial, options.renderer, context);
  if (proof.status === 'disproved') return ambiguous([chainPlace(candidate), change.file], `${reason}; but ${proof.reason}`);
  const said = proof.status === 'proved' ? proof.reason : `not verified: ${proof.reason}`;
  return { status: 'found', edit: located, reason: `${reason}; ${said}` };
}

function shown({
  file,
  document,
  path,
}: {
  readonly file: string;
  readonly document: number;
  readonly path: ItemEdit['fieldPath'];
}): string {
  return `${file} document ${document}, ${formatFieldPath(path)}`;
}

function placeOf(manifest: Manifest): string {
  return `${manifest.file} document ${manifest.document}`;
}

function chainPlace({ manifest, chain }: Candidate): string {
  const top = chain.at(-1);
  return top ? `${placeOf(manifest)}, through ${top.file}` : placeOf(manifest);
}

function notFound(reason: string): Location {
  return { status: 'not-found', reason };
}

function ambiguous(candidates: readonly (string | JsonValue)[], reason: string): Location {
  return { status: 'ambiguous', candidates: [...new Set(candidates.map(String))], reason };
}
