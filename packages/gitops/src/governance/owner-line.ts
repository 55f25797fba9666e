/** A line of a CODEOWNERS file cut into what it is about and what follows. */
export interface OwnerLine {
  /** From 1. */
  readonly number: number;
  /** As written, without white space around. */
  readonly text: string;
  readonly pattern: string;
  /** What stands behind the pattern. */
  readonly rest: string;
}

/** Lines that say something, cut at the first white space that is not escaped. */
export function ownerLines(text: string): readonly OwnerLine[] {
  return text.split(/\r\n|\r|\n/).flatMap((line, index) => {
    const trimmed = line.replace(/^\uFEFF/, '').trim();
    if (trimmed === '' || trimmed.startsWith('#')) return [];
    const end = endOfPattern(trimmed);
    return [{ number: index + 1, text: trimmed, pattern: trimmed.slice(0, end), rest: trimmed.slice(end).trim() }];
  });
}

function endOfPattern(line: string): number {
  for (let at = 0; at < line.length; at++) {
    if (line[at] === '\\') at += 1;
    else if (/\s/.test(line[at] as string)) return at;
  }
  return line.length;
}

/** An e-mail address, as far as owners are named by one. */
export const EMAIL = /^[^\s@/]+@[^\s@/]+\.[^\s@/]+$/;
