import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { expect, test } from 'vitest';

/** Surfaces of the command line stand on `operations`: what a command answers, HTTP, MCP and an embedder are answered too. */
const home = join(dirname(import.meta.dirname), 'packages/cli/src');

const files = readdirSync(home, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))
  .map((entry) => relative(home, join(entry.parentPath, entry.name)).replaceAll(sep, '/'));

function linesWith(pattern: RegExp, isMeant: (file: string) => boolean): readonly string[] {
  return files.filter(isMeant).flatMap((file) =>
    readFileSync(join(home, file), 'utf8')
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1} ${line.trim()}`] : [])),
  );
}

test('only operations put together how a cluster is read, watched and diagnosed', () => {
  /** The loop's own CMDB, which lasts, and the doctor's, which only tries whether one can be read. */
  const others = ['world/compose-loop.ts', 'doctor/examine.ts'];
  const parts = /\b(createCmdb|diagnoseCluster|openSnapshot|watchForAlerts|createFindingsDetector|createMemoryDetector)\(/;
  expect(linesWith(parts, (file) => !file.startsWith('operations/') && !others.includes(file))).toEqual([]);
});

test('commands, HTTP and pages ask the graph by the questions of operations', () => {
  const surfaces = ['commands/', 'http/', 'page/'];
  const questions = /\breader\b[^;]*\.(whatChanged|impact|owner|diff)\(/;
  expect(linesWith(questions, (file) => surfaces.some((surface) => file.startsWith(surface)))).toEqual([]);
});

test('an operation knows no surface and no terminal', () => {
  const surface = /from '\.\.\/(commands\/(?!did-you-mean)|http|page|terminal|duty|play|run|evaluation|environment)/;
  expect(linesWith(surface, (file) => file.startsWith('operations/'))).toEqual([]);
});
