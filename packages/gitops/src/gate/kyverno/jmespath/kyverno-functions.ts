import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import { compilePattern } from '../../cel/functions/regular.ts';
import { imageInfo } from '../scalars/image-info.ts';
import { matchesWildcard } from '../scalars/scalar-pattern.ts';
import { calculate } from './arithmetic.ts';
import { QueryError, UndecidableQuery } from './query-value.ts';
import { type QueryFunction, signed } from './signature.ts';

type Fields = Readonly<Record<string, unknown>>;
type TextOrNumber = string | number;

/** Functions that Kyverno adds to JMESPath, as far as they need neither a cluster nor a registry, a clock or a random number. */
export const KYVERNO_FUNCTIONS: Readonly<Record<string, QueryFunction>> = {
  compare: signed('string string', (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)),
  equal_fold: signed('string string', (a: string, b: string) => a.toLowerCase() === b.toLowerCase()),
  replace: signed('string string string number', (text: string, old: string, by: string, most: number) => replaced(text, old, by, most)),
  replace_all: signed('string string string', (text: string, old: string, by: string) => replaced(text, old, by, -1)),
  to_upper: signed('string', (text: string) => text.toUpperCase()),
  to_lower: signed('string', (text: string) => text.toLowerCase()),
  trim: signed('string string', (text: string, signs: string) => trimmed(text, signs)),
  trim_prefix: signed('string string', (text: string, start: string) => (text.startsWith(start) ? text.slice(start.length) : text)),
  split: signed('string string', (text: string, by: string) => (by === '' ? [...text] : text.split(by))),
  truncate: signed('string number', (text: string, length: number) => [...text].slice(0, Math.max(0, Math.trunc(length))).join('')),
  regex_match: signed('string string|number', (pattern: string, text: TextOrNumber) => regex(pattern).matcher(String(text)).find()),
  regex_replace_all: signed('string string|number string|number', (pattern: string, text: TextOrNumber, by: TextOrNumber) =>
    replacedByPattern(pattern, String(text), (group) => expanded(String(by), group)),
  ),
  regex_replace_all_literal: signed('string string|number string|number', (pattern: string, text: TextOrNumber, by: TextOrNumber) =>
    replacedByPattern(pattern, String(text), () => String(by)),
  ),
  pattern_match: signed('string string|number', (pattern: string, text: TextOrNumber) => matchesWildcard(pattern, String(text))),
  label_match: signed('object object', (wanted: Fields, labels: Fields) =>
    Object.entries(wanted).every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value),
  ),
  to_boolean: signed('string', (text: string) => booleanOf(text)),
  add: signed('any any', (a: unknown, b: unknown) => calculate('add', a, b)),
  subtract: signed('any any', (a: unknown, b: unknown) => calculate('subtract', a, b)),
  multiply: signed('any any', (a: unknown, b: unknown) => calculate('multiply', a, b)),
  divide: signed('any any', (a: unknown, b: unknown) => calculate('divide', a, b)),
  modulo: signed('any any', (a: unknown, b: unknown) => calculate('modulo', a, b)),
  sum: signed('array', (values: readonly unknown[]) => {
    if (values.length === 0) throw new QueryError('sum needs at least one element');
    return values.reduce((sum, value) => calculate('add', sum, value));
  }),
  round: signed('number number', (value: number, digits: number) => rounded(value, digits)),
  base64_encode: signed('string', (text: string) => Buffer.from(text).toString('base64')),
  base64_decode: signed('string', (text: string) => decoded(text)),
  path_canonicalize: signed('string', (path: string) => canonical(path)),
  parse_json: signed('string', (text: string) => parsedJson(text)),
  parse_yaml: signed('string', (text: string) => parsedYaml(text)),
  lookup: signed('object|array any', (where: Fields | readonly unknown[], key: unknown) => lookup(where, key)),
  items: signed('object|array string string', (where: Fields | readonly unknown[], key: string, value: string) =>
    Array.isArray(where)
      ? where.map((entry, index) => ({ [key]: index, [value]: entry }))
      : Object.entries(where)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, entry]) => ({ [key]: name, [value]: entry })),
  ),
  object_from_lists: signed('array array', (keys: readonly unknown[], values: readonly unknown[]) =>
    Object.fromEntries(keys.map((key, index) => [keyText(key), values[index] ?? null])),
  ),
  image_normalize: signed('string', (image: string) => referenceOf(image)),
  sha256: signed('string', (text: string) => createHash('sha256').update(text).digest('hex')),
  sha1: signed('string', (text: string) => createHash('sha1').update(text).digest('hex')),
  md5: signed('string', (text: string) => createHash('md5').update(text).digest('hex')),
};

