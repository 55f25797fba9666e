import { type FieldPath, formatFieldPath, type JsonValue, readField } from '@tier0/core';
import { isGoTemplate, type Parameter } from './application-set.ts';
import type { FieldChange } from './field-change.ts';
import type { GeneratedOwner, Owner } from './owner.ts';
import { applicationSetParts, isTemplate, solve } from './template-text.ts';

/** Whether a place stands in the template that makes the owner, and so is said for every Application of the set. */
export function isInTemplate(
  owner: Owner | undefined,
  { file, document, path }: { readonly file: string; readonly document: number; readonly path: FieldPath },
): boolean {
  const { set } = owner?.generated ?? {};
  if (!owner || !set || file !== set.file || document !== set.document) return false;
  return owner.manifest.within.every((segment, index) => JSON.stringify(path[index]) === JSON.stringify(segment));
}

/** Turns a change of what a template makes into one of the parameter behind it; refused where that would reach more than this Application. */
export function throughTemplate(change: FieldChange, owner: Owner | undefined): FieldChange {
  if ('refused' in change || !owner?.generated || !isInTemplate(owner, change)) return change;
  const { set, applications } = owner.generated;
  const raw = readField(set.object, change.path.slice(set.within.length));
  if (typeof raw === 'string' && isTemplate(applicationSetParts(raw, isGoTemplate(set))))
    return changeParameter(change, raw, owner.generated);
  if (applications.length === 1 && !JSON.stringify(raw ?? '').includes('{{')) return change;
  return {
    refused: `${formatFieldPath(change.path)} is the template of ${applications.join(', ')}: a change there would reach all of them`,
  };
}

function changeParameter(change: Exclude<FieldChange, { refused: string }>, raw: string, generated: GeneratedOwner): FieldChange {
  const { set, parameters } = generated;
  const solution = solve(applicationSetParts(raw, isGoTemplate(set)), (name) => parameters.get(name)?.value, String(change.value));
  if (!solution) return { refused: `no parameter of ${JSON.stringify(raw.slice(0, 200))} alone makes it ${JSON.stringify(change.value)}` };
  const { place } = parameters.get(solution.name) ?? {};
  if (!place) return { refused: `{{${solution.name}}} comes from the name of a folder or file` };
  const uses = usesOf(solution.name, generated);
  if (uses > 1)
    return { refused: `the parameter ${solution.name} is used in ${uses} places of the template: a change of it would reach all of them` };
  const { file, document, path, declared } = place;
  return { file, document, path, expectOld: declared, value: ofType(declared, solution.value) };
}

/** A parameter keeps its type where the new value can be said in it. */
function ofType(declared: JsonValue, value: string): JsonValue {
  if (typeof declared === 'number' && String(Number(value)) === value) return Number(value);
  if (typeof declared === 'boolean' && (value === 'true' || value === 'false')) return value === 'true';
  return value;
}

/** How often the template fills the parameter in, by whatever name it has there. */
function usesOf(name: string, { set, parameters }: GeneratedOwner): number {
  const isSamePlace = (other: string) => other === name || isSame(parameters.get(other), parameters.get(name));
  const template = JSON.stringify(readField(set.object, ['spec', 'template']) ?? '');
  return applicationSetParts(template, isGoTemplate(set)).filter((part) => 'name' in part && isSamePlace(part.name)).length;
}

function isSame(one: Parameter | undefined, other: Parameter | undefined): boolean {
  return one?.place !== undefined && JSON.stringify(one.place) === JSON.stringify(other?.place);
}
