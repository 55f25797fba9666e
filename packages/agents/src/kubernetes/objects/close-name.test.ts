import { expect, test } from 'vitest';
import { CloseNames, closestName, editDistance, isCloseName } from './close-name.ts';

test.each([
  ['payments', 'paymnets', true],
  ['payments', 'payment', true],
  ['cart', 'cart-svc', true],
  ['orders-db', 'orders-bd', true],
  ['orders-database', 'order-databsae', true],
  ['web', 'wed', false],
  ['payments', 'shipping', false],
  ['cart', 'cart', false],
])('%s and %s', (name, other, isClose) => {
  expect(isCloseName(name, other)).toBe(isClose);
  expect(isCloseName(other, name)).toBe(isClose);
});

test('what is left out early is never what the distance would have let in', () => {
  let seed = 7;
  const next = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed % below;
  };
  const word = () => Array.from({ length: 4 + next(9) }, () => 'abcdef-0192'[next(11)]).join('');
  for (let round = 0; round < 3_000; round++) {
    const name = word();
    const other = next(2) === 0 ? word() : name.slice(0, next(name.length)) + 'abc-1'[next(5)] + name.slice(next(name.length));
    const shorter = Math.min(name.length, other.length);
    const allowed = shorter < 4 ? 0 : shorter < 9 ? 1 : 2;
    const isNear = name !== other && editDistance(name, other) <= allowed;
    if (isNear) expect(isCloseName(name, other), `${name} ${other}`).toBe(true);
  }
});

test('the nearest of several is told', () => {
  expect(closestName('payment-api', ['payments-apis', 'payment-apis', 'other'])).toBe('payment-apis');
  expect(closestName('payment-api', ['other'])).toBeUndefined();
});

test('names that are asked again and again give what one comparison after the other gives', () => {
  const parts = ['cart', 'carts', 'order', 'orders', 'api', 'svc', 'v2', 'payments', 'paymnets', 'web'];
  const names = parts.flatMap((a) => [a, ...parts.map((b) => `${a}-${b}`)]);
  const kept = names.filter((_, index) => index % 3 !== 0);
  const index = new CloseNames(kept);
  for (const name of names) expect(index.closest(name), name).toBe(closestName(name, kept));
});
