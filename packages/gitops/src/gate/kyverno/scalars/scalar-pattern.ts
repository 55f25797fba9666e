import { parseExactQuantity } from '../../cel/functions/quantity.ts';
import { durationOf } from './go-duration.ts';

/** `*` stands for any text, `?` for one character. The time it takes grows with the product of both lengths at most, whatever the texts are. */
export function matchesWildcard(pattern: string, text: string): boolean {
  const [wanted, found] = [[...pattern], [...text]];
  let at = 0;
  let here = 0;
  let star = -1;
  let mark = 0;
  while (here < found.length) {
    if (at < wanted.length && wanted[at] === '*') [star, mark, at] = [at, here, at + 1];
    else if (at < wanted.length && (wanted[at] === '?' || wanted[at] === found[here])) [at, here] = [at + 1, here + 1];
    else if (star >= 0) [at, mark, here] = [star + 1, mark + 1, mark + 1];
    else return false;
  }
  return wanted.slice(at).every((sign) => sign === '*');
}

/** Whether a value matches a pattern without structure: `>=1 & <=5`, `!*:latest`, `1Gi | 2Gi`, `10-20`, `<=1h`, `?*`. */
export function matchesScalar(value: unknown, pattern: unknown): boolean {
  if (pattern === null) return isZero(value);
  if (typeof pattern === 'boolean') return value === pattern;
  if (typeof pattern === 'number') return value === pattern || (typeof value === 'string' && isNumber(value, pattern));
  if (typeof pattern !== 'string') return false;
  return value === pattern || pattern.split('|').some((option) => option.split('&').every((part) => matchesPart(value, part.trim())));
}

/** A pattern of null takes what is not there, and the zero of each type. */
function isZero(value: unknown): boolean {
  return value === undefined || value === null || value === 0 || value === '' || value === false;
}

function isNumber(text: string, wanted: number): boolean {
  return /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(text) && Number(text) === wanted;
}

const RANGE = /^([-+]?\d+(?:\.\d+)?[A-Za-z]*)(!?-)([-+]?\d+(?:\.\d+)?[A-Za-z]*)$/;
const COMPARISON = /^(>=|<=|>|<|!)(.*)$/s;

/** Whether a text is a range, such as `10-20` or `1Mi-1Gi`. */
export function isRange(text: string): boolean {
  return RANGE.exec(text)?.[2] === '-';
}

function matchesPart(value: unknown, part: string): boolean {
  const [, low, sign, high] = RANGE.exec(part) ?? [];
  if (low !== undefined && high !== undefined) {
    if (sign === '-') return compares(value, '>=', low) && compares(value, '<=', high);
    return compares(value, '<', low) || compares(value, '>', high);
  }
  const [, operator = '', rest = part] = COMPARISON.exec(part) ?? [];
  return compares(value, operator, rest.trim());
}

/** As durations, then as quantities, then as texts, which are equal or not. Where there is no value, zero is compared. */
function compares(value: unknown, operator: string, wanted: string): boolean {
  const sign = orderOf(value, wanted);
  if (sign !== undefined) return holds(operator, sign);
  if (operator !== '' && operator !== '!') return false;
  if (value === undefined || value === null || typeof value === 'object') return false;
  return matchesWildcard(wanted, String(value)) === (operator === '');
}

function orderOf(value: unknown, wanted: string): number | undefined {
  const text =
    value === undefined || value === null ? '0' : typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  if (text === undefined) return undefined;
  const [span, limit] = [typeof value === 'number' ? undefined : durationOf(text), durationOf(wanted)];
  if (span !== undefined && limit !== undefined) return span < limit ? -1 : span > limit ? 1 : 0;
  const [left, right] = [parseExactQuantity(text), parseExactQuantity(wanted)];
  return left && right ? left.compareTo(right) : undefined;
}

function holds(operator: string, sign: number): boolean {
  if (operator === '>') return sign > 0;
  if (operator === '<') return sign < 0;
  if (operator === '>=') return sign >= 0;
  if (operator === '<=') return sign <= 0;
  return operator === '!' ? sign !== 0 : sign === 0;
}
