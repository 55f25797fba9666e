/*
 * Globs over paths, matched by comparing segments from a table of what was matched so far: the work is bounded by the length of the pattern
 * times the length of the path, whatever the pattern is. There is no expression engine that could go astray.
 */

/** One character of a segment: itself, anything, any run, or one of a set. */
type Part =
  | { readonly is: 'character'; readonly character: string }
  | { readonly is: 'any-one' }
  | { readonly is: 'any-run' }
  | { readonly is: 'set'; readonly ranges: readonly (readonly [from: string, to: string])[]; readonly negated: boolean };

/** A segment between slashes; `folders` stands for any number of them, none included. */
export type GlobSegment = 'folders' | readonly Part[];

/** How a segment is read. */
export interface SegmentSyntax {
  /** `[a-z]` is a set. */
  readonly sets: boolean;
}

/** Reads one segment. Undefined where a bracket or an escape is left open. */
export function readSegment(text: string, { sets }: SegmentSyntax): readonly Part[] | undefined {
  const parts: Part[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string;
    if (character === '\\') {
      at += 1;
      if (at === text.length) return undefined;
      parts.push({ is: 'character', character: text[at] as string });
    } else if (character === '*') {
      if (parts.at(-1)?.is !== 'any-run') parts.push({ is: 'any-run' });
    } else if (character === '?') parts.push({ is: 'any-one' });
    else if (sets && character === '[') {
      const set = readSet(text, at + 1);
      if (!set) return undefined;
      parts.push(set.part);
      at = set.end;
    } else parts.push({ is: 'character', character });
  }
  return parts;
}

function readSet(text: string, start: number): { readonly part: Part; readonly end: number } | undefined {
  const negated = text[start] === '!' || text[start] === '^';
  const ranges: [string, string][] = [];
  for (let at = negated ? start + 1 : start; at < text.length; at++) {
    if (text[at] === ']' && ranges.length > 0) return { part: { is: 'set', ranges, negated }, end: at };
    const from = text[at] === '\\' ? text[++at] : text[at];
    if (from === undefined) return undefined;
    const isRange = text[at + 1] === '-' && text[at + 2] !== undefined && text[at + 2] !== ']';
    ranges.push([from, isRange ? (text[at + 2] as string) : from]);
    if (isRange) at += 2;
  }
  return undefined;
}

/** Whether a pattern matches a whole path. */
export function matchesGlob(pattern: readonly GlobSegment[], path: readonly string[]): boolean {
  // reached[n]: the pattern so far can have taken the first n segments.
  let reached = path.map(() => false);
  reached.unshift(true);
  for (const segment of pattern) {
    const next = reached.map(() => false);
    for (let taken = 0; taken <= path.length; taken++) {
      if (segment === 'folders') next[taken] = reached[taken] === true || (taken > 0 && next[taken - 1] === true);
      else if (taken > 0) next[taken] = reached[taken - 1] === true && matchesSegment(segment, path[taken - 1] as string);
    }
    reached = next;
  }
  return reached[path.length] === true;
}

/** The last run of any characters is the only one that ever has to be widened. */
function matchesSegment(parts: readonly Part[], text: string): boolean {
  const characters = [...text];
  let part = 0;
  let at = 0;
  let run: { readonly part: number; at: number } | undefined;
  while (at < characters.length) {
    const current = parts[part];
    if (current?.is === 'any-run') run = { part: part++, at };
    else if (current && matchesOne(current, characters[at] as string)) {
      part += 1;
      at += 1;
    } else if (run) {
      run.at += 1;
      part = run.part + 1;
      at = run.at;
    } else return false;
  }
  return parts.slice(part).every((rest) => rest.is === 'any-run');
}

function matchesOne(part: Part, character: string): boolean {
  if (part.is === 'character') return part.character === character;
  if (part.is === 'set') return part.ranges.some(([from, to]) => character >= from && character <= to) !== part.negated;
  return part.is === 'any-one';
}
