#!/usr/bin/env node
// Makes docs/reference from the doc comments of what the packages export, one page for each entry point: `pnpm reference`, or
// `node scripts/reference.mjs FOLDER`. Ends with 1 when a public name, or a method of one, says nothing about itself.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Application, LogLevel, ReflectionKind } from 'typedoc';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = resolve(process.argv[2] ?? join(root, 'docs/reference'));
const entries = readdirSync(join(root, 'packages'))
  .filter((name) => existsSync(join(root, 'packages', name, 'package.json')))
  .flatMap(entryPointsOf);

const { app, project } = await readSources();
mkdirSync(folder, { recursive: true });
// Made pages only: what stands there besides was written by hand.
for (const { page } of entries) rmSync(join(folder, `${page}.md`), { force: true });
await app.generateOutputs(project);
const names = project.children.flatMap((module) => module.children ?? []);
process.stdout.write(`${folder}: ${entries.length} entry points, ${names.length} names\n`);
const bare = names.flatMap((name) => [name, ...(name.children ?? []).filter(isCalled)]).filter((name) => !isDescribed(name));
for (const name of bare) process.stderr.write(`no doc comment: ${name.getFullName()} (${placeOf(name)})\n`);
process.exitCode = bare.length === 0 ? 0 : 1;

/** Specifier, source and page of each subpath a package exports: `@tier0/core/http` is `core-http.md`. */
function entryPointsOf(name) {
  const home = join(root, 'packages', name);
  const manifest = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
  return Object.entries(manifest.exports).map(([path, target]) => ({
    specifier: manifest.name + path.slice(1),
    source: join(home, target['tier0-source']),
    page: [name, ...path.split('/').slice(1)].join('-'),
  }));
}

async function readSources() {
  const app = await Application.bootstrapWithPlugins(options());
  const project = await app.convert();
  if (project?.children === undefined) throw new Error('The sources could not be read; see above.');
  for (const module of project.children) {
    const file = module.sources?.[0]?.fullFileName;
    const entry = entries.find(({ source }) => source === file);
    if (entry === undefined) throw new Error(`${module.name} is no entry point of a package.`);
    module.name = entry.page;
  }
  return { app, project };
}

function options() {
  return {
    entryPoints: entries.map(({ source }) => source),
    tsconfig: join(root, 'tsconfig.build.json'),
    plugin: ['typedoc-plugin-markdown'],
    outputs: [{ name: 'markdown', path: folder }],
    cleanOutputDir: false,
    readme: 'none',
    name: 'Reference',
    entryFileName: 'index',
    outputFileStrategy: 'modules',
    // Types are proved by "pnpm types"; proving them again takes longer than the pages.
    skipErrorChecking: true,
    excludeInternal: true,
    excludeExternals: true,
    disableGit: true,
    gitRevision: 'main',
    basePath: root,
    displayBasePath: root,
    sourceLinkTemplate: `${relative(folder, root).replaceAll('\\', '/')}/{path}#L{line}`,
    hideBreadcrumbs: true,
    pageTitleTemplates: { index: 'Reference', module: ({ name }) => entries.find(({ page }) => page === name)?.specifier ?? name },
    hidePageHeader: true,
    useCodeBlocks: true,
    parametersFormat: 'table',
    interfacePropertiesFormat: 'table',
    typeAliasPropertiesFormat: 'table',
    logLevel: LogLevel.Error,
  };
}

function isCalled(member) {
  return member.kindOf(ReflectionKind.Method) || (member.type?.declaration?.signatures?.length ?? 0) > 0;
}

/** A schema is described by the noun it checks. */
function isDescribed(name) {
  if (name.kind === ReflectionKind.Reference || (name.kind === ReflectionKind.Variable && name.name.endsWith('Schema'))) return true;
  const signatures = [...(name.signatures ?? []), ...(name.type?.declaration?.signatures ?? [])];
  return name.hasComment() || signatures.some((signature) => signature.hasComment());
}

function placeOf(name) {
  const place = (name.sources ?? name.signatures?.[0]?.sources)?.[0];
  return place === undefined ? 'no source' : `${relative(root, place.fullFileName)}:${place.line}`;
}
