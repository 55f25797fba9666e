import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

const folder = join(dirname(import.meta.dirname), 'packages/core/src/ports');
const files = readdirSync(folder).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));

/** Exported interfaces and their methods that no doc comment explains: `Forge`, `Forge.read`. */
function undocumented(file: string): readonly string[] {
  const source = ts.createSourceFile(file, readFileSync(join(folder, file), 'utf8'), ts.ScriptTarget.Latest, true);
  const isDocumented = (node: ts.Node) => ts.getJSDocCommentsAndTags(node).length > 0;
  return source.statements.filter(ts.isInterfaceDeclaration).flatMap((port) => {
    const methods = port.members.filter((member) => ts.isMethodSignature(member) || isCallable(member));
    const silent = methods.filter((method) => !isDocumented(method)).map((method) => `${port.name.text}.${method.name?.getText()}`);
    const isExported = port.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
    return isExported ? [...(isDocumented(port) ? [] : [port.name.text]), ...silent] : [];
  });
}

function isCallable(member: ts.TypeElement): boolean {
  return ts.isPropertySignature(member) && member.type !== undefined && ts.isFunctionTypeNode(member.type);
}

test.each(files)('every method of the ports in %s says what it does', (file) => {
  expect(undocumented(file)).toEqual([]);
});
