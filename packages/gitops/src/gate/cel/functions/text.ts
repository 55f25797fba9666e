import { CelError, type CelValue } from '../values/value.ts';
import { formatText } from './format-text.ts';
import { isList, isText, type Library, type Overload, ofText } from './overload.ts';

/** The string library. Positions count code points, as in Go. */
export const TEXT: Library = {
  '.startsWith': ofTwoTexts((text, other) => text.startsWith(other)),
  '.endsWith': ofTwoTexts((text, other) => text.endsWith(other)),
  '.contains': ofTwoTexts((text, other) => text.includes(other)),
  '.charAt': (text, at) => {
    if (!isText(text) || typeof at !== 'bigint') return undefined;
    const points = [...text];
    return inRange(at, points.length) ? (points[Number(at)] ?? '') : outOfRange(at);
  },
  '.indexOf': (text, part, from = 0n) => {
    if (!(isText(text) && isText(part)) || typeof from !== 'bigint') return undefined;
    return firstIndex([...text], [...part], from);
  },
  '.lastIndexOf': (text, part, from) => {
    if (!(isText(text) && isText(part))) return undefined;
    const points = [...text];
    if (from === undefined) return lastOf(points, [...part]);
    return typeof from === 'bigint' ? lastIndex(points, [...part], from) : undefined;
  },
  '.lowerAscii': ofText((text) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())),
  '.upperAscii': ofText((text) => text.replace(/[a-z]/g, (letter) => letter.toUpperCase())),
  '.trim': ofText((text) => text.replace(/^[\s\u0085]+|[\s\u0085]+$/g, '')),
  '.replace': (text, from, to, count = -1n) => {
    if (!(isText(text) && isText(from) && isText(to)) || typeof count !== 'bigint') return undefined;
    return replace({ text: text, from: from, to: to }, Number(count));
  },
  '.split': (text, separator, limit = -1n) => {
    if (!(isText(text) && isText(separator)) || typeof limit !== 'bigint') return undefined;
    return split(text, separator, Number(limit));
  },
  '.substring': (text, from, to) => {
    if (!isText(text) || typeof from !== 'bigint' || (to !== undefined && typeof to !== 'bigint')) return undefined;
    const points = [...text];
    const end = to ?? BigInt(points.length);
    if (from > end && to !== undefined) throw new CelError(`invalid substring range. start: ${from}, end: ${end}`);
    for (const at of [from, end]) if (!inRange(at, points.length)) outOfRange(at);
    return points.slice(Number(from), Number(end)).join('');
  },
  '.join': (list, separator = '') => {
    if (!isList(list) || !isText(separator)) return undefined;
    if (!list.every((entry) => typeof entry === 'string')) throw new CelError('join: invalid input: not every entry is text');
    return list.join(separator);
  },
  '.format': (template, values) => (isText(template) && isList(values) ? formatText(template, values) : undefined),
  'strings.quote': ofText((text) => quote(text)),
};

function ofTwoTexts(apply: (text: string, other: string) => CelValue): Overload {
  return (text, other, ...rest) => (isText(text) && isText(other) && rest.length === 0 ? apply(text, other) : undefined);
}

function inRange(at: bigint, length: number): boolean {
  return at >= 0n && at <= BigInt(length);
}

function outOfRange(at: bigint): never {
  throw new CelError(`index out of range: ${at}`);
}

function firstIndex(text: readonly string[], part: readonly string[], from: bigint): bigint {
  if (part.length === 0) return from;
  if (from < 0n) outOfRange(from);
  for (let at = Number(from); at + part.length <= text.length; at++) if (standsAt(text, part, at)) return BigInt(at);
  return -1n;
}

function lastIndex(text: readonly string[], part: readonly string[], from: bigint): bigint {
  if (part.length === 0) return from;
  if (from < 0n) outOfRange(from);
  if (part.length > text.length || from >= BigInt(text.length)) return -1n;
  for (let at = Math.min(Number(from), text.length - part.length); at >= 0; at--) if (standsAt(text, part, at)) return BigInt(at);
  return -1n;
}

function lastOf(text: readonly string[], part: readonly string[]): bigint {
  if (part.length === 0) return BigInt(text.length);
  return part.length > text.length ? -1n : lastIndex(text, part, BigInt(text.length - 1));
}

function standsAt(text: readonly string[], part: readonly string[], at: number): boolean {
  return part.every((point, index) => text[at + index] === point);
}

function replace({ text, from, to }: { readonly text: string; readonly from: string; readonly to: string }, count: number): string {
  let left = count < 0 ? Number.POSITIVE_INFINITY : count;
  if (from !== '') return text.replaceAll(from, (match) => (left-- > 0 ? to : match));
  const parts = [...text].map((point) => (left-- > 0 ? to + point : point));
  return parts.join('') + (left-- > 0 ? to : '');
}

function split(text: string, separator: string, limit: number): readonly string[] {
  if (limit === 0) return [];
  const parts = separator === '' ? [...text] : text.split(separator);
  if (limit < 0 || parts.length <= limit) return parts;
  return [...parts.slice(0, limit - 1), parts.slice(limit - 1).join(separator)];
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

/** A text between double quotes, as CEL writes it. */
export function quote(text: string): string {
  return `"${[...text].map((point) => ESCAPES[point] ?? point).join('')}"`;
}
