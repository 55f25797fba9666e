import { isMap } from '../schema/schema-flaws.ts';
import { goJson, QueryError, UndecidableQuery } from './jmespath/query-value.ts';
import { searchData } from './jmespath/search.ts';

/** The innermost `{{ expression }}` of a text, not behind a backslash; braces may stand once inside. */
const VARIABLE = /(^|[^\\])(\{\{(?:\{[^{}]*\}|[^{}])*\}\})/;
const ESCAPED = /\\(\{\{(?:\{[^{}]*\}|[^{}])*\}\})/g;
const REFERENCE = /(?:^|[^\\])\$\(/;
/** Texts in policies nest two or three deep; more is a mistake, or a text that makes itself anew. */
const MOST = 50;

/**
 * Puts values in the place of variables, in every text and key. A text that is one variable becomes its value, of whatever type.
 * Throws QueryError where Kyverno finds no value, UndecidableQuery where nobody can tell here.
 */
export function substitute(document: unknown, data: unknown): unknown {
  if (typeof document === 'string') return substituteText(document, data);
  if (Array.isArray(document)) return document.map((entry) => substitute(entry, data));
  if (!isMap(document)) return document;
  return Object.fromEntries(Object.entries(document).map(([key, entry]) => [keyOf(key, data), substitute(entry, data)]));
}

function keyOf(key: string, data: unknown): string {
  const value = substituteText(key, data);
  if (typeof value !== 'string') throw new QueryError(`the key ${key} becomes no text`);
  return value;
}

function substituteText(text: string, data: unknown): unknown {
  if (REFERENCE.test(text)) throw new UndecidableQuery('references to other fields, $(...), are not followed here');
  let now = text;
  for (let count = 0; count < MOST; count++) {
    const match = VARIABLE.exec(now);
    if (!match) return now.replace(ESCAPED, '$1');
    const variable = match[2] ?? '';
    const value = valueFor(variable, data);
    if (now === variable) return value;
    const at = match.index + (match[1] ?? '').length;
    now = `${now.slice(0, at)}${inserted(value, now.slice(0, at))}${now.slice(at + variable.length)}`;
  }
  throw new UndecidableQuery(`the variables of ${JSON.stringify(text)} lead to more than ${MOST} others`);
}

function valueFor(variable: string, data: unknown): unknown {
  const expression = variable.replaceAll('{{', '').replaceAll('}}', '').trim();
  if (expression === '@') throw new UndecidableQuery('{{@}}, the value at the place of the pattern, is not known here');
  if (expression === '') throw new QueryError('a variable is empty');
  return searchData(expression, data);
}

/** Text of an object is never an expression: what would be read as one once it is put into another is not decided. */
function inserted(value: unknown, before: string): string {
  const text = typeof value === 'string' ? value : goJson(value);
  if (text.includes('{{')) throw new UndecidableQuery('a value holds {{, which would be read as a variable');
  const isInside = before.lastIndexOf('{{') > before.lastIndexOf('}}');
  if (isInside && typeof value === 'string' && /['"`\\]/.test(text))
    throw new UndecidableQuery('a value with a quote or a backslash would change the expression that it is put into');
  return text;
}
