import { type FieldPath, formatFieldPath, parseQuantity } from '@tier0/core';
import { type FieldType, kubernetesType, kubernetesVersionsOf } from './kubernetes-schema.ts';
import { isNear } from './near-name.ts';

/** Something in a manifest that the API server refuses or silently drops. */
export interface ManifestFlaw {
  readonly rule:
    | 'unknown-field'
    | 'wrong-type'
    | 'not-allowed'
    | 'bad-quantity'
    | 'missing-field'
    | 'unknown-version'
    | 'request-above-limit'
    | 'selector-mismatch'
    | 'duplicate-name'
    | 'undefined-reference'
    | 'bad-name'
    | 'out-of-range';
  /** Where, as text: `spec.template.spec.containers[0].image`. */
  readonly path: string;
  readonly message: string;
}

/** What the schema says about an object. `unchecked` where the kind has no schema here: a custom resource. */
export type SchemaVerdict = { readonly status: 'checked'; readonly flaws: readonly ManifestFlaw[] } | { readonly status: 'unchecked' };

/** Flaws named at most; a file of another kind altogether needs no thousand lines. */
const MAX_FLAWS = 50;
/** Deeper than any Kubernetes type. */
const MAX_DEPTH = 64;

/** Checks an object against the schema of its built-in kind: unknown fields, wrong types, quantities, missing fields, closed values. */
export function checkSchema(object: Readonly<Record<string, unknown>>): SchemaVerdict {
  const { apiVersion, kind } = object;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') {
    const message = 'a Kubernetes object needs apiVersion and kind, both text';
    return { status: 'checked', flaws: [{ rule: 'missing-field', path: typeof kind === 'string' ? 'apiVersion' : 'kind', message }] };
  }
  const type = kubernetesType(apiVersion, kind);
  if (type) return { status: 'checked', flaws: flawsOfKind(object, type, kind) };
  if (!isBuiltInGroup(apiVersion) || kind.endsWith('List')) return { status: 'unchecked' };
  return { status: 'checked', flaws: [unknownVersion(apiVersion, kind, kubernetesVersionsOf(kind))] };
}

/** Fields that the schema calls required and the API server does without. */
const NOT_REQUIRED = /^(?:LimitRange spec\.limits|CSIDriver spec|CustomResourceDefinition spec\.versions\[\d+\]\.served)$/;

function flawsOfKind(object: unknown, type: FieldType, kind: string): readonly ManifestFlaw[] {
  const flaws = [...flawsOf(object, type, [])];
  return flaws.filter(({ rule, path }) => rule !== 'missing-field' || !NOT_REQUIRED.test(`${kind} ${path}`)).slice(0, MAX_FLAWS);
}

/** Groups without a dot, and those of k8s.io that hold built-in kinds; custom resources live under other names. */
function isBuiltInGroup(apiVersion: string): boolean {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  return (
    /^(?:|apps|batch|autoscaling|policy|extensions)$/.test(group) ||
    /^(?:networking|rbac\.authorization|storage|scheduling|admissionregistration|apiextensions|apiregistration|discovery|coordination|node|events|certificates)\.k8s\.io$/.test(
      group,
    )
  );
}

function unknownVersion(apiVersion: string, kind: string, versions: readonly string[]): ManifestFlaw {
  const known = versions.length > 0 ? `; it exists in ${versions.join(', ')}` : '';
  return { rule: 'unknown-version', path: 'apiVersion', message: `there is no ${kind} in ${apiVersion}${known}` };
}

function* flawsOf(value: unknown, type: FieldType, path: FieldPath): Generator<ManifestFlaw> {
  // The API server reads null as "not set" everywhere.
  if (value === null || value === undefined || path.length > MAX_DEPTH || isSubstituted(value)) return;
  switch (type.is) {
    case 'object':
      return yield* objectFlaws(value, type.fields, path);
    case 'list':
      if (!Array.isArray(value)) return yield wrongType(value, 'a list', path);
      for (const [index, entry] of value.entries()) yield* flawsOf(entry, type.of, [...path, index]);
      return;
    case 'map':
      if (!isMap(value)) return yield wrongType(value, 'a map', path);
      for (const [key, entry] of Object.entries(value)) yield* flawsOf(entry, type.of, [...path, key]);
      return;
    default:
      return yield* scalarFlaws(value, type, path);
  }
}

function* objectFlaws(value: unknown, fields: Extract<FieldType, { is: 'object' }>['fields'], path: FieldPath): Generator<ManifestFlaw> {
  if (!isMap(value)) return yield wrongType(value, 'a map', path);
  for (const [name, entry] of Object.entries(value)) {
    const field = fields.get(name);
    if (field) yield* flawsOf(entry, field.type, [...path, name]);
    else yield { rule: 'unknown-field', path: formatFieldPath([...path, name]), message: unknownField(name, fields) };
  }
  for (const [name, field] of fields) {
    if (field.required && (value[name] === undefined || value[name] === null)) {
      yield { rule: 'missing-field', path: formatFieldPath([...path, name]), message: `${name} is required` };
    }
  }
}

function* scalarFlaws(value: unknown, type: FieldType, path: FieldPath): Generator<ManifestFlaw> {
  switch (type.is) {
    case 'string':
      if (typeof value !== 'string') yield wrongType(value, 'text', path);
      return;
    case 'number':
      if (!Number.isInteger(value)) yield wrongType(value, 'a whole number', path);
      return;
    case 'boolean':
      if (typeof value !== 'boolean') yield wrongType(value, 'true or false', path);
      return;
    case 'int-or-string':
      if (typeof value !== 'string' && !Number.isInteger(value)) yield wrongType(value, 'a whole number or text', path);
      return;
    case 'time':
      if (typeof value !== 'string' || Number.isNaN(Date.parse(value))) yield wrongType(value, 'a time as in RFC 3339', path);
      return;
    case 'quantity':
      if (parseQuantity(value) === undefined) {
        const message = `${JSON.stringify(value)} is not a quantity such as 500m or 256Mi`;
        yield { rule: 'bad-quantity', path: formatFieldPath(path), message };
      }
      return;
    case 'one-of':
      if (typeof value !== 'string') yield wrongType(value, 'text', path);
      else if (!type.values.includes(value)) {
        const message = `${JSON.stringify(value)} is not one of ${type.values.slice(0, 12).join(', ')}`;
        yield { rule: 'not-allowed', path: formatFieldPath(path), message };
      }
      return;
    default:
      return;
  }
}

function wrongType(value: unknown, wanted: string, path: FieldPath): ManifestFlaw {
  const found = JSON.stringify(value) ?? typeof value;
  return {
    rule: 'wrong-type',
    path: formatFieldPath(path),
    message: `${found.length > 40 ? `${found.slice(0, 40)}...` : found} is not ${wanted}`,
  };
}

function unknownField(name: string, fields: ReadonlyMap<string, unknown>): string {
  const near = [...fields.keys()].find((known) => isNear(name, known));
  return `there is no field ${JSON.stringify(name)} here${near ? `; did you mean ${near}?` : ''}`;
}

/** `${name}` is filled in by Flux or a pipeline: what will stand there is not known here. */
export function isSubstituted(value: unknown): boolean {
  return typeof value === 'string' && /\$\{[^}]*\}/.test(value);
}

/** Whether a value is a map of fields. */
export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
