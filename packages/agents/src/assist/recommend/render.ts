import type { JsonValue } from '@tier0/core';

/** What placeholders stand for. */
export type Facts = Readonly<Record<string, JsonValue | undefined>>;

/** One object of a blueprint. `$when` names facts without which the object is left out. */
export type BlueprintObject = Readonly<Record<string, JsonValue>>;

const PLACEHOLDER = /\$\((\w+)\)/g;

/**
 * Objects with their placeholders filled in. It works on values, not on text: what a fact says can never become a field, a document or a
 * line of YAML. A value of one placeholder takes the fact with its type; a field that speaks of a fact that is not given is left out.
 */
export function renderBlueprint(objects: readonly BlueprintObject[], facts: Facts): readonly BlueprintObject[] {
  return objects.flatMap(({ $when, ...object }) => {
    const needed = Array.isArray($when) ? $when.map(String) : [];
    if (needed.some((fact) => facts[fact] === undefined)) return [];
    return [(render(object, facts) ?? {}) as BlueprintObject];
  });
}

/** A part of which nothing is left is left out; what was written empty stays empty. */
function render(value: JsonValue, facts: Facts): JsonValue | undefined {
  if (typeof value === 'string') return fill(value, facts);
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) {
    const entries = value.flatMap((entry: JsonValue) => render(entry, facts) ?? []);
    return entries.length === 0 && value.length > 0 ? undefined : entries;
  }
  const given = Object.entries(value as Readonly<Record<string, JsonValue>>);
  const entries = given.flatMap(([key, entry]) => {
    const rendered = render(entry, facts);
    return rendered === undefined ? [] : [[key, rendered] as const];
  });
  return entries.length === 0 && given.length > 0 ? undefined : Object.fromEntries(entries);
}

function fill(text: string, facts: Facts): JsonValue | undefined {
  const whole = /^\$\((\w+)\)$/.exec(text)?.[1];
  if (whole !== undefined) return facts[whole];
  const names = [...text.matchAll(PLACEHOLDER)].map(([, name = '']) => name);
  if (names.some((name) => facts[name] === undefined)) return undefined;
  return text.replace(PLACEHOLDER, (_, name: string) => String(facts[name]));
}
