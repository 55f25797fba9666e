import { type FieldPath, formatFieldPath, type JsonValue, readField, writeField } from '@tier0/core';
import type { Manifest } from '../kubernetes/manifests.ts';
import { type FluxVariables, substituted } from './flux-variables.ts';
import { type Chain, isRecord, type JsonRecord, text } from './kustomize.ts';
import { patchTexts } from './patches.ts';
import { trailOf } from './trail.ts';

/** A HelmRelease on its way through kustomizations. */
export interface ReleaseOnItsWay {
  readonly manifest: Manifest;
  readonly chain: Chain;
  readonly read: (file: string) => string | undefined;
  readonly variables: FluxVariables | undefined;
}

export type ReleasedValues = { readonly values: JsonRecord } | { readonly unclear: string };

const VALUES: FieldPath = ['spec', 'values'];

/** The values a HelmRelease has after its kustomizations and variables: each that it or a patch names, followed as any field is. */
export function releasedValues(release: ReleaseOnItsWay): ReleasedValues {
  const { manifest, chain, read, variables } = release;
  let values: JsonRecord = {};
  for (const path of namedPaths(release)) {
    const trail = trailOf({ manifest, chain, path: [...VALUES, ...path], read });
    if (trail.unclear) return { unclear: `${trail.unclear.file}: ${trail.unclear.reason}` };
    const value = trail.setters.at(-1)?.value;
    if (value !== undefined) values = writeField(values, path, value);
  }
  const filled = variables ? substituted(values, variables) : values;
  return isRecord(filled) ? { values: filled } : { unclear: `${manifest.file}: its values hold an expression that is not followed` };
}

function namedPaths({ manifest, chain, read }: ReleaseOnItsWay): readonly FieldPath[] {
  const own = leafPaths(readField(manifest.object, VALUES) as JsonValue | undefined, []);
  const patched = chain.flatMap((level) => patchTexts(level, read)).flatMap(pathsOfPatch);
  return [...new Map([...own, ...patched].map((path) => [formatFieldPath(path), path])).values()];
}

function pathsOfPatch(patch: JsonValue): readonly FieldPath[] {
  if (isRecord(patch)) return patch.kind === 'HelmRelease' ? leafPaths(readField(patch, VALUES) as JsonValue | undefined, []) : [];
  if (!Array.isArray(patch)) return [];
  return patch.flatMap((operation) => {
    const [, spec, values, ...rest] = isRecord(operation) ? text(operation.path).split('/') : [];
    if (spec !== 'spec' || values !== 'values' || !isRecord(operation)) return [];
    return leafPaths(
      operation.value,
      rest.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~')),
    );
  });
}

/** Lists are values: what a merge patch says of one replaces all of it. */
function leafPaths(value: JsonValue | undefined, path: FieldPath): readonly FieldPath[] {
  if (isRecord(value) && Object.keys(value).length > 0)
    return Object.entries(value).flatMap(([key, entry]) => leafPaths(entry as JsonValue, [...path, key]));
  return value === undefined ? [] : [path];
}
