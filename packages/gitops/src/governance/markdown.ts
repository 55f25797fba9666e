import { redact } from '@tier0/core';

/** Text from outside on one line: no control characters, no line breaks, no secrets. */
export function oneLine(text: string): string {
  return redact(text)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\s]+/gu, ' ')
    .trim();
}

/**
 * What forges make links, mentions and references of, taken apart by a space that people see. Entities and backslashes do not help: forges look
 * for these in the rendered text, where both are gone.
 */
const LIVE: readonly (readonly [pattern: RegExp, apart: string])[] = [
  // Schemes, and addresses that become links without one.
  [/([a-z][a-z0-9+.-]{0,31}):(?=\/\/)/gi, '$1: '],
  [/\b(mailto|xmpp|javascript|data|vbscript|file|tel):(?=\S)/gi, '$1: '],
  [/\bwww(?=\.)/gi, 'www '],
  // Mentions, also those of roles and in e-mail addresses.
  [/@(?=[\p{L}\p{N}_@])/gu, '@ '],
  // Issues, merge requests, snippets, epics, labels, milestones, vulnerabilities, and GitHub's "GH-1".
  [/([#!$&^%~])(?=[\p{L}\p{N}_"])/gu, '$1 '],
  [/\b(GH)-(?=\d)/gi, '$1- '],
];

/** Text from outside as plain words: nothing in it is markup, a link, an image, a mention, a reference or HTML, on any forge. */
export function inline(text: string): string {
  return LIVE.reduce((said, [pattern, apart]) => said.replace(pattern, apart), oneLine(text))
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/[\\`*_{}[\]()|~!]/g, '\\$&')
    .replace(/^([-+=#/]|\d+[.)])/, '\\$1');
}

/** Text from outside in a code span on one line. */
export function code(text: string): string {
  const content = defuse(oneLine(text));
  const fence = '`'.repeat(longestRun(content) + 1);
  return `${fence} ${content} ${fence}`.replace(/^` (?!`)(.*[^`]) `$/, '`$1`');
}

/** Text from outside in a fenced block that it cannot close. */
export function codeBlock(text: string, language = ''): string {
  const lines = defuse(redact(text))
    .split(/\r?\n/)
    .map((line) => line.replace(/(?!\t)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}]/gu, ''));
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}${language}\n${lines.join('\n')}\n${fence}`;
}

/** A comment opener in quoted text is taken apart, so that no reader of the body can find a marker there. */
function defuse(text: string): string {
  return text.replace(/<!-{2}/g, '<! --');
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map((match) => match[0].length));
}
