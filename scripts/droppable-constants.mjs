// What lets a bundler drop the constants that nobody uses.
import { readFileSync } from 'node:fs';
import ts from 'typescript';

/**
 * `sideEffects: false` promises that a module may be left out when nothing of it is used. A bundle of many modules has to keep that promise
 * constant by constant: a schema that is built by calls is marked as droppable. Lines stay where they are, so that source maps hold.
 */
export const droppableConstants = {
  name: 'droppable-constants',
  setup(build) {
    build.onLoad({ filter: /[/\\]packages[/\\][^/\\]+[/\\]src[/\\].*\.ts$/ }, ({ path }) => ({
      contents: withDroppableConstants(readFileSync(path, 'utf8')),
      loader: 'ts',
    }));
  },
};

/** The source with every top-level constant that is computed, and not just written down, wrapped as one pure call. */
export function withDroppableConstants(text) {
  const source = ts.createSourceFile('module.ts', text, ts.ScriptTarget.Latest, false);
  const declarations = source.statements.filter(ts.isVariableStatement).flatMap(({ declarationList }) => declarationList.declarations);
  return declarations
    .filter(({ name, initializer }) => initializer && ts.isIdentifier(name) && !isInert(initializer) && !awaits(initializer))
    .reverse()
    .reduce((all, { initializer }) => {
      const [start, end] = [initializer.getStart(source), initializer.end];
      return `${all.slice(0, start)}/* @__PURE__ */ (() => (${all.slice(start, end)}))()${all.slice(end)}`;
    }, text);
}

/** What a bundler sees by itself to do nothing: literals, functions, and lists and objects of them. Reading a property may call a getter. */
function isInert(node) {
  if (ts.isFunctionLike(node) || ts.isLiteralExpression(node) || ts.isIdentifier(node) || INERT_WORDS.has(node.kind)) return true;
  if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node) || ts.isParenthesizedExpression(node)) return isInert(node.expression);
  if (ts.isPrefixUnaryExpression(node)) return isInert(node.operand);
  if (ts.isArrayLiteralExpression(node)) return node.elements.every(isInert);
  if (!ts.isObjectLiteralExpression(node)) return false;
  return node.properties.every(
    (property) => !ts.isSpreadAssignment(property) && !ts.isComputedPropertyName(property.name) && isInertProperty(property),
  );
}

function isInertProperty(property) {
  return !ts.isPropertyAssignment(property) || isInert(property.initializer);
}

const INERT_WORDS = new Set([ts.SyntaxKind.TrueKeyword, ts.SyntaxKind.FalseKeyword, ts.SyntaxKind.NullKeyword]);

/** `await` cannot move into a function. */
function awaits(node) {
  if (ts.isAwaitExpression(node)) return true;
  return !ts.isFunctionLike(node) && (ts.forEachChild(node, (child) => (awaits(child) ? true : undefined)) ?? false);
}
