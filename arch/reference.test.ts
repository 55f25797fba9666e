import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = dirname(import.meta.dirname);
const folder = mkdtempSync(join(tmpdir(), 'tier0-reference-'));
let made: { readonly status: number | null; readonly stderr: string };

beforeAll(() => {
  made = spawnSync(process.execPath, [join(root, 'scripts/reference.mjs'), folder], { encoding: 'utf8' });
}, 180_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('every public name, and every method of one, says what it is for', () => {
  expect(made.stderr).toBe('');
  expect(made.status).toBe(0);
});

test('the reference has a page for every entry point, with every name that it exports', () => {
  const reports = readdirSync(join(root, 'arch/api'));
  const pages = readdirSync(folder).filter((file) => file !== 'index.md');
  expect(pages.sort()).toEqual(reports.map((report) => report.replace('.txt', '.md')).sort());
  expect(reports.flatMap(missingIn)).toEqual([]);
});

test('no link of it leads nowhere', () => {
  const links = readdirSync(folder).flatMap((page) =>
    [...readFileSync(join(folder, page), 'utf8').matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)].map(([, target]) => target ?? ''),
  );
  expect(links.length).toBeGreaterThan(1000);
  expect([...new Set(links)].filter((target) => !existsSync(join(folder, decodeURI(target))))).toEqual([]);
});

/** Names of an API report that its page has no heading for. */
function missingIn(report: string): readonly string[] {
  const page = readFileSync(join(folder, report.replace('.txt', '.md')), 'utf8').replaceAll('\\_', '_');
  const headings = new Set([...page.matchAll(/^### ~*([\w$]+)/gm)].map(([, name]) => name));
  const names = readFileSync(join(root, 'arch/api', report), 'utf8')
    .trim()
    .split('\n');
  return names.map((line) => line.split(' ')[1] ?? '').filter((name) => !headings.has(name));
}
