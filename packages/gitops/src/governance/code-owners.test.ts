import { describe, expect, test } from 'vitest';
import { accountsOf, parseCodeOwners } from './code-owners.ts';

describe('the last matching line decides', () => {
  test.each([
    ['* @all', 'a/b.yaml', ['@all']],
    ['* @all\n/shop/ @shop', 'shop/deep/x.yaml', ['@shop']],
    ['* @all\n/shop/ @shop', 'other/shop/x.yaml', ['@all']],
    ['* @all\nshop/ @shop', 'other/shop/x.yaml', ['@shop']],
    ['*.yaml @yaml # comment', 'deep/x.yaml', ['@yaml']],
    ['/shop/*.yaml @shop', 'shop/deep/x.yaml', []],
    ['/shop/**/x.yaml @shop', 'shop/a/b/x.yaml', ['@shop']],
    ['/shop/orders*.yaml @a @b', 'shop/orders-db.yaml', ['@a', '@b']],
    ['* @all\n/free.txt', 'free.txt', []],
    ['/shop @shop', 'shop/x.yaml', ['@shop']],
    ['/shop @shop', 'shopping/x.yaml', []],
    ['/a.c @x', 'abc', []],
  ])('%j for %s', (text, path, owners) => {
    expect(parseCodeOwners(text).ownersOf(path)).toEqual(owners);
  });
});

test('a group is its members, anybody else is an account', () => {
  expect(accountsOf('@payments', { payments: ['@ada', 'grace'] })).toEqual(['ada', 'grace']);
  expect(accountsOf('@linus', {})).toEqual(['linus']);
});
