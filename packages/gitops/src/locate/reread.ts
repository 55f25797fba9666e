import { isDeepStrictEqual } from 'node:util';
import type { JsonValue } from '@tier0/core';
import { type Manifest, readManifest } from '../kubernetes/manifests.ts';
import type { Candidate } from './candidates.ts';
import { fluxVariablesOf, substituted } from './flux-variables.ts';
import type { JsonRecord } from './kustomize.ts';
import { type Owner, ownersIn } from './owner.ts';

type Texts = ReadonlyMap<string, string>;

/** The same object as other texts say it; undefined where it is not there any more. */
function reread({ file, document, within }: Manifest, texts: Texts): Manifest | undefined {
  const { manifests } = readManifest(file, texts.get(file) ?? '');
  return manifests.find((one) => one.document === document && isDeepStrictEqual(one.within, within));
}

/** The same owner as other texts say it. An Application of a set is made anew. */
function rereadOwner(owner: Owner, texts: Texts): Owner | undefined {
  const source = reread(owner.generated?.set ?? owner.manifest, texts);
  const { owners } = ownersIn(source ? [source] : [], texts);
  return owners.find((one) => one.manifest.object.metadata.name === owner.manifest.object.metadata.name);
}

/** What an owner changes of what it renders, as these texts say it. */
export function ownerValueIn(owner: Owner | undefined): (texts: Texts) => JsonRecord {
  return (texts) => (owner && rereadOwner(owner, texts)?.level?.value) ?? {};
}

/** Fills in what Flux fills in, as these texts say it. */
export function finishIn(
  { filledBy }: Candidate,
  configMaps: readonly Manifest[],
): (objects: readonly JsonValue[], texts: Texts) => readonly JsonValue[] | undefined {
  return (objects, texts) => {
    const owner = filledBy && rereadOwner(filledBy, texts);
    const variables = fluxVariablesOf(
      owner,
      configMaps.flatMap((one) => reread(one, texts) ?? []),
    );
    if (!variables) return objects;
    const filled = objects.flatMap((object) => {
      const made = substituted(object, variables);
      return made === undefined ? [] : [made];
    });
    return filled.length === objects.length ? filled : undefined;
  };
}
