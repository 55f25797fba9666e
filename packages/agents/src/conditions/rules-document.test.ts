import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { rulesDocument } from './rules-document.ts';

test('docs/rules.md is what the tables say; run scripts/rule-docs.mjs after changing them', () => {
  expect(readFileSync(new URL('../../../../docs/rules.md', import.meta.url), 'utf8')).toBe(rulesDocument());
});
