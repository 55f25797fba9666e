import { holdsSecret, redact } from '@tier0/core';

/** Characters of a value or a line that are told. */
const TOLD_CHARACTERS = 60;

/**
 * What became of the value of a key, as far as it is harmless: `main → mian` of a short one, the first line that is another of a long one. Empty where
 * nothing may be told.
 */
export function sayKeyChange(key: string, before: string, now: string): string {
  const isLong = before.includes('\n') || now.includes('\n');
  const [one, other] = isLong ? firstDifference(before, now) : [before.trim(), now.trim()];
  const isTold = [one, other].every((text) => isHarmless(key, text));
  return isTold && one !== other ? `${one === '' ? 'none' : one} → ${other === '' ? 'none' : other}` : '';
}

/** The first lines that the texts do not have in common. */
function firstDifference(before: string, now: string): readonly [string, string] {
  const linesOf = (text: string) => new Set(text.split('\n').map((line) => line.trim()));
  const [old, fresh] = [linesOf(before), linesOf(now)];
  const gone = [...old].find((line) => line !== '' && !fresh.has(line)) ?? '';
  const come = [...fresh].find((line) => line !== '' && !old.has(line)) ?? '';
  return [gone, come];
}

/** Numbers and amounts, switches, words without digits, names and addresses of hosts, paths: what no secret looks like. */
const PLAIN =
  /^(?:-?\d+(?:\.\d+)?(?:%|[a-zA-Z]{1,3})?|true|false|[A-Za-z]+(?:[._-][A-Za-z]+)*|(?:[a-z][a-z+]*:\/\/)?[a-z0-9]+(?:[.-][a-z0-9]+)*(?::\d{1,5})?(?:\/[\w./-]*)?|\/[\w./-]*)$/;
/** `name = value`, `name: value` and `name value;`, as files of settings have them. */
const SETTING = /^[\w.-]+(?:\[[^\]]*\])?\s*(?:=\s*|:\s+|\s)(.*?);?$/;

function isHarmless(key: string, text: string): boolean {
  if (text.length > TOLD_CHARACTERS || redact(text) !== text || holdsSecret({ item: '', fieldPath: ['data', key], value: text }))
    return false;
  const parts = (SETTING.exec(text)?.[1] ?? text).split(/[\s,=]+/);
  return text === '' || parts.every((part) => part === '' || PLAIN.test(part.replace(/^["']|["';]+$/g, '')));
}
