import { KUBERNETES_SCHEMA } from './kubernetes.generated.ts';

/** What a field may hold. */
export type FieldType =
  | { readonly is: 'string' | 'number' | 'boolean' | 'quantity' | 'int-or-string' | 'time' | 'anything' }
  | { readonly is: 'one-of'; readonly values: readonly string[] }
  | { readonly is: 'list' | 'map'; readonly of: FieldType }
  | { readonly is: 'object'; readonly fields: ReadonlyMap<string, Field> };

/** One field of a type. */
export interface Field {
  readonly type: FieldType;
  readonly required: boolean;
}

interface SchemaData {
  readonly kinds: Readonly<Record<string, number>>;
  readonly types: readonly Readonly<Record<string, string>>[];
}

const SCALARS = {
  s: 'string',
  n: 'number',
  b: 'boolean',
  q: 'quantity',
  i: 'int-or-string',
  t: 'time',
  '*': 'anything',
} as const;

let data: SchemaData | undefined;
const objects = new Map<number, FieldType>();

/** The type of a built-in kind, e.g. `apps/v1`, `Deployment`; undefined for custom resources and versions that never were. */
export function kubernetesType(apiVersion: string, kind: string): FieldType | undefined {
  const number = schema().kinds[`${apiVersion} ${kind}`];
  return number === undefined ? undefined : objectType(number);
}

/** Versions in which a kind is built in, e.g. `extensions/v1beta1`, `apps/v1`; empty for a custom resource. */
export function kubernetesVersionsOf(kind: string): readonly string[] {
  return Object.keys(schema().kinds)
    .filter((key) => key.endsWith(` ${kind}`))
    .map((key) => key.slice(0, key.indexOf(' ')));
}

/** Parsed on first use: most programs that import gitops never check a manifest. */
function schema(): SchemaData {
  data ??= JSON.parse(KUBERNETES_SCHEMA) as SchemaData;
  return data;
}

/** Types refer to each other, also in circles: each is made once and filled after it is known. */
function objectType(number: number): FieldType {
  const known = objects.get(number);
  if (known) return known;
  const fields = new Map<string, Field>();
  const type: FieldType = { is: 'object', fields };
  objects.set(number, type);
  for (const [name, expression] of Object.entries(schema().types[number] ?? {})) {
    const required = name.endsWith('!');
    fields.set(required ? name.slice(0, -1) : name, { type: parseType(expression), required });
  }
  return type;
}

function parseType(expression: string): FieldType {
  if (expression.startsWith('[]')) return { is: 'list', of: parseType(expression.slice(2)) };
  if (expression.startsWith('{}')) return { is: 'map', of: parseType(expression.slice(2)) };
  if (expression.startsWith('#')) return objectType(Number(expression.slice(1)));
  if (expression.startsWith('=')) return { is: 'one-of', values: expression.slice(1).split('|') };
  return { is: SCALARS[expression as keyof typeof SCALARS] };
}
