import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const root = dirname(import.meta.dirname);
const API = join(root, 'arch/api');
const FOLDERS = ['core', 'cmdb', 'agents', 'gitops', 'eval', 'cli'] as const;
const HOW_TO_UPDATE = 'Adding or removing a public name is a promise. When it is meant, run: UPDATE_API=1 pnpm unit arch/exports.test.ts';

/** A public name as the compiler sees it. */
interface PublicName {
  readonly name: string;
  readonly kind: 'class' | 'const' | 'function' | 'interface' | 'type';
  readonly documented: boolean;
  /** `packages/core/src/x.ts:12`, for people who go there. */
  readonly declaredAt: string;
}

interface EntryPoint {
  readonly specifier: string;
  readonly source: string;
  readonly report: string;
}

const entryPoints = FOLDERS.flatMap(entryPointsOf);
const publicNames = readPublicNames(entryPoints.map((entry) => entry.source));

describe('public names', () => {
  test.each(entryPoints)('$specifier exports what its API report lists', ({ source, report }) => {
    const now = (publicNames.get(source) ?? []).map(({ kind, name }) => `${kind} ${name}`);
    if (process.env.UPDATE_API) {
      mkdirSync(API, { recursive: true });
      writeFileSync(join(API, report), `${now.join('\n')}\n`);
    }
    expect(now, `${HOW_TO_UPDATE}\n`).toEqual(readReport(report));
  });

  test('every API report belongs to an entry point', () => {
    const reports = new Set(entryPoints.map((entry) => entry.report));
    expect(readdirSync(API).filter((file) => !reports.has(file))).toEqual([]);
  });

  test.each(entryPoints)('$specifier: every function, interface and class says in a doc comment what it is', ({ source }) => {
    const missing = (publicNames.get(source) ?? [])
      .filter(({ kind, documented }) => ['class', 'function', 'interface'].includes(kind) && !documented)
      .map(({ kind, name, declaredAt }) => `${kind} ${name} at ${declaredAt}`);
    expect(missing).toEqual([]);
  });
});

function entryPointsOf(folder: string): readonly EntryPoint[] {
  const home = join(root, 'packages', folder);
  const manifest = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly exports: Readonly<Record<string, { readonly 'tier0-source': string }>>;
  };
  return Object.entries(manifest.exports).map(([path, target]) => ({
    specifier: manifest.name + path.slice(1),
    source: join(home, target['tier0-source']),
    report: `${[folder, ...path.split('/').slice(1)].join('-')}.txt`,
  }));
}

function readPublicNames(sources: readonly string[]): ReadonlyMap<string, readonly PublicName[]> {
  const program = ts.createProgram([...sources], {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    customConditions: ['tier0-source'],
    allowImportingTsExtensions: true,
    noEmit: true,
    types: ['node'],
  });
  const checker = program.getTypeChecker();
  return new Map(sources.map((source) => [source, namesOf(source, program, checker)]));
}

function namesOf(source: string, program: ts.Program, checker: ts.TypeChecker): readonly PublicName[] {
  const file = program.getSourceFile(source);
  const module = file && checker.getSymbolAtLocation(file);
  if (!module) throw new Error(`${relative(root, source)} exports nothing.`);
  return checker
    .getExportsOfModule(module)
    .map((symbol) => toPublicName(symbol, checker))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function toPublicName(exported: ts.Symbol, checker: ts.TypeChecker): PublicName {
  const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
  const declaration = symbol.declarations?.[0];
  if (!declaration) throw new Error(`${exported.name} is exported but declared nowhere.`);
  const file = declaration.getSourceFile();
  const line = file.getLineAndCharacterOfPosition(declaration.getStart()).line + 1;
  return {
    name: exported.name,
    kind: kindOf(symbol, checker),
    documented: ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim() !== '',
    declaredAt: `${relative(root, file.fileName).replaceAll(sep, '/')}:${line}`,
  };
}

function kindOf(symbol: ts.Symbol, checker: ts.TypeChecker): PublicName['kind'] {
  const { flags } = symbol;
  if (flags & ts.SymbolFlags.Class) return 'class';
  if (flags & ts.SymbolFlags.Function) return 'function';
  if (flags & ts.SymbolFlags.Variable) return checker.getTypeOfSymbol(symbol).getCallSignatures().length > 0 ? 'function' : 'const';
  return flags & ts.SymbolFlags.Interface ? 'interface' : 'type';
}

function readReport(report: string): readonly string[] {
  try {
    return readFileSync(join(API, report), 'utf8').trimEnd().split('\n');
  } catch {
    return [];
  }
}
