import { parseExactQuantity, type Quantity } from '../cel/functions/quantity.ts';

/** `*` stands for any text, `?` for one character. */
export function matchesWildcard(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}

/** Whether a value matches a pattern without structure: `>=1 & <=5`, `!*:latest`, `1Gi | 2Gi`, `10-20`, `?*`. */
export function matchesScalar(value: unknown, pattern: unknown): boolean {
  if (pattern === null) return value === undefined || value === null;
  if (typeof pattern === 'boolean') return value === pattern;
  if (typeof pattern === 'number')
    return typeof value === 'number' ? value === pattern : typeof value === 'string' && value === String(pattern);
  if (typeof pattern !== 'string') return false;
  return pattern.split('|').some((option) => option.split('&').every((part) => matchesPart(value, part.trim())));
}

const RANGE = /^([-+]?\d[\w.]*)(!?-)([-+]?\d[\w.]*)$/;
const COMPARISON = /^(>=|<=|>|<|!)(.*)$/s;

function matchesPart(value: unknown, part: string): boolean {
  const [, low, sign, high] = RANGE.exec(part) ?? [];
  if (low !== undefined && high !== undefined && parseExactQuantity(low) && parseExactQuantity(high)) {
    const inside = compares(value, '>=', low) && compares(value, '<=', high);
    return sign === '-' ? inside : !inside;
  }
  const [, operator, rest = ''] = COMPARISON.exec(part) ?? [];
  if (operator === '!') return value !== undefined && value !== null && !isLike(value, rest.trim());
  return operator ? compares(value, operator, rest.trim()) : isLike(value, part);
}

function isLike(value: unknown, pattern: string): boolean {
  if (value === undefined || value === null || typeof value === 'object') return false;
  if (matchesWildcard(pattern, String(value))) return true;
  const [left, right] = [sizeOf(value), sizeOf(pattern)];
  return left !== undefined && right !== undefined && left.equals(right);
}

function compares(value: unknown, operator: string, limit: string): boolean {
  const [left, right] = [sizeOf(value), sizeOf(limit)];
  if (!left || !right) return false;
  const sign = left.compareTo(right);
  if (operator === '>') return sign > 0;
  if (operator === '<') return sign < 0;
  return operator === '>=' ? sign >= 0 : sign <= 0;
}

function sizeOf(value: unknown): Quantity | undefined {
  return typeof value === 'number' || typeof value === 'string' ? parseExactQuantity(String(value)) : undefined;
}
