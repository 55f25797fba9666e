import { type ConfigurationItem, Tier0Error } from '@tier0/core';

type Predicate = (item: ConfigurationItem) => boolean;

const FIELDS: Readonly<Record<string, (value: string) => Predicate>> = {
  kind: (value) => (item) => item.kind.toLowerCase() === value.toLowerCase(),
  name: (value) => {
    const pattern = wildcard(value);
    return (item) => pattern.test(item.name);
  },
  scope: (value) => (item) => item.scope === value,
  namespace: (value) => (item) => item.columns.namespace === value,
  label: (value) => column(`label:${value}`),
  column: (value) => column(value),
};

/**
 * Reads `kind:Deployment name:web* label:app=web`: parts are separated by spaces and all must hold; `*` in a name stands for
 * any text; a word without a field must occur in the id.
 */
export function parseQuery(text: string): Predicate {
  const predicates = text.trim().split(/\s+/).filter(Boolean).map(parsePart);
  if (predicates.length === 0) throw invalidQuery(text, 'it is empty');
  return (item) => predicates.every((predicate) => predicate(item));
}

function parsePart(part: string): Predicate {
  const colon = part.indexOf(':');
  if (colon === -1) return (item) => item.id.toLowerCase().includes(part.toLowerCase());
  const field = part.slice(0, colon);
  const value = part.slice(colon + 1);
  const make = Object.hasOwn(FIELDS, field) ? FIELDS[field] : undefined;
  if (!make) throw invalidQuery(part, `"${field}" is not a field`);
  if (value === '') throw invalidQuery(part, `"${field}" needs a value`);
  return make(value);
}

function column(text: string): Predicate {
  const equals = text.indexOf('=');
  if (equals === -1) return (item) => Object.hasOwn(item.columns, text);
  return (item) =>
    Object.hasOwn(item.columns, text.slice(0, equals)) && String(item.columns[text.slice(0, equals)]) === text.slice(equals + 1);
}

function wildcard(value: string): RegExp {
  return new RegExp(`^${value.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/\*+/g, '.*')}$`, 'i');
}

function invalidQuery(part: string, why: string): Tier0Error {
  return new Tier0Error({
    code: 'INVALID_INPUT',
    message: `Cannot read the query at "${part}": ${why}.`,
    hint: 'Write parts such as kind:Deployment name:web* namespace:default label:app=web scope:<cluster>/<namespace> column:image=..., separated by spaces.',
  });
}
