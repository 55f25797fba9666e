import { isDeepStrictEqual } from 'node:util';
import { type ItemEdit, type JsonValue, readField } from '@tier0/core';
import type { Candidate, Search } from './candidates.ts';
import type { FieldChange } from './field-change.ts';
import { type FluxVariables, fluxVariablesOf, newVariablePath, substituted } from './flux-variables.ts';
import { kustomizationClosure } from './kustomization-closure.ts';
import type { Owner } from './owner.ts';
import { fluxParts, isTemplate, solve, type TemplatePart } from './template-text.ts';
import type { Setter } from './trail.ts';

/** What became of a field whose declaration names variables. */
export type VariableChange =
  /** The variable behind it is changed. */
  | { readonly status: 'variable'; readonly change: Exclude<FieldChange, { refused: string }>; readonly why: string }
  /** No variable is behind it, or one that sets more than this: the field is said where it stands. */
  | { readonly status: 'literal'; readonly why: string }
  | { readonly status: 'unknown'; readonly reason: string };

export interface Filling {
  readonly search: Search;
  readonly candidate: Candidate;
  readonly setter: Setter;
  /** Others are reached by a change of the place that names the variable. */
  readonly isShared: boolean;
}

/** The value that a declaration has in the cluster; `unknown` where what Flux fills in cannot be followed. */
export function filledValue(
  value: JsonValue | undefined,
  { variables, manifest }: Candidate,
): { readonly value: JsonValue | undefined } | 'unknown' {
  if (!variables || value === undefined) return { value };
  const { annotations } = manifest.object.metadata as { readonly annotations?: JsonValue };
  const filled = substituted({ metadata: annotations === undefined ? {} : { annotations }, value }, variables);
  return filled === undefined ? 'unknown' : { value: readField(filled, ['value']) as JsonValue | undefined };
}

/** Finds the variable that makes the field what is wanted, and nothing else with it. */
export function changeVariable(filling: Filling): VariableChange {
  const { search, candidate, setter } = filling;
  const { variables, filledBy } = candidate;
  if (!variables || !filledBy) return { status: 'literal', why: '' };
  const { edit } = search;
  if (typeof edit.value === 'string' && isTemplate(fluxParts(edit.value)))
    return { status: 'unknown', reason: `Flux would fill in ${JSON.stringify(edit.value)}` };
  const parts = typeof setter.value === 'string' ? fluxParts(setter.value) : [];
  if (!isTemplate(parts)) return { status: 'literal', why: '' };
  const hidden = hiddenName(parts, variables);
  if (hidden !== undefined)
    return { status: 'unknown', reason: `\${${hidden}} may come from ${variables.unseen}, which is not in the repository` };
  const solution = solve(parts, variables.lookup, String(edit.value));
  if (!solution || !makes(setter.value, variables, solution, edit)) return { status: 'literal', why: 'no variable alone makes it so' };
  const uses = usesOf(solution.name, { variables, filledBy, search });
  if (uses > 1) return { status: 'literal', why: `\${${solution.name}} stands in ${uses} places, so the field is said here alone` };
  return said(filling, solution, filledBy);
}

/** A name that a source nobody sees may set: what the Kustomization itself says wins over every source. */
function hiddenName(parts: readonly TemplatePart[], { unseen, placeOf }: FluxVariables): string | undefined {
  if (unseen === undefined) return undefined;
  const names = parts.flatMap((part) => ('name' in part ? [part.name] : []));
  return names.find((name) => {
    const place = placeOf(name);
    return place === undefined || place.configMap !== undefined;
  });
}

/** Whether the field, read as Flux reads it, has the wanted type too: `count: ${n}` is a number, `"${version}"` may become one. */
function makes(template: JsonValue | undefined, variables: FluxVariables, { name, value }: Solution, edit: ItemEdit): boolean {
  const lookup = (other: string) => (other === name ? value : variables.lookup(other));
  return isDeepStrictEqual(substituted({ value: template ?? null }, { ...variables, lookup }), { value: edit.value });
}

interface Solution {
  readonly name: string;
  readonly value: string;
}

function said({ candidate, setter, isShared }: Filling, { name, value }: Solution, filledBy: Owner): VariableChange {
  const place = candidate.variables?.placeOf(name);
  if (place) {
    const { file, document, path } = place;
    return {
      status: 'variable',
      change: { file, document, path, expectOld: place.value, value },
      why: `\${${name}} in ${setter.file} is said`,
    };
  }
  if (isShared) {
    const { file, document } = filledBy.manifest;
    return {
      status: 'variable',
      change: { file, document, path: newVariablePath(filledBy, name), value },
      why: `${setter.file} has a fallback for \${${name}}, which others share, so it is said`,
    };
  }
  return changeFallback(setter, { name, value });
}

function changeFallback({ file, document, path, declared, inner, kind }: Setter, { name, value }: Solution): VariableChange {
  const changed = String(declared).replace(new RegExp(`(\\$\\{${name}:[=-])[^}]*\\}`), (_, head: string) => `${head}${value}}`);
  if (inner || kind !== 'manifest' || changed === declared)
    return { status: 'literal', why: `the fallback of \${${name}} is not changed there` };
  return {
    status: 'variable',
    change: { file, document, path, expectOld: declared, value: changed },
    why: `the fallback of \${${name}} is said`,
  };
}

interface Used {
  readonly variables: FluxVariables;
  readonly filledBy: Owner;
  readonly search: Search;
}

/** In how many places of what Flux fills in the variable stands; for one out of a ConfigMap, wherever that ConfigMap is used. */
function usesOf(name: string, { variables, filledBy, search }: Used): number {
  const { owners, configMaps } = search;
  const place = variables.placeOf(name);
  const users =
    place?.configMap === undefined
      ? [filledBy]
      : owners.filter((owner) => isDeepStrictEqual(fluxVariablesOf(owner, configMaps)?.placeOf(name), place));
  return users.reduce((sum, owner) => sum + usesIn(name, owner, search), 0);
}

function usesIn(name: string, owner: Owner, { texts }: Search): number {
  const { postBuild: _, ...spec } = (readField(owner.manifest.object, ['spec']) ?? {}) as Readonly<Record<string, unknown>>;
  const rendered = filesOf(owner.folder ?? '', texts).map((file) => texts.get(file) ?? '');
  const pattern = new RegExp(`\\$\\{${name}(?!\\w)`, 'g');
  return [...rendered, JSON.stringify(spec)].reduce((sum, text) => sum + [...text.matchAll(pattern)].length, 0);
}

function filesOf(folder: string, texts: ReadonlyMap<string, string>): readonly string[] {
  const closure = kustomizationClosure(texts, folder);
  if (closure.status === 'closed') return [...closure.files.keys()];
  return [...texts.keys()].filter((file) => folder === '' || file.startsWith(`${folder}/`));
}
