import type { Scenario } from '../scenario/scenario.ts';

const WINDOW = 4;

/** Everything that can be seen of a recording, as one searchable text. */
export function observableText({ objects, logs }: Pick<Scenario, 'objects' | 'logs'>): string {
  return plain(`${JSON.stringify(objects)}\n${[...logs.values()].join('\n')}`);
}

/**
 * Whether a claim rests on something that was there to be seen: a run of four of its words, or a piece it quotes (at least six characters), stands in
 * the recording. It says nothing about whether the claim follows from it.
 */
export function isGrounded(claim: string, observable: string): boolean {
  const quoted = [...claim.slice(0, 4_000).matchAll(/["'`]([^"'`\n]{6,200})["'`]/g)].map((match) => plain(match[1]!));
  if (quoted.some((piece) => piece.length >= 6 && observable.includes(piece))) return true;
  const words = plain(claim.slice(0, 4_000)).split(' ').filter(Boolean);
  return words.some((_, index) => index + WINDOW <= words.length && observable.includes(words.slice(index, index + WINDOW).join(' ')));
}

/** Lower case, quotes, escapes and marks at the end of words gone, one blank between words: tools quote with marks of their own. */
function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/\\[nrt]/g, ' ')
    .replace(/[\\"'`]/g, '')
    .replace(/[,;:.!?)\]}]+(?=\s|$)/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}
