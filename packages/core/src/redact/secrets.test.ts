import { describe, expect, test } from 'vitest';
import { harmlessTexts } from './fixtures/harmless-texts.ts';
import { type SecretSeed, secretSeeds } from './fixtures/secret-seeds.ts';
import { redact } from './redact.ts';
import { redactValue } from './redact-value.ts';

/** The seed where people put it, as an object and as the text that is printed of it. */
function placed(seed: SecretSeed): { readonly object: unknown; readonly text: string } {
  const { name, text, list } = seed;
  if (seed.place === 'env') return { object: { env: [{ name, value: text }] }, text: `- name: ${name}\n  value: ${text}` };
  if (seed.place === 'args') return { object: { args: list }, text };
  if (seed.place === 'annotation')
    return { object: { metadata: { annotations: { [name]: text } } }, text: JSON.stringify({ [name]: text }) };
  if (seed.place === 'managed') return { object: { managedFields: [{ fieldsV1: { 'f:args': { [text]: {} } } }] }, text };
  return { object: seed.place === 'file' ? { kind: 'ConfigMap', data: { [name]: text } } : { message: text }, text };
}

function shows(output: string, secret: string): boolean {
  return output.includes(secret) || output.includes(JSON.stringify(secret).slice(1, -1));
}

describe('secrets in the places where people put them', () => {
  const seeds = secretSeeds(3, 11);
  test('five hundred of more than eighty kinds: at most one in a hundred gets through, as object or as text', () => {
    expect(new Set(seeds.map((seed) => seed.kind)).size).toBeGreaterThan(80);
    const leaked = seeds.filter((seed) => {
      const { object, text } = placed(seed);
      return shows(JSON.stringify(redactValue(object).value), seed.secret) || shows(redact(text), seed.secret);
    });
    expect(leaked.map((seed) => seed.kind).length / seeds.length).toBeLessThanOrEqual(0.01);
  });

  test('what was taken out once is left alone the second time', () => {
    for (const seed of seeds) {
      const { object, text } = placed(seed);
      expect(redact(redact(text)), seed.kind).toBe(redact(text));
      const once = redactValue(object).value;
      expect(redactValue(once).value, seed.kind).toEqual(once);
    }
  });

  test('JSON stays JSON', () => {
    for (const seed of seeds) {
      const text = JSON.stringify(placed(seed).object);
      expect(() => JSON.parse(redact(text)), `${seed.kind}: ${redact(text)}`).not.toThrow();
    }
    expect(JSON.parse(redact('{"password": 12345678, "port": 5432}'))).toEqual({ password: '[redacted password]', port: 5432 });
  });

  test('each removal says where and of what kind, never what', () => {
    for (const seed of seeds) {
      const { removed } = redactValue(placed(seed).object);
      expect(shows(JSON.stringify(removed), seed.secret), seed.kind).toBe(false);
    }
  });
});

describe('harmless texts', () => {
  const texts = harmlessTexts(7, 12);
  test('five hundred of operations: at most two in a hundred lose something', () => {
    expect(texts.length).toBeGreaterThanOrEqual(500);
    const hidden = texts.filter(({ name, text }) => {
      const object = name === '' ? { data: { log: text }, message: text } : { data: { [name]: text }, env: [{ name, value: text }] };
      return JSON.stringify(redactValue(object).value).includes('[redacted') || (name === '' && redact(text) !== text);
    });
    expect(hidden.length / texts.length).toBeLessThanOrEqual(0.02);
  });

  test('ordinary words after a name stay', () => {
    for (const text of [
      'token-auth: ordinary words',
      'token: has expired',
      'invalid password: must not be empty',
      'secret "web-tls" not found',
    ])
      expect(redact(text)).toBe(text);
  });
});
