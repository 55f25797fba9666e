import { isDeepStrictEqual } from 'node:util';
import type { JsonValue } from '@tier0/core';
import type { FieldType } from '../gate/schema/kubernetes-schema.ts';
import type { PlainScalar } from './scalar-at.ts';

/** What a text can be taken for. */
export type ValueType = 'string' | 'number' | 'boolean' | 'json';

/** What decides what a text means, the strongest first. */
export interface ValueContext {
  /** Said by the person. */
  readonly as?: ValueType | undefined;
  /** What the schema of Kubernetes says of the field. */
  readonly schema?: FieldType | undefined;
  /** What the field says now. */
  readonly now?: JsonValue | undefined;
  readonly plain?: PlainScalar | undefined;
}

/** The value that a text means, or why that is not clear and what makes it so. */
export type MeantValue =
  | { readonly status: 'value'; readonly value: JsonValue; readonly note?: string | undefined }
  | { readonly status: 'unclear'; readonly reason: string; readonly hint: string };

/**
 * The value that a typed text means. It keeps its written form: a text that is not the way its number is written (`1.10`, `0640`, `1e3`)
 * is never taken for that number unless the person or the schema says that it is one.
 */
export function meantValue(text: string, { as, schema, now, plain }: ValueContext): MeantValue {
  if (as) return forced(text, as);
  const wanted = schema && typeOfSchema(schema, text);
  if (wanted) return wanted === 'string' ? { status: 'value', value: text } : bySchema(text, wanted);
  if (plain && !isSame(plain.value, plain.kubectl) && typeof plain.kubectl !== 'string') return ambiguous(text, plain);
  return byWhatIsThere(text, now);
}

/** Whether a text says what a field says now: the same form, or the same text between quotes. */
export function saysNow(text: string, { now, plain }: Pick<ValueContext, 'now' | 'plain'>): boolean {
  if (plain) return plain.source === text;
  if (typeof now === 'string') return now === text;
  return now !== undefined && isDeepStrictEqual(parse(text), now);
}

function typeOfSchema(schema: FieldType, text: string): ValueType | undefined {
  switch (schema.is) {
    case 'string':
    case 'time':
    case 'one-of':
      return 'string';
    case 'number':
    case 'boolean':
      return schema.is;
    case 'list':
    case 'map':
    case 'object':
      return 'json';
    case 'int-or-string':
      return /^\d+$/.test(text) && isWrittenAs(text, Number(text)) ? 'number' : 'string';
    case 'quantity':
    case 'anything':
      return undefined;
  }
}

function bySchema(text: string, type: ValueType): MeantValue {
  const value = parse(text);
  if (isTooLong(text, value)) return tooLong(text);
  if (type === 'json' ? typeof value === 'object' && value !== null : typeof value === type) {
    return { status: 'value', value: value as JsonValue };
  }
  const wanted = type === 'json' ? 'a list or a map, written as JSON' : `a ${type}`;
  return { status: 'unclear', reason: `"${text}" is no ${type}, and the schema wants ${wanted} here`, hint: wayOut(text) };
}

function byWhatIsThere(text: string, now: JsonValue | undefined): MeantValue {
  if (typeof now === 'object' && now !== null) return forced(text, 'json');
  const value = parse(text);
  if (typeof now === 'boolean') return typeof value === 'boolean' ? { status: 'value', value } : notOf('boolean', text);
  if (typeof now !== 'number') return { status: 'value', value: text };
  if (typeof value === 'number' && isWrittenAs(text, value)) return { status: 'value', value };
  if (!/^[-+.\d]/.test(text)) return notOf('number', text);
  const seen =
    typeof value === 'number' ? `a reader would see the number ${value} in ${text}` : `${text} is no number that all readers agree on`;
  return { status: 'value', value: text, note: `written as text: ${seen}; --number makes it one` };
}

function notOf(type: string, text: string): MeantValue {
  return { status: 'unclear', reason: `"${text}" is no ${type}, and the field is one now`, hint: wayOut(text) };
}

function ambiguous(text: string, { source, value, kubectl }: PlainScalar): MeantValue {
  const reason = `the field says ${source}, which kubectl and Helm read as ${JSON.stringify(kubectl)} and others as ${JSON.stringify(value)}, so what "${text}" shall be is unclear`;
  return { status: 'unclear', reason, hint: wayOut(text) };
}

function forced(text: string, as: ValueType): MeantValue {
  if (as === 'string') return { status: 'value', value: text };
  const value = parse(text);
  if (value === undefined || (as !== 'json' && typeof value !== as)) {
    return { status: 'unclear', reason: `"${text}" is no ${as === 'json' ? 'JSON' : as}`, hint: wayOut(text) };
  }
  if (isTooLong(text, value)) return tooLong(text);
  const isOther = typeof value === 'number' && !isWrittenAs(text, value);
  return { status: 'value', value, ...(isOther ? { note: `${text} is the number ${JSON.stringify(value)}` } : {}) };
}

/** Whole numbers beyond 2^53 come out as others in readers that use doubles. */
function isTooLong(text: string, value: JsonValue | undefined): boolean {
  return typeof value === 'number' && /^-?\d+$/.test(text) && !Number.isSafeInteger(value);
}

function tooLong(text: string): MeantValue {
  return { status: 'unclear', reason: `"${text}" has more digits than a number keeps`, hint: 'Write it as text with --string.' };
}

function wayOut(text: string): string {
  const octal = /^0[0-7]+$/.test(text)
    ? ` As a number kubectl would read ${Number.parseInt(text, 8)} in it: write that if it is meant.`
    : '';
  return `Say what it is with --string, --number, --boolean or --json.${octal}`;
}

function isWrittenAs(text: string, value: number): boolean {
  return JSON.stringify(value) === text;
}

function isSame(a: unknown, b: unknown): boolean {
  return Object.is(a, b) || a === b;
}

function parse(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}
