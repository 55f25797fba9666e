import { type FieldPath, type JsonValue, parseQuantity, readField } from '@tier0/core';
import { lastApplied } from './last-applied.ts';

/** A field that is not as it was applied. */
export interface DriftedField {
  readonly path: FieldPath;
  /** As it was applied; undefined where it was not there. */
  readonly value: JsonValue | undefined;
}

/** What people say of an object that they want. */
const PARTS = ['spec', 'data', 'rules', 'subjects', 'webhooks'] as const;

/** The fields of an object with another value than kubectl noted when it was applied last; none where nothing was noted. */
export function driftOf(object: unknown): readonly DriftedField[] {
  const declared = lastApplied(object);
  return PARTS.flatMap((part) => [...drifted(readField(declared, [part]), readField(object, [part]), [part])]);
}

/** Declared fields with another value now; what the API server added to them is no difference. */
function* drifted(declared: unknown, current: unknown, path: FieldPath): Generator<DriftedField> {
  if (declared === undefined || declared === null) return;
  if (isRecord(declared) && isRecord(current)) {
    // A probe or a hook asks in one way only: the way that was put in beside the declared one goes.
    const isHandler = HANDLERS.some((handler) => declared[handler] !== undefined);
    for (const handler of isHandler ? HANDLERS : [])
      if (declared[handler] === undefined && current[handler] !== undefined) yield { path: [...path, handler], value: undefined };
    // A port that names no protocol means TCP.
    if (isPort(declared) && declared.protocol === undefined && ![undefined, 'TCP'].includes(current.protocol as string | undefined))
      yield { path: [...path, 'protocol'], value: 'TCP' };
    for (const key of Object.keys(declared).sort()) yield* drifted(declared[key], current[key], [...path, key]);
  } else if (Array.isArray(declared) && Array.isArray(current) && declared.length === current.length) {
    for (const [index, entry] of declared.entries()) yield* drifted(entry, current[index], [...path, index]);
  } else if (!isSame(declared, current)) yield { path, value: declared as JsonValue };
}

function isPort(declared: Readonly<Record<string, unknown>>): boolean {
  return typeof declared.port === 'number' || typeof declared.containerPort === 'number';
}

/** Ways to ask a container, of which one may stand. */
const HANDLERS = ['exec', 'grpc', 'httpGet', 'sleep', 'tcpSocket'] as const;

function isSame(declared: unknown, current: unknown): boolean {
  if (JSON.stringify(declared) === JSON.stringify(current)) return true;
  const isEmpty = typeof declared === 'object' && declared !== null && Object.keys(declared).length === 0 && current === undefined;
  const amount = parseQuantity(declared);
  return isEmpty || (amount !== undefined && amount === parseQuantity(current));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
