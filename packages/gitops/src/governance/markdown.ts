import { redact } from '@tier0/core';

/** Text from outside on one line: no control characters, no line breaks, no secrets. */
export function oneLine(text: string): string {
  return redact(text)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\s]+/gu, ' ')
    .trim();
}

/** Text from outside as plain words: nothing in it is markup, a link, a mention, a reference or HTML. */
export function inline(text: string): string {
  return oneLine(text)
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/#(?=\d)/g, '&#35;')
    .replace(/@/g, '&#64;')
    .replace(/:\/\//g, '&#58;//')
    .replace(/[\\`*_{}[\]()|~!]/g, '\\$&')
    .replace(/^([-+=]|\d+[.)])/, '\\$1');
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
