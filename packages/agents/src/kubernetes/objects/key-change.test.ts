import { expect, test } from 'vitest';
import { sayKeyChange } from './key-change.ts';

test.each([
  ['DEFAULT_LABEL', 'main', 'mian', 'main → mian'],
  ['DB_HOST', 'pg-main', 'pg-primary', 'pg-main → pg-primary'],
  ['POOL_SIZE', '40', '4', '40 → 4'],
  ['UPSTREAM', 'http://orders:8080/v1', 'https://orders:8080/v1', 'http://orders:8080/v1 → https://orders:8080/v1'],
  ['NEW', '', 'true', 'none → true'],
  ['app.ini', '[db]\nhost = pg-main\nport = 5432\n', '[db]\nhost = pg-primary\nport = 5432\n', 'host = pg-main → host = pg-primary'],
  ['nginx.conf', 'server {\n  listen 80;\n}', 'server {\n  listen 8081;\n}', 'listen 80; → listen 8081;'],
])('what became of %s is told: %s, %s', (key, before, now, told) => {
  expect(sayKeyChange(key, before, now)).toBe(told);
});

test.each([
  ['DB_PASSWORD', 'sunshine', 'moonlight'],
  ['SEED', 'a8F3kQ9zLm2x', 'b8F3kQ9zLm2x'],
  ['URL', 'postgres://app:hunter2@db/app', 'postgres://app:hunter3@db/app'],
  ['app.ini', 'password = sunshine', 'password = moonlight'],
  ['query', 'https://x.example/?sig=abcdef', 'https://x.example/?sig=abcdeg'],
  ['text', `${'long '.repeat(30)}a`, `${'long '.repeat(30)}b`],
])('nothing is told of %s', (key, before, now) => {
  expect(sayKeyChange(key, before, now)).toBe('');
});
