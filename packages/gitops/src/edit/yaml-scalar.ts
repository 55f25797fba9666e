import { Document } from 'yaml';

/** How a string is written: without quotes where that is safe, or in the quotes the file already uses there. */
export type QuoteStyle = 'plain' | 'single' | 'double';

export type YamlScalar = string | number | boolean | null;

/** Text of a scalar on one line. A string that YAML 1.1 or 1.2 would read as anything else is quoted. */
export function renderScalar(value: YamlScalar, style: QuoteStyle): string {
  if (typeof value === 'number') return renderNumber(value);
  if (typeof value !== 'string') return JSON.stringify(value);
  if (style === 'plain' && isPlainSafe(value)) return value;
  if (style === 'single' && isPrintable(value)) return `'${value.replaceAll("'", "''")}'`;
  return renderDoubleQuoted(value);
}

/** YAML 1.1 takes `1e+21` for a string: a number with an exponent gets its point. */
function renderNumber(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  return JSON.stringify(value).replace(/^(-?\d+)e/, '$1.0e');
}

/** A JSON string whose invisible characters are escaped too, which every YAML reader takes literally. */
export function renderDoubleQuoted(value: string): string {
  return JSON.stringify(value).replace(/[\u007f-\u00a0\u2028\u2029\ufeff\ufffe\uffff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/**
 * Lines of a literal block scalar, header first; undefined when the text does not survive that form.
 * With an `indicator`, the number of spaces the text stands in against its key, it may begin with spaces.
 */
export function renderLiteral(value: string, indent: string, indicator = ''): readonly string[] | undefined {
  const first = value.split('\n')[0] ?? '';
  const beginsWell = indicator === '' ? /^[^\s]/.test(first) : first.trim() !== '';
  if (!value.includes('\n') || !beginsWell || !isPrintable(value.replaceAll('\n', ''))) return undefined;
  if (value.endsWith('\n\n')) return undefined;
  const header = `|${indicator}${value.endsWith('\n') ? '' : '-'}`;
  const lines = value.replace(/\n$/, '').split('\n');
  return [header, ...lines.map((line) => (line === '' ? '' : indent + line))];
}

/** Starts with a word character, and holds nothing that means something to YAML, in block or in flow context. */
const PLAIN = /^[\w/](?:[\w./@+%=~-]|:(?=[\w./@+%=~-])| (?=[\w./@+%=~-]))*$/;

/** What some reader takes for a number, whatever the standards say: `0X1F`, `0b11`, `1_000`, `1.`, `1e3`. */
const NUMBER_LIKE = /^[-+]?(?:0[box][\da-f_]*|(?=.*\d)[\d_]*\.?[\d_]*(?:e[-+]?[\d_]*)?)$/i;

function isPlainSafe(value: string): boolean {
  return PLAIN.test(value) && !NUMBER_LIKE.test(value) && !RESOLVED.some((test) => test.test(value));
}

/** What YAML 1.1 and 1.2 read as something else than a string: the parser's own tests, of both versions. */
const RESOLVED: readonly RegExp[] = (['1.1', '1.2'] as const).flatMap((version) =>
  new Document(null, { version }).schema.tags.flatMap((tag) => ('test' in tag && tag.default && tag.test ? [tag.test] : [])),
);

function isPrintable(value: string): boolean {
  return !/[\p{Cc}\p{Cs}\u00a0\u2028\u2029\ufeff\ufffe\uffff]/u.test(value);
}
