import { readField } from '@tier0/core';
import type { Candidate, Search } from './candidates.ts';
import { folderOf, type Level } from './kustomize.ts';
import type { Owner } from './owner.ts';
import { ownerPlace } from './places.ts';
import { isInTemplate } from './template-change.ts';
import type { Setter } from './trail.ts';

/** A candidate, who renders it, and what was asked. */
export interface Found {
  readonly search: Search;
  readonly candidate: Candidate;
  readonly owner: Owner | undefined;
}

/** Who would be reached by a change of this place: the outermost kustomizations, and the owners that render them. */
export function usersOf(setter: Setter, found: Found): readonly string[] {
  const { tree } = found.search;
  const level = found.candidate.chain[setter.level];
  // What stands in a template is looked at when the change is made: a parameter behind it reaches one Application.
  if (level && level.at.length > 0) return [level.file];
  if (!level) return rootsAbove(undefined, found);
  const direct = setter.file === level.file ? [level] : tree.patchUsers(setter.file);
  return [...new Set(direct.flatMap((one) => rootsAbove(one, found)))];
}

/** The outermost kustomizations above a level, or above the manifest. */
export function rootsAbove(level: Level | undefined, { search, candidate, owner }: Found): readonly string[] {
  if (level && level.at.length > 0)
    return isInTemplate(owner, { ...level, path: level.at }) ? (owner?.generated?.applications ?? []) : [level.file];
  const { tree, owners } = search;
  const chains = tree.chainsOf(level ? level.folder : candidate.manifest.file).map((chain) => (level ? [level, ...chain] : chain));
  const roots = chains.map((chain) => chain.at(-1)?.file ?? candidate.manifest.file);
  const folders = new Set(chains.flatMap((chain) => chain.map((one) => one.folder)));
  const rendering = owners.filter((one) => isRendering(one, folders, candidate)).map(ownerPlace);
  const distinct = [...new Set(roots)];
  return rendering.length > distinct.length ? rendering : distinct;
}

/** Whether an owner renders a folder on the way. Where no kustomization is, Flux takes all below its folder, Argo CD the folder alone. */
function isRendering({ folder, kind, manifest }: Owner, folders: ReadonlySet<string>, candidate: Candidate): boolean {
  if (folder === undefined) return false;
  if (folders.has(folder)) return true;
  const { file } = candidate.manifest;
  const recurses = kind === 'Kustomization' || readField(manifest.object, ['spec', 'source', 'directory', 'recurse']) === true;
  const isPlain = candidate.chain.every(({ at }) => at.length > 0);
  return isPlain && folder !== '' && (folderOf(file) === folder || (recurses && file.startsWith(`${folder}/`)));
}
