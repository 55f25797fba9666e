import { parseFieldPath } from '@tier0/core';
import { ALLOWED, proposalFor } from '@tier0/core/testing';
import { describe, expect, test } from 'vitest';
import { renderBody, renderRevertBody } from '../proposal/render.ts';
import { inline } from './markdown.ts';

/** What a forge makes live in rendered text, as their documents say it. */
const LIVE: readonly (readonly [what: string, text: string, pattern: RegExp])[] = [
  ['a link', 'see https://evil.example/x', /https?:\/\//],
  ['a link of another scheme', 'see ftp://evil.example', /ftp:\/\//],
  ['a link of capitals', 'HTTPS://EVIL.EXAMPLE', /https?:\/\//i],
  ['a link without a scheme', 'see www.evil.example', /\bwww\.\S/],
  ['a link without a scheme in capitals', 'WWW.evil.example', /\bwww\.\S/i],
  ['an e-mail address', 'write to eve@evil.example', /\S@\S/],
  ['a mail link', 'mailto:eve@evil.example', /mailto:\S/],
  ['a script', 'javascript:alert(1)', /javascript:\S/],
  ['a mention', 'ask @payments', /@\w/],
  ['a mention of a team', 'ask @shop/payments', /@\w/],
  ['a mention of everybody', '@all', /@\w/],
  ['a mention of a role', '@@maintainer', /@[@\w]/],
  ['a mention in another script', '@пользователь', /@\p{L}/u],
  ['an issue', 'closes #7', /#\d/],
  ['an issue of another repository', 'fixes shop/infra#7', /#\d/],
  ['an issue as GitHub once wrote it', 'GH-7', /GH-\d/],
  ['a merge request', 'see !12', /!\d/],
  ['a snippet', '$12', /\$\d/],
  ['an epic', '&12', /&(amp;)?\d/],
  ['a label', '~bug', /~\w/],
  ['a label in quotes', '~"needs review"', /~"/],
  ['a milestone', '%v1', /%\w/],
  ['an image', '![x](http://evil.example/p.png)', /!\[|\]\(|:\/\//],
  ['a link with a text', '[click](//evil.example)', /(^|[^\\])\]\(/],
  ['a reference link', '[click][1]', /(^|[^\\])\[/],
  ['an automatic link', '<https://evil.example>', /<h|:\/\//],
  ['HTML', '<img src=x onerror=alert(1)>', /<\w/],
  ['an entity', '&lt;script&gt;', /&lt;script/],
  ['a heading', '# Approved', /^#/],
  ['a list', '- [x] approved', /^-|(^|[^\\])\[x/],
  ['a table', '| a | b |', /(^|[^\\])\|/],
  ['a quick action', '/approve', /^\/approve/],
  ['a marker', '<!-- tier0:proposal -->', /<!--/],
];

describe.each(LIVE)('%s in text from outside', (_, text, pattern) => {
  test.each(['', 'before ', '(', '"', '\n'])('is dead after %j', (before) => {
    const dead = inline(`${before}${text}`);
    expect(before === '' || before === '\n' || !pattern.source.startsWith('^') ? dead : 'not at the beginning').not.toMatch(pattern);
  });

  test('is dead in every place of a pull request that quotes it', () => {
    const edit = { repository: 'r', file: 'a.yaml', document: 0, path: parseFieldPath('spec.limit'), expectOld: '1', value: '2' };
    const proposal = proposalFor(edit, 'main', { why: text, title: text, rollback: text, disproof: text });
    const bodies = [
      renderBody(proposal, { ...ALLOWED.decision, reasons: [text] }),
      renderRevertBody({ proposal, mergeCommit: 'a'.repeat(40), reason: text, key: 'b'.repeat(64) }),
    ];
    for (const body of bodies) {
      const prose = body
        .split('\n')
        .filter((line) => line.includes(inline(text)))
        .map((line) => line.slice(line.indexOf(inline(text)), line.indexOf(inline(text)) + inline(text).length));
      expect(prose.length).toBeGreaterThan(0);
      for (const line of prose) expect(line).not.toMatch(pattern);
    }
  });
});

test.each([
  'memory grows, 512Mi is not enough',
  'the limit was 100 % used',
  'a & b',
  'it costs 5 $',
  'CPU at 95%',
  'ratio 1:2',
  'at 12:30',
])('%s stays readable', (text) => {
  expect(inline(text).replaceAll('&amp;', '&')).toBe(text);
});
