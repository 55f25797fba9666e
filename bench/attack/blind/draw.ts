import { createHash } from 'node:crypto';

export const LOWER = 'abcdefghijklmnopqrstuvwxyz';
export const UPPER = LOWER.toUpperCase();
export const DIGITS = '0123456789';
export const HEX = '0123456789abcdef';
export const WORD = LOWER + UPPER + DIGITS;
export const URL_SAFE = `${WORD}-_`;
export const BASE64 = `${WORD}+/`;

const SYLLABLES = 'ba de fi go ku la me ni po ru sa te vi wo xa ze cha tro mul ker lin dor'.split(' ');

/** A source of made-up values that gives the same ones for the same seed: nothing here was ever a credential. */
export interface Draw {
  readonly below: (limit: number) => number;
  readonly one: <T>(choices: readonly T[]) => T;
  readonly text: (alphabet: string, length: number) => string;
  /** Two or three syllables, as people name things. */
  readonly name: () => string;
  /** What a person types when asked for a password: words, digits, marks. */
  readonly password: () => string;
  /** What a generator prints when asked for one. */
  readonly random: (length?: number) => string;
  readonly bytes: (length: number) => Buffer;
}

/** @param seed names the sequence; two draws of one seed are equal. */
export function drawFrom(seed: string): Draw {
  let count = 0;
  const below = (limit: number) => {
    count += 1;
    return createHash('sha256').update(`${seed}/${count}`).digest().readUInt32BE(0) % limit;
  };
  const one = <T>(choices: readonly T[]) => choices[below(choices.length)] as T;
  const text = (alphabet: string, length: number) => Array.from({ length }, () => alphabet[below(alphabet.length)]).join('');
  const name = () => Array.from({ length: 2 + below(2) }, () => one(SYLLABLES)).join('');
  const capital = (word: string) => word.slice(0, 1).toUpperCase() + word.slice(1);
  const password = () =>
    one([
      () => `${capital(name())}${1950 + below(90)}${one(['!', '#', '?', '.'])}`,
      () => `${name()}-${name()}-${name()}`,
      () => `${name()}_${below(900) + 100}${one(['$', '%', '!', '*'])}${one(['x', 'Q', '7'])}`,
      () => `${capital(name())}${capital(name())}${below(90) + 10}`,
    ])();
  const random = (length = 24) => `${text(LOWER, 1)}${text(UPPER, 1)}${text(DIGITS, 1)}${text(WORD, length - 3)}`;
  const bytes = (length: number) => Buffer.from(Array.from({ length }, () => below(256)));
  return { below, one, text, name, password, random, bytes };
}
