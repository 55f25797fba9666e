import { type ConfigurationItem, Tier0Error } from '@tier0/core';
import { isRelationName, type QueryContext } from './query-context.ts';

type Predicate = (item: ConfigurationItem, context: QueryContext) => boolean;

const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

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
  owner: (value) => (item, context) => isNamed(context.owner(item.id), value),
  relation: (value) => relation(value),
  'changed-since': (value) => changedSince(value),
};

/**
 * Reads `kind:Deployment name:web* label:app=web`: parts are separated by spaces and all must hold; `*` in a name stands for
 * any text; a word without a field must occur in the id. `owner:<team>` asks for the team, `relation:dependsOn` and
 * `relation:dependsOn=<id or its last part>` for relations by their name or inverse, `changed-since:24h` (m, h, d) or
 * `changed-since:2026-11-22T12:00:00Z` for changes of the item itself, looking back from the reader's moment.
 */
export function parseQuery(text: string): Predicate {
  const predicates = text.trim().split(/\s+/).filter(Boolean).map(parsePart);
  if (predicates.length === 0) throw invalidQuery(text, 'it is empty');
  return (item, context) => predicates.every((predicate) => predicate(item, context));
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

/** An id, or the last part of one: `payments` for `backstage:group:default/payments`. */
function isNamed(id: string | undefined, value: string): boolean {
  return id !== undefined && (id === value || id.slice(id.lastIndexOf('/') + 1).toLowerCase() === value.toLowerCase());
}

function relation(text: string): Predicate {
  const [name = '', ...rest] = text.split('=');
  const other = rest.join('=');
  if (!isRelationName(name)) throw invalidQuery(`relation:${text}`, `"${name}" is not a relation`);
  return ({ id }, context) => {
    const ends = context.related(id, name) ?? [];
    return other === '' ? ends.length > 0 : ends.some((end) => isNamed(end, other));
  };
}

function changedSince(text: string): Predicate {
  const duration = /^(\d+)([mhd])$/.exec(text);
  const instantMs = Date.parse(text);
  if (!duration && Number.isNaN(instantMs))
    throw invalidQuery(`changed-since:${text}`, 'it is neither a duration (30m, 24h, 7d) nor an instant');
  const agoMs = duration && Number(duration[1]) * (UNITS_MS[duration[2] ?? ''] ?? 0);
  return ({ id }, context) => context.hasChangedSince(id, agoMs === null ? instantMs : context.atMs - agoMs);
}

function wildcard(value: string): RegExp {
  return new RegExp(`^${value.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/\*+/g, '.*')}$`, 'i');
}

function invalidQuery(part: string, why: string): Tier0Error {
  return new Tier0Error({
    code: 'INVALID_INPUT',
    message: `Cannot read the query at "${part}": ${why}.`,
    hint: 'Write parts such as kind:Deployment name:web* namespace:default label:app=web scope:<cluster>/<namespace> column:image=... owner:<team> relation:dependsOn=<item> changed-since:24h, separated by spaces.',
  });
}
