import { type FieldPath, type JsonValue, readField } from '@tier0/core';
import { stringify } from 'yaml';
import { readYaml } from '../edit/yaml-source.ts';
import type { Manifest } from '../kubernetes/manifests.ts';
import { folderOf, isRecord, records, text } from './kustomize.ts';
import type { Owner } from './owner.ts';
import { fill, fluxParts, isTemplate, type Lookup } from './template-text.ts';

/** What `postBuild` of a Flux Kustomization fills in after everything is rendered. */
export interface FluxVariables {
  readonly lookup: Lookup;
  /** Where a variable is said; undefined: nowhere that was read. */
  placeOf(name: string): VariablePlace | undefined;
  /** A ConfigMap or Secret that is not in the repository, so that a variable may have another value than is seen; undefined: all is seen. */
  readonly unseen: string | undefined;
}

export interface VariablePlace {
  readonly file: string;
  readonly document: number;
  readonly path: FieldPath;
  readonly value: string;
  /** Name of the ConfigMap that says it; undefined: the Kustomization itself does. */
  readonly configMap: string | undefined;
}

const INLINE: FieldPath = ['spec', 'postBuild', 'substitute'];
/** An object that Flux leaves as it is. */
const DISABLED = ['kustomize.toolkit.fluxcd.io/substitute', 'disabled'] as const;

/** Reads what is substituted; undefined where the owner substitutes nothing. Later sources win over earlier ones, `substitute` over all. */
export function fluxVariablesOf(owner: Owner | undefined, configMaps: readonly Manifest[]): FluxVariables | undefined {
  if (owner?.kind !== 'Kustomization' || readField(owner.manifest.object, ['spec', 'postBuild']) === undefined) return undefined;
  const places = new Map<string, VariablePlace>();
  let unseen: string | undefined;
  for (const { kind, name } of sourcesOf(owner)) {
    const found = kind === 'ConfigMap' ? configMapOf(owner, name, configMaps) : undefined;
    if (!found) unseen = `${kind} ${name}`;
    else for (const place of dataOf(found, ['data'], name)) places.set(String(place.path.at(-1)), place);
  }
  for (const place of dataOf(owner.manifest, INLINE, undefined)) places.set(String(place.path.at(-1)), place);
  return { lookup: (name) => places.get(name)?.value, placeOf: (name) => places.get(name), unseen };
}

/** Where a variable that nothing says yet would be said. */
export function newVariablePath({ manifest }: Owner, name: string): FieldPath {
  return [...manifest.within, ...INLINE, name];
}

function sourcesOf(owner: Owner): readonly { readonly kind: string; readonly name: string }[] {
  const list = readField(owner.manifest.object, ['spec', 'postBuild', 'substituteFrom']);
  return records(list as JsonValue | undefined).map((entry) => ({ kind: text(entry.kind), name: text(entry.name) }));
}

/** The one of this name in the namespace of the owner; of several the one that stands beside the owner or below. */
function configMapOf({ manifest }: Owner, name: string, configMaps: readonly Manifest[]): Manifest | undefined {
  const home = manifest.object.metadata.namespace;
  const named = configMaps.filter(({ object: { metadata } }) => {
    return metadata.name === name && (metadata.namespace === undefined || home === undefined || metadata.namespace === home);
  });
  if (named.length <= 1) return named[0];
  const beside = named.filter(({ file }) => file.startsWith(`${folderOf(manifest.file)}/`));
  return beside.length === 1 ? beside[0] : undefined;
}

function dataOf(manifest: Manifest, at: FieldPath, configMap: string | undefined): readonly VariablePlace[] {
  const { file, document, within, object } = manifest;
  const data = readField(object, at);
  if (!isRecord(data)) return [];
  return Object.entries(data).flatMap(([name, value]) =>
    typeof value === 'string' ? [{ file, document, path: [...within, ...at, name], value, configMap }] : [],
  );
}

/** Names of the ConfigMaps that any of the owners takes variables from. */
export function variableSources(owners: readonly Owner[]): readonly string[] {
  return owners.filter(({ kind }) => kind === 'Kustomization').flatMap((owner) => sourcesOf(owner).map(({ name }) => name));
}

/** An object or a part of one as Flux applies it: printed, filled in and read again, so that `${count}` may become a number. */
export function substituted(value: JsonValue, { lookup }: FluxVariables): JsonValue | undefined {
  if (isRecord(value) && readField(value, ['metadata', 'annotations', DISABLED[0]]) === DISABLED[1]) return value;
  const printed = stringify(value, { lineWidth: 0 });
  const parts = fluxParts(printed);
  if (!isTemplate(parts) && !printed.includes('$${')) return value;
  const filled = fill(parts, lookup, '');
  const reading = filled === undefined ? undefined : readYaml(filled);
  return reading?.status === 'read' ? reading.source.values[0] : undefined;
}
