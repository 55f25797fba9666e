import { formatFieldPath, type ItemEdit, type JsonValue, type Location } from '@tier0/core';
import type { Manifest } from '../kubernetes/manifests.ts';
import type { Candidate } from './candidates.ts';
import type { Owner } from './owner.ts';

/** A change of one value of a file, for people. */
export function shown({
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

export function placeOf(manifest: Manifest): string {
  return `${manifest.file} document ${manifest.document}`;
}

/** One Application of a set is told by its name: they all stand in one document. */
export function ownerPlace({ manifest, generated }: Owner): string {
  return generated ? `${placeOf(manifest)} (Application ${manifest.object.metadata.name})` : placeOf(manifest);
}

export function chainPlace({ manifest, chain }: Candidate): string {
  const top = chain.at(-1);
  return top ? `${placeOf(manifest)}, through ${top.file}` : placeOf(manifest);
}

export function notFound(reason: string): Location {
  return { status: 'not-found', reason };
}

export function ambiguous(candidates: readonly (string | JsonValue)[], reason: string): Location {
  return { status: 'ambiguous', candidates: [...new Set(candidates.map(String))], reason };
}
