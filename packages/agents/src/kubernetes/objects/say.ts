import type { FieldPath } from '@tier0/core';

/** Names told of many. */
const TOLD = 3;

/** `a, b, c and 2 more`. */
export function someOf(names: readonly string[], told: number = TOLD): string {
  return names.length > told ? `${names.slice(0, told).join(', ')} and ${names.length - told} more` : names.join(', ');
}

/** ` (a, b, c and 2 more)`, to stand behind a word; empty where there are none. */
export function inBrackets(names: readonly string[]): string {
  return names.length === 0 ? '' : ` (${someOf(names)})`;
}

/** A path below its first part, as people write it: `limits.memory` of `resources.limits.memory`; an entry of a list by its name. */
export function pathBelow(path: FieldPath): string {
  return path
    .slice(1)
    .map((segment) => (typeof segment === 'object' ? segment.value : String(segment)))
    .join('.');
}

/** Milliseconds as a person says them: `48 s`, from two minutes on `7 minutes`. Never less than 0 s. */
export function sayDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} minutes`;
}
