import { parse } from 'yaml';

/** How a string is written: without quotes where that is safe, or in the quotes the file already uses there. */
export type QuoteStyle = 'plain' | 'single' | 'double';

export type YamlScalar = string | number | boolean | null;

/** Text of a scalar on one line. A string that YAML 1.1 or 1.2 would read as anything else is quoted. */
export function renderScalar(value: YamlScalar, style: QuoteStyle): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  if (style === 'plain' && isPlainSafe(value)) return value;
  if (style === 'single' && isPrintable(value)) return `'${value.replaceAll("'", "''")}'`;
  return renderDoubleQuoted(value);
}

/** A JSON string whose invisible characters are escaped too, which every YAML reader takes literally. */
export function renderDoubleQuoted(value: string): string {
  return JSON.stringify(value).replace(/[\u007f-\u00a0\u2028\u2029\ufeff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** Lines of a literal block scalar, header first; undefined when the text does not survive that form. */
export function renderLiteral(value: string, indent: string): readonly string[] | undefined {
  if (!value.includes('\n') || !/^[^\s]/.test(value) || !isPrintable(value.replaceAll('\n', ''))) return undefined;
  if (value.endsWith('\n\n')) return undefined;
  const header = value.endsWith('\n') ? '|' : '|-';
  const lines = value.replace(/\n$/, '').split('\n');
  return [header, ...lines.map((line) => (line === '' ? '' : indent + line))];
}

/** Starts with a word character, and holds nothing that means something to YAML, in block or in flow context. */
const PLAIN = /^[\w/](?:[\w./@+%=~-]|:(?=[\w./@+%=~-])| (?=[\w./@+%=~-]))*$/;

function isPlainSafe(value: string): boolean {
  return PLAIN.test(value) && readsBack(value, '1.1') && readsBack(value, '1.2');
}

function readsBack(value: string, version: '1.1' | '1.2'): boolean {
  try {
    return parse(value, { version, logLevel: 'silent' }) === value;
  } catch {
    return false;
  }
}

function isPrintable(value: string): boolean {
  return !/[\p{Cc}\u00a0\u2028\u2029\ufeff]/u.test(value);
}
