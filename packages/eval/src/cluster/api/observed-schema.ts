import { isJsonObject } from '../kubernetes-object.ts';

/** The part of an OpenAPI v3 schema that values can show. */
export interface ObservedSchema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  readonly properties?: Readonly<Record<string, ObservedSchema>>;
  readonly additionalProperties?: ObservedSchema;
  readonly items?: ObservedSchema;
  readonly 'x-kubernetes-preserve-unknown-fields'?: true;
}

/** Nothing is known; kubectl takes an empty schema for none at all. */
const ANYTHING: ObservedSchema = { 'x-kubernetes-preserve-unknown-fields': true };

/** Fields whose keys are data, not names of fields. */
const MAPS: ReadonlySet<string> = new Set([
  'annotations',
  'binaryData',
  'data',
  'fieldsV1',
  'labels',
  'matchLabels',
  'nodeSelector',
  'parameters',
  'selector',
  'stringData',
]);

/** The schema that all the values fit; anything where they disagree or there are none. */
export function schemaOf(values: readonly unknown[]): ObservedSchema {
  const known = values.filter((value) => value !== null && value !== undefined);
  const types = new Set(known.map(typeOf));
  if (types.size === 2 && types.has('integer') && types.has('number')) return { type: 'number' };
  const [type] = types;
  if (type === undefined || types.size > 1) return ANYTHING;
  if (type === 'array') return { type, items: schemaOf(known.flat()) };
  return type === 'object' ? { type, properties: propertiesOf(known.filter(isJsonObject)) } : { type };
}

function propertiesOf(objects: readonly Readonly<Record<string, unknown>>[]): Readonly<Record<string, ObservedSchema>> {
  const names = [...new Set(objects.flatMap((object) => Object.keys(object)))].sort();
  return Object.fromEntries(
    names.map((name) => {
      const values = objects.map((object) => object[name]);
      const isFlat = values.every((value) => !isJsonObject(value) || Object.values(value).every((entry) => !isJsonObject(entry)));
      return [name, MAPS.has(name) && isFlat ? { type: 'object', additionalProperties: { type: 'string' } } : schemaOf(values)];
    }),
  );
}

function typeOf(value: unknown): NonNullable<ObservedSchema['type']> {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  if (typeof value === 'boolean') return 'boolean';
  return typeof value === 'string' ? 'string' : 'object';
}
