import { expect, test } from 'vitest';
import { parseFieldPath } from '../model/field-path.ts';
import { holdsSecret, shownValue } from './edit-values.ts';

const at = (path: string) => parseFieldPath(path);

test('a field that says how something runs is shown, what people fill in freely is not', () => {
  expect(shownValue(at('spec.template.spec.containers[name=web].image'), 'shop/web:2.0')).toBe('shop/web:2.0');
  expect(shownValue(at('spec.replicas'), 3)).toBe(3);
  expect(shownValue(at('spec.template.spec.containers[name=web].resources.limits.memory'), '512Mi')).toBe('512Mi');
  for (const path of [
    'spec.template.spec.containers[name=web].env[name=MODE].value',
    'data["app.conf"]',
    'spec.template.spec.containers[name=web].args[0]',
  ])
    expect(shownValue(at(path), 'a=correct-horse')).toMatch(/^\[withheld: 15 characters, sha256 [0-9a-f]{12}\]$/);
});

test('a value that nobody can read can still be told from another', () => {
  const path = at('data.mode');
  expect(shownValue(path, 'aaa')).not.toBe(shownValue(path, 'bbb'));
  expect(shownValue(path, 'aaa')).toBe(shownValue(path, 'aaa'));
});

test('an edit that carries a secret is known by the names around it, old value and new', () => {
  const path = at('spec.template.spec.containers[name=web].env[name=DB_PASSWORD].value');
  expect(holdsSecret({ item: 'x', fieldPath: path, value: 'correcthorse' })).toBe(true);
  expect(holdsSecret({ item: 'x', fieldPath: path, expectOld: 'correcthorse', value: undefined })).toBe(true);
  expect(holdsSecret({ item: 'x', fieldPath: at('data.password'), value: 'correcthorse' })).toBe(true);
  expect(holdsSecret({ item: 'x', fieldPath: at('spec.template.spec.containers[name=web].env[name=MODE].value'), value: 'debug' })).toBe(
    false,
  );
  expect(
    holdsSecret({ item: 'x', fieldPath: at('spec.template.spec.containers[name=web].image'), value: `a@sha256:${'ab12'.repeat(16)}` }),
  ).toBe(false);
});
