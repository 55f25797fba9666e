import { RE2JS } from 're2js';
import { CelError } from '../values/value.ts';
import { isText, type Library } from './overload.ts';

/** Regular expressions of RE2: they run in linear time, and mean what they mean to the API server. */
export const REGULAR: Library = {
  '.matches': (text, pattern) => (isText(text) && isText(pattern) ? compilePattern(pattern).matcher(text).find() : undefined),
  matches: (text, pattern) => (isText(text) && isText(pattern) ? compilePattern(pattern).matcher(text).find() : undefined),
  '.find': (text, pattern) => (isText(text) && isText(pattern) ? (findAll(text, pattern, 1)[0] ?? '') : undefined),
  '.findAll': (text, pattern, limit = -1n) =>
    isText(text) && isText(pattern) && typeof limit === 'bigint' ? findAll(text, pattern, Number(limit)) : undefined,
};

const compiled = new Map<string, RE2JS>();

/** A pattern of RE2, compiled once. Throws CelError for what is none. */
export function compilePattern(pattern: string): RE2JS {
  const known = compiled.get(pattern);
  if (known) return known;
  try {
    const program = RE2JS.compile(pattern);
    if (compiled.size > 500) compiled.clear();
    compiled.set(pattern, program);
    return program;
  } catch (error) {
    throw new CelError(`error parsing regexp: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function findAll(text: string, pattern: string, limit: number): readonly string[] {
  const found: string[] = [];
  const matcher = compilePattern(pattern).matcher(text);
  let end = -1;
  while ((limit < 0 || found.length < limit) && matcher.find()) {
    // Go takes no empty match right behind another one.
    if (matcher.start() === matcher.end() && matcher.start() === end) continue;
    end = matcher.end();
    found.push(matcher.group() ?? '');
  }
  return found;
}
