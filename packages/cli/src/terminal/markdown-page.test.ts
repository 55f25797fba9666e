import { describe, expect, test } from 'vitest';
import { diffPage, markdownPage } from './markdown-page.ts';
import { toOutlet } from './outlet.ts';

const plain = (markdown: string, width = 80) => toOutlet(markdownPage(markdown, { colour: false, width }));
const coloured = (markdown: string, width = 80) => toOutlet(markdownPage(markdown, { colour: true, width }));
// biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal is told is what is looked for.
const bare = (text: string) => text.replace(/\u001b\[[\d;]*m/g, '');

const BODY = `Raise the *memory* limit of \`web\\_1\` &lt;now&gt;.

### Change

- \`apps/web.yaml\`: \`limits.memory\` from \`512Mi\` to \`1Gi\`
- [ ] a task
  1. nested

> quoted

| item | distance |
|---|---|
| api | 1 |
| worker | 12 |

\`\`\`diff
@@ -1 +1 @@
-memory: 512Mi
+memory: 1Gi
\`\`\`

<!-- marker {"digest":"x"} -->
`;

describe('Markdown on a terminal', () => {
  test('is a page of words: no marks, no entities, no comment', () => {
    expect(plain(BODY)).toBe(
      [
        'Raise the memory limit of web\\_1 <now>.',
        '',
        'Change',
        '',
        '• apps/web.yaml: limits.memory from 512Mi to 1Gi',
        '• [ ] a task',
        '      1. nested',
        '',
        '│ quoted',
        '',
        'item    distance',
        '──────  ────────',
        'api     1',
        'worker  12',
        '',
        '    @@ -1 +1 @@',
        '    -memory: 512Mi',
        '    +memory: 1Gi',
        '',
      ].join('\n'),
    );
  });

  test('colours are added and change no word', () => {
    const page = coloured(BODY);
    expect(bare(page)).toBe(plain(BODY));
    expect(page).toContain('\u001b[32m+memory: 1Gi\u001b[39m');
    expect(page).toContain('\u001b[31m-memory: 512Mi\u001b[39m');
    expect(page).toContain('\u001b[1m\u001b[4mChange');
  });

  test.each([30, 40, 72])('no line is wider than a terminal of %i', (width) => {
    const long = `${BODY}\n${'word '.repeat(60)}\n\n- ${'x'.repeat(200)}\n\n\`\`\`\n${'y'.repeat(200)}\n\`\`\`\n\n| a | b |\n|---|---|\n| ${'long cell '.repeat(9)} | ${'z'.repeat(90)} |\n`;
    const page = plain(long, width);
    for (const line of page.split('\n')) expect(line.length, line).toBeLessThan(width);
    expect(page.replace(/\s+/g, '')).toContain('x'.repeat(200));
    expect(page.replace(/\s+/g, '')).toContain('z'.repeat(90));
  });

  test('what a stranger wrote cannot speak to the terminal', () => {
    const evil =
      '# a\u001b[2Jb\n\nfile\u202etxt `c\u001b]0;t\u0007` [x](javascript:1\u001b[1A)\n\n```\n\u001b[31mred\r\u0008\n```\n\n&#27;[2J <img src=x onerror=1>\n';
    for (const page of [plain(evil), bare(coloured(evil))]) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
      expect(page).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
      expect(page).toContain('‹U+001B›[2J');
      expect(page).toContain('<img src=x onerror=1>');
    }
  });

  test('a link says where it goes', () => {
    expect(plain('See [the page](https://example.com/a) and <https://example.com/b>.')).toBe(
      'See the page (https://example.com/a) and https://example.com/b.\n',
    );
  });

  test('a patch is folded and keeps its spaces', () => {
    expect(diffPage(`--- a/x\n+++ b/x\n   two  spaces\n+${'a'.repeat(50)}\n`, { colour: false, width: 41 }).split('\n')).toEqual([
      '--- a/x',
      '+++ b/x',
      '   two  spaces',
      `+${'a'.repeat(39)}`,
      'a'.repeat(11),
      '',
    ]);
  });
});
