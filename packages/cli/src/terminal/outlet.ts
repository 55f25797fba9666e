import { randomBytes } from 'node:crypto';
import { styleText } from 'node:util';
import { redact } from '@tier0/core';

/** How a stretch of text looks. */
export type Style = Parameters<typeof styleText>[0];

/** Begins what this process itself wants a terminal to do. Nobody who writes into a cluster or a repository can know it. */
const OWN = `\ue000${randomBytes(12).toString('hex')}`;
const END = '\ue001';
const ESC = '\u001b';
const OWN_SEQUENCE = new RegExp(`${OWN}([${ESC}\\[\\d;mK\\r]{1,24})${END}`, 'g');
const SEQUENCE = new RegExp(`${ESC}\\[[\\d;]*m`, 'g');

/** Takes the cursor back to the start of an emptied line. */
export const CLEAR_LINE: string = own('\x1b[2K\r');

/** Text in a style; the outlet lets its sequences through and no others. */
export function painted(style: Style, text: string): string {
  return styleText(style, visible(text), { validateStream: false }).replace(SEQUENCE, own);
}

/**
 * What a terminal or a log may be given: without secrets, and with every character made visible that would move the cursor, change colours,
 * turn the direction of writing round or hide. The one way out to stdout and stderr.
 */
export function toOutlet(text: string): string {
  const own: string[] = [];
  const plain = text.replace(OWN_SEQUENCE, (_, sequence: string) => {
    own.push(sequence);
    return `${OWN}${END}`;
  });
  let at = 0;
  return redact(plain)
    .split(`${OWN}${END}`)
    .map((part) => visible(part))
    .reduce((whole, part) => whole + (own[at++] ?? '') + part);
}

/** What must not reach a terminal: controls (C0 but tab and line feed, C1), direction marks, invisible and private characters, tags. */
const UNSEEN = /(?![\t\n]|\r\n)(?:[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}\u115f\u1160\u3164\uffa0])/gu;

/** The text with a mark like `‹U+202E›` for each such character. A carriage return right before a line feed ends the line with it. */
export function visible(text: string): string {
  if (text.includes(OWN)) return text;
  return text.replace(UNSEEN, (character) => `‹U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}›`);
}

function own(sequence: string): string {
  return `${OWN}${sequence}${END}`;
}
