import { describe, expect, test } from 'vitest';
import { CODE_OWNERS_CASES } from '../testing/code-owners-cases.ts';
import { accountsOf, codeOwnersPaths, dialectOfPath, type OwnerRequirement, parseCodeOwners } from './code-owners.ts';

function spoken({ owners, approvals, notUnderstood }: OwnerRequirement): string {
  return notUnderstood === undefined ? `${approvals === 1 ? '' : `${approvals}x`}${owners.join('|')}` : '?';
}

const ROWS = CODE_OWNERS_CASES.flatMap(({ dialect, text, paths }) =>
  Object.entries(paths).map(([path, expected]) => [dialect, text, path, expected] as const),
);

test('there are at least 300 cases, of all three grammars', () => {
  expect(ROWS.length).toBeGreaterThanOrEqual(300);
  expect(new Set(ROWS.map(([dialect]) => dialect)).size).toBe(3);
});

test.each(ROWS)('%s reads %j for %.60s as %j', (dialect, text, path, expected) => {
  expect(parseCodeOwners(text, dialect).requirementsOf(path).map(spoken)).toEqual(expected);
});

describe('reading a file of any shape', () => {
  const DIALECTS = ['github', 'gitlab', 'gitea'] as const;
  test.each(DIALECTS)('%s: one that is too large stands in the way of everything', (dialect) => {
    const owners = parseCodeOwners('# x\n'.repeat(800_000), dialect);
    expect(owners.requirementsOf('a')).toMatchObject([{ owners: [], notUnderstood: expect.stringContaining('3 MB') }]);
  });

  test.each(DIALECTS)(
    '%s: ten thousand files of random characters never throw, and what is required is named or said not to be understood',
    (dialect) => {
      const alphabet = '*?[]!\\#@/ab. \n^(){}|+-:,\t"\'<>&éñ☃\u202e\0';
      let seed = 7;
      const random = () => {
        seed = (seed * 48_271) % 2_147_483_647;
        return seed / 2_147_483_647;
      };
      for (let run = 0; run < 10_000; run++) {
        const text = Array.from({ length: Math.floor(random() * 40) }, () => alphabet[Math.floor(random() * alphabet.length)]).join('');
        for (const one of parseCodeOwners(text, dialect).requirementsOf('a/b.a')) {
          expect(one.owners.length > 0 || one.notUnderstood !== undefined).toBe(true);
        }
      }
    },
  );

  test('what is not understood is told by line', () => {
    expect(parseCodeOwners('* @all\n!x @y\n').problems).toEqual(['line 2 of CODEOWNERS is not understood: GitHub knows no "!"']);
  });
});

test('each forge looks in its own places, and a folder says whose grammar it is', () => {
  expect(codeOwnersPaths('github')[0]).toBe('.github/CODEOWNERS');
  expect(codeOwnersPaths('gitlab')).toEqual(['CODEOWNERS', 'docs/CODEOWNERS', '.gitlab/CODEOWNERS']);
  expect(codeOwnersPaths(undefined).map(dialectOfPath)).toEqual(['github', 'github', 'github', 'gitlab', 'gitea']);
});

describe('who an owner is', () => {
  test.each([
    ['@payments', ['ada', 'grace']],
    ['payments', ['ada', 'grace']],
    ['@linus', ['linus']],
    ['ada@example.com', ['ada@example.com']],
    ['@shop/unknown-team', []],
    ['@group/sub/unknown', []],
    ['@@maintainer', []],
    ['@empty', []],
    ['@constructor', ['constructor']],
    ['@__proto__', ['__proto__']],
  ])('%s is %j', (owner, accounts) => {
    expect(accountsOf(owner, { payments: ['@ada', 'grace'], empty: [] })).toEqual(accounts);
  });
});
