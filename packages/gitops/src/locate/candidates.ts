import type { CmdbReader, ItemEdit, KubernetesIdentity } from '@tier0/core';
import type { Manifest } from '../kubernetes/manifests.ts';
import { type FluxVariables, fluxVariablesOf, substituted } from './flux-variables.ts';
import { type Chain, folderOf, isRecord, type Level, renderedIdentity, text } from './kustomize.ts';
import type { LocatorOptions } from './locate.ts';
import type { Claim, Owner } from './owner.ts';
import type { Reach } from './reach.ts';
import type { Repository } from './repository.ts';

/** One field of one item, looked for in one commit. */
export interface Search extends Repository {
  readonly options: LocatorOptions;
  readonly identity: KubernetesIdentity;
  readonly edit: ItemEdit;
  readonly reader: CmdbReader;
  readonly live: unknown;
  readonly claim: Claim | undefined;
  /** What belongs to the cluster that `path` declares. */
  readonly reach: Reach;
  /** The owner as it is in the cluster; undefined where that is not known. */
  readonly liveOwner: unknown;
}

/** A manifest that may be the item, and the levels between them. */
export interface Candidate {
  readonly manifest: Manifest;
  readonly chain: Chain;
  readonly name: string;
  readonly namespace: string | undefined;
  /** What Flux fills in on the way. */
  readonly variables: FluxVariables | undefined;
  /** Whose variables they are. */
  readonly filledBy: Owner | undefined;
}

/** Those in the item's namespace; where none is, those that leave the namespace open. */
export function bestCandidates(search: Search, owner: Owner | undefined): readonly Candidate[] {
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
    .flatMap((manifest) => chainsFor(manifest, search, owner).map((chain) => candidateOf({ manifest, chain }, search, owner)))
    .filter((candidate) => candidate.name === identity.name)
    .filter(({ manifest, chain }) => owner !== undefined || reach.holds([manifest.file, ...chain.map(({ file }) => file)]));
}

function candidateOf(way: Pick<Candidate, 'manifest' | 'chain'>, search: Search, owner: Owner | undefined): Candidate {
  const filledBy = owner ?? renderingKustomization(way, search);
  const variables = fluxVariablesOf(filledBy, search.configMaps);
  const identity = renderedIdentity(way.manifest, way.chain);
  const filled = variables ? substituted({ name: identity.name, namespace: identity.namespace ?? '' }, variables) : undefined;
  const seen = isRecord(filled) ? { name: text(filled.name), namespace: text(filled.namespace) || undefined } : identity;
  return { ...way, ...seen, variables, filledBy };
}

/** The one Flux Kustomization of this cluster that renders a folder on the way; undefined where several do. */
function renderingKustomization({ manifest, chain }: Pick<Candidate, 'manifest' | 'chain'>, { owners, reach }: Search): Owner | undefined {
  const folders = chain.length > 0 ? chain.map(({ folder }) => folder) : [folderOf(manifest.file)];
  const rendering = owners.filter(
    ({ kind, folder, manifest: { file } }) =>
      kind === 'Kustomization' && folder !== undefined && folders.includes(folder) && reach.holds([file]),
  );
  return rendering.length === 1 ? rendering[0] : undefined;
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
