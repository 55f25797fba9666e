import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

/**
 * What could not be looked at is a value (`Gap`): its sentence is for people, and nothing is decided by it. Held by types: a `message` of a
 * `Gap` is neither searched nor compared with words anywhere in production code.
 */
const root = dirname(import.meta.dirname);

/** Methods that look into a text, and those that take a text to look into it. */
const LOOKS_INTO: ReadonlySet<string> = new Set([
  'match',
  'matchAll',
  'search',
  'startsWith',
  'endsWith',
  'includes',
  'indexOf',
  'split',
  'replace',
]);
const LOOKED_BY: ReadonlySet<string> = new Set(['test', 'exec']);

/** Files that speak of gaps at all: the others need no look. */
function filesOf(folder: string): readonly string[] {
  return readdirSync(join(root, 'packages', folder, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => /\b(unknowns|failures|gaps?|Gap)\b/.test(readFileSync(file, 'utf8')));
}

/** Lines of a program that read the sentence of a gap back. */
function readBack(program: ts.Program, files: readonly string[]): readonly string[] {
  const checker = program.getTypeChecker();
  const isGap = (node: ts.Node) => {
    const type = checker.getNonNullableType(checker.getTypeAtLocation(node));
    return (type.aliasSymbol ?? type.symbol)?.name === 'Gap';
  };
  const isSentence = (node: ts.Expression): boolean => {
    if (ts.isPropertyAccessExpression(node)) return node.name.text === 'message' && isGap(node.expression);
    if (!ts.isIdentifier(node)) return false;
    const declared = checker.getSymbolAtLocation(node)?.valueDeclaration;
    if (declared === undefined || !ts.isBindingElement(declared)) return false;
    return (declared.propertyName ?? declared.name).getText() === 'message' && isGap(declared.parent);
  };
  const isSearch = (node: ts.Node): boolean => {
    if (ts.isBinaryExpression(node) && /^[!=]==?$/.test(node.operatorToken.getText()))
      return [node.left, node.right].some(isSentence) && [node.left, node.right].some(ts.isStringLiteralLike);
    if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return false;
    const { name, expression } = node.expression;
    return (LOOKS_INTO.has(name.text) && isSentence(expression)) || (LOOKED_BY.has(name.text) && node.arguments.some(isSentence));
  };
  return files.flatMap((file) => {
    const found: string[] = [];
    const source = program.getSourceFile(file);
    const walk = (node: ts.Node): void => {
      if (isSearch(node)) found.push(`${relative(root, file)}: ${node.getText()}`);
      ts.forEachChild(node, walk);
    };
    if (source) walk(source);
    return found;
  });
}

const OPTIONS: ts.CompilerOptions = {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  target: ts.ScriptTarget.ES2024,
  allowImportingTsExtensions: true,
  customConditions: ['tier0-source'],
  noEmit: true,
  skipLibCheck: true,
  strict: true,
};

test('nobody reads the sentence of a gap back', () => {
  const files = ['core', 'cmdb', 'agents', 'gitops', 'cli'].flatMap(filesOf);
  expect(readBack(ts.createProgram(files, OPTIONS), files)).toEqual([]);
  expect(files.length).toBeGreaterThan(30);
});

test('reading one back is seen, however it is written', () => {
  const file = join(root, 'arch', 'made-up.ts');
  const text = `
    import type { Gap } from '../packages/core/src/model/gap.ts';
    declare const gaps: readonly Gap[];
    export const one = gaps.filter((gap) => /^kubernetes/.test(gap.message));
    export const two = gaps.some(({ message }) => message.startsWith('could not'));
    export const three = gaps.find(({ message: said }) => said === 'nothing');
    export const four = gaps[0]?.message.includes('Pod');
    export const fine = gaps.filter(({ code, kind }) => code === 'forbidden' && kind === 'Pod').map(({ message }) => \`not known: \${message}\`);
  `;
  const host = ts.createCompilerHost(OPTIONS);
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (name, target) => (name === file ? ts.createSourceFile(name, text, target, true) : read(name, target));
  expect(readBack(ts.createProgram([file], OPTIONS, host), [file])).toHaveLength(4);
});
