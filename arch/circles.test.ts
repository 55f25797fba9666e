import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = dirname(import.meta.dirname);

/** Packages whose folders must not import each other in a circle: a reader can then begin below and never needs what is above. */
const PACKAGES = ['gitops'] as const;

/** Folder to the folders it imports from, each with one file that does, as the reason. */
type Imports = ReadonlyMap<string, ReadonlyMap<string, string>>;

describe.each(PACKAGES)('%s', (name) => {
  test('no circle between folders of production code', () => {
    expect(circlesIn(folderImports(join(root, 'packages', name, 'src')))).toEqual([]);
  });
});

test('a circle is found and named with the files that close it', () => {
  const imports = new Map([
    ['a', new Map([['b', 'a/x.ts']])],
    ['b', new Map([['c', 'b/y.ts']])],
    [
      'c',
      new Map([
        ['a', 'c/z.ts'],
        ['d', 'c/z.ts'],
      ]),
    ],
    ['d', new Map<string, string>()],
  ]);
  expect(circlesIn(imports)).toEqual(['a -> b (a/x.ts), b -> c (b/y.ts), c -> a (c/z.ts)']);
  imports.get('c')?.delete('a');
  expect(circlesIn(imports)).toEqual([]);
});

/** Index files stand above the folders they list, and what tests use stands beside them all. */
function isProduction(file: string): boolean {
  return !file.endsWith('.test.ts') && !/[/\\](testing|fixtures)[/\\]/.test(file);
}

function folderImports(home: string): Imports {
  const imports = new Map<string, Map<string, string>>();
  const files = readdirSync(home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
  for (const file of files.filter(isProduction)) {
    const from = folderOf(home, file);
    const targets = imports.get(from) ?? new Map<string, string>();
    imports.set(from, targets);
    for (const target of localImports(file)) {
      const to = folderOf(home, join(dirname(file), target));
      if (to !== from && !targets.has(to)) targets.set(to, relative(home, file).replaceAll(sep, '/'));
    }
  }
  return imports;
}

function folderOf(home: string, file: string): string {
  return relative(home, dirname(file)).replaceAll(sep, '/') || '.';
}

function localImports(file: string): readonly string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/(?:^|\n)\s*(?:import|export)\s[^;]*?from\s+'(\.[^']+)'|import\('(\.[^']+)'\)/g)].map(
    (match) => match[1] ?? match[2] ?? '',
  );
}

/** One line a circle: walks everything that can be reached and reports where it comes back to where it is. */
function circlesIn(imports: Imports): readonly string[] {
  const done = new Set<string>();
  const found: string[] = [];
  const walk = (folder: string, path: readonly string[]): void => {
    const at = path.indexOf(folder);
    if (at !== -1) {
      found.push(spoken([...path.slice(at), folder], imports));
      return;
    }
    if (done.has(folder)) return;
    for (const next of imports.get(folder)?.keys() ?? []) walk(next, [...path, folder]);
    done.add(folder);
  };
  for (const folder of [...imports.keys()].sort()) walk(folder, []);
  return found;
}

function spoken(circle: readonly string[], imports: Imports): string {
  return circle
    .slice(0, -1)
    .map((from, index) => `${from} -> ${circle[index + 1]} (${imports.get(from)?.get(circle[index + 1] ?? '')})`)
    .join(', ');
}
