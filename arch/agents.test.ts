import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { MATTERS } from '../packages/agents/src/kubernetes/matters.ts';

/** The inside of `packages/agents`: which room may know which, and that every matter is what its folder says. */
const home = join(dirname(import.meta.dirname), 'packages/agents/src');

/** Rooms from the ground up. A room may import itself and rooms before it, and nothing after it. */
const FLOORS: readonly (readonly string[])[] = [
  ['findings'],
  ['kubernetes'],
  ['alerts', 'evidence', 'models', 'patterns', 'trackers', 'conditions'],
  ['signals'],
  ['diagnosis'],
  ['remedy'],
  ['report'],
  ['assist', 'tools', 'loop', 'mcp', 'scanners', 'plugins', 'prompts', 'agents', 'telemetry', 'guardrails', 'pseudonyms'],
];

const files = readdirSync(home, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => relative(home, join(entry.parentPath, entry.name)));
const production = files.filter((file) => !file.endsWith('.test.ts') && !/(^|[/\\])(testing|fixtures)[/\\]/.test(file));

function importsOf(file: string): readonly string[] {
  const text = readFileSync(join(home, file), 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+\.ts)'/g)].map((match) =>
    relative(home, resolve(dirname(join(home, file)), match[1] ?? '')),
  );
}

test('every room of agents stands on a floor', () => {
  const rooms = new Set(production.filter((file) => file.includes(sep)).map((file) => file.split(sep)[0]));
  expect([...rooms].filter((room) => !FLOORS.flat().includes(room ?? ''))).toEqual([]);
});

test('a room knows itself and the floors below it', () => {
  const floorOf = (file: string) => FLOORS.findIndex((rooms) => rooms.includes(file.split(sep)[0] ?? ''));
  const wrong = production
    .filter((file) => file.includes(sep))
    .flatMap((file) => importsOf(file).map((target) => ({ file, target })))
    .filter(
      ({ file, target }) =>
        target.split(sep)[0] !== file.split(sep)[0] && floorOf(target) >= floorOf(file) && floorOf(file) < FLOORS.length - 1,
    )
    .map(({ file, target }) => `${file} -> ${target}`);
  expect(wrong).toEqual([]);
});

test('what reads objects knows no matter, and findings know no code table', () => {
  const wrong = production
    .filter((file) => file.startsWith(`kubernetes${sep}objects`) || file.startsWith('findings'))
    .flatMap((file) => importsOf(file).map((target) => ({ file, target })))
    .filter(({ target }) => target.startsWith('kubernetes') && !target.startsWith(`kubernetes${sep}objects`))
    .map(({ file, target }) => `${file} -> ${target}`);
  expect(wrong).toEqual([]);
});

test('matters are the folders, and each is called like its folder', () => {
  const folders = readdirSync(join(home, 'kubernetes'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'objects')
    .map((entry) => entry.name);
  expect(MATTERS.map(({ name }) => name).sort()).toEqual(folders.sort());
  for (const folder of folders) {
    expect(existsSync(join(home, 'kubernetes', folder, 'index.ts')), `kubernetes/${folder}/index.ts`).toBe(true);
    expect(existsSync(join(home, 'kubernetes', folder, 'codes.ts')), `kubernetes/${folder}/codes.ts`).toBe(true);
  }
});

test('every rule of a matter is registered', () => {
  const written = production.flatMap((file) =>
    [...readFileSync(join(home, file), 'utf8').matchAll(/export const (\w+): Rule = \{/g)].map((match) => match[1] ?? ''),
  );
  const indexes = MATTERS.map(({ name }) => readFileSync(join(home, 'kubernetes', name, 'index.ts'), 'utf8')).join('\n');
  expect(written.filter((rule) => !new RegExp(`rules: \\[[^\\]]*\\b${rule}\\b`).test(indexes))).toEqual([]);
  expect(written.length).toBe(MATTERS.flatMap(({ rules }) => rules).length);
});

test('a code belongs to one matter, and a cause has one matter that answers for it', () => {
  const codes = MATTERS.flatMap(({ codes: table }) => Object.keys(table));
  const causes = MATTERS.flatMap(({ remedies }) => Object.keys(remedies));
  expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([]);
  expect(causes.filter((cause, index) => causes.indexOf(cause) !== index)).toEqual([]);
});

/** Files that think of remedies: a matter's own `remedy.ts` and what it is made of, and the room `remedy`. */
function isRemedy(file: string): boolean {
  return /readonly Advice\[\]|\bRemedy\b/.test(readFileSync(join(home, file), 'utf8')) && !file.startsWith('findings');
}

test('no remedy reads a message or an excerpt: they read facts', () => {
  const wrong = production.filter(isRemedy).flatMap((file) =>
    readFileSync(join(home, file), 'utf8')
      .split('\n')
      .map((line, index) => ({ line: line.trim(), at: `${file}:${index + 1}` }))
      .filter(({ line }) => /\b(finding|rootCause)\.message\b|\bexcerpt\b|\{[^}]*\bmessage\b[^}]*\} = (finding|rootCause)/.test(line))
      .map(({ line, at }) => `${at} ${line}`),
  );
  expect(wrong.filter((line) => !TELLS_ONLY.some((file) => line.startsWith(file)))).toEqual([]);
});

/** They pass text on to people or to a search, and decide nothing by it. */
const TELLS_ONLY: readonly string[] = [
  'remedy/rehearse.ts',
  'remedy/remediator.ts',
  'remedy/verify.ts',
  'signals/memory/raise-memory-limit.ts',
];

test('folders of agents do not import each other in a circle', () => {
  expect(circlesOf(production)).toEqual([]);
});

function circlesOf(all: readonly string[]): readonly string[] {
  const edges = new Map<string, Set<string>>();
  // An index is the door of its room: it names what stands inside.
  for (const file of all.filter((one) => basename(one) !== 'index.ts'))
    for (const target of importsOf(file))
      if (dirname(file) !== dirname(target)) edges.set(dirname(file), (edges.get(dirname(file)) ?? new Set()).add(dirname(target)));
  const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
    [...(edges.get(from) ?? [])].some((next) => next === to || (!seen.has(next) && reaches(next, to, seen.add(next))));
  return [...edges.keys()].filter((folder) => reaches(folder, folder)).sort();
}

/**
 * Sources that behave: an index only names, and a file of types alone does nothing when it runs. What is left of those without types and
 * imports is looked at as the compiler leaves it.
 */
function behaves(file: string): boolean {
  if (basename(file) === 'index.ts') return false;
  const compilerOptions = { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true };
  const { outputText } = ts.transpileModule(readFileSync(join(home, file), 'utf8'), { compilerOptions });
  return outputText.replace(/export \{\};?|^import .*$/gm, '').trim() !== '';
}

test('nine of ten sources have a test in their own folder', () => {
  const tested = new Set(files.filter((file) => file.endsWith('.test.ts')).map((file) => dirname(file)));
  const sources = production.filter(behaves);
  const alone = sources.filter((file) => !tested.has(dirname(file)));
  expect(alone.length / sources.length, `without a test in their folder: ${alone.join(', ')}`).toBeLessThanOrEqual(0.1);
});