function referenceOf(image: string): string {
  const info = imageInfo(image);
  if (!info) throw new QueryError(`${JSON.stringify(image)} is no image`);
  return info.reference;
}

function regex(pattern: string) {
  try {
    return compilePattern(pattern);
  } catch (error) {
    throw new QueryError(error instanceof Error ? error.message : String(error));
  }
}

function replaced(text: string, old: string, by: string, most: number): string {
  if (old === '') throw new UndecidableQuery('replacing an empty text is not done here');
  const parts = text.split(old);
  const count = most < 0 ? parts.length - 1 : Math.min(Math.trunc(most), parts.length - 1);
  return [parts.slice(0, count + 1).join(by), ...parts.slice(count + 1)].join(old);
}

function trimmed(text: string, signs: string): string {
  const cut = new Set(signs);
  const letters = [...text];
  const start = letters.findIndex((letter) => !cut.has(letter));
  return start < 0 ? '' : letters.slice(start, letters.findLastIndex((letter) => !cut.has(letter)) + 1).join('');
}

type Group = (index: number) => string;

/** Matches from left to right; an empty one right behind another is none, as in Go. */
function replacedByPattern(pattern: string, text: string, by: (group: Group) => string): string {
  const matcher = regex(pattern).matcher(text);
  let done = '';
  let at = 0;
  let end = -1;
  while (matcher.find()) {
    if (matcher.start() === matcher.end() && matcher.start() === end) continue;
    done += text.slice(at, matcher.start()) + by((index) => (index <= matcher.groupCount() ? (matcher.group(index) ?? '') : ''));
    at = end = matcher.end();
  }
  return done + text.slice(at);
}

/** `$1` and `${1}` stand for groups, `$$` for `$`. */
function expanded(template: string, group: Group): string {
  return template.replace(/\$(?:\$|(\w+)|\{(\w+)\})/g, (token, bare?: string, braced?: string) => {
    const name = bare ?? braced;
    if (name === undefined) return token === '$$' ? '$' : token;
    if (!/^\d+$/.test(name)) throw new UndecidableQuery(`the named group ${name} is not known here`);
    return group(Number(name));
  });
}

function booleanOf(text: string): boolean {
  const word = text.toLowerCase();
  if (word !== 'true' && word !== 'false') throw new QueryError(`to_boolean takes true or false, not ${JSON.stringify(text)}`);
  return word === 'true';
}

function rounded(value: number, digits: number): number {
  if (!Number.isInteger(digits) || digits < 0) throw new QueryError('round takes a whole number of digits');
  const shift = 10 ** digits;
  return (Math.sign(value) * Math.round(Math.abs(value) * shift)) / shift;
}

function decoded(text: string): string {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw new QueryError('the text is not in base64');
  return bytes.toString('utf8');
}

function canonical(path: string): string {
  if (path === '') return '';
  const normal = posix.normalize(path);
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new QueryError(`parse_json: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Kyverno reads YAML 1.1 with exceptions of its own: a text that both versions read the same is read. */
function parsedYaml(text: string): unknown {
  const [newer, older] = (['1.2', '1.1'] as const).map((version) => {
    try {
      return parse(text, { version }) as unknown;
    } catch (error) {
      throw new QueryError(`parse_yaml: ${error instanceof Error ? error.message : String(error)}`);
    }
  });
  if (!isDeepStrictEqual(newer, older)) throw new UndecidableQuery('parse_yaml: the text means different things to YAML 1.1 and 1.2');
  return newer ?? null;
}

function keyText(key: unknown): string {
  if (key === null || typeof key === 'object') throw new QueryError('object_from_lists takes keys that are texts or numbers');
  return String(key);
}

function lookup(where: Fields | readonly unknown[], key: unknown): unknown {
  if (Array.isArray(where)) {
    if (typeof key !== 'number' || !Number.isInteger(key)) throw new QueryError('lookup in a list takes a whole number');
    return where[key] ?? null;
  }
  if (typeof key !== 'string') throw new QueryError('lookup in a map takes a text');
  return Object.hasOwn(where, key) ? (where as Fields)[key] : null;
}
