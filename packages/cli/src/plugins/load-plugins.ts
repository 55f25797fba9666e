import { createRequire } from 'node:module';
import { isAbsolute, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CODES, MATTERS, type Matter } from '@tier0/agents';
import type { OperationsWorld } from '@tier0/agents/tools';
import { type EvidenceSource, type InventorySource, type PatternLibrary, Tier0Error } from '@tier0/core';
import { PLUGIN_API, type Tier0Plugin } from './plugin.ts';

/** Everything that plugins add, in the order they were named. */
export interface Additions {
  /** tier0's own matters, then theirs. */
  readonly matters: readonly Matter[];
  readonly sources: readonly InventorySource[];
  readonly evidence: readonly EvidenceSource[];
  readonly patterns: PatternLibrary | undefined;
  readonly tools: NonNullable<OperationsWorld['further']>;
}

/** What there is without any. */
export const NO_ADDITIONS: Additions = { matters: MATTERS, sources: [], evidence: [], patterns: undefined, tools: () => [] };

/**
 * Loads plugins by the name of their package, as a module of `from` would, or by a path that begins with a dot or a slash. Whoever names a
 * plugin runs its code. Throws INVALID_INPUT for one that is written for another API or takes what is taken, NOT_FOUND where there is none.
 */
export async function loadPlugins(names: readonly string[], from = process.cwd()): Promise<Additions> {
  if (names.length === 0) return NO_ADDITIONS;
  const plugins: Tier0Plugin[] = [];
  for (const name of names) plugins.push(readPlugin(name, await importPlugin(name, from)));
  refuseTwice(
    'plugin',
    plugins.map(({ name }) => name),
  );
  refuseTwice('rule code', [
    ...Object.keys(CODES),
    ...plugins.flatMap(({ matters = [] }) => matters.flatMap(({ codes }) => Object.keys(codes))),
  ]);
  const libraries = plugins.flatMap(({ patterns }) => patterns ?? []);
  if (libraries.length > 1) throw invalid('Two plugins bring a pattern library.', 'Name one of them.');
  return {
    matters: [...MATTERS, ...plugins.flatMap(({ matters = [] }) => matters)],
    sources: plugins.flatMap(({ sources = [] }) => sources),
    evidence: plugins.flatMap(({ evidence = [] }) => evidence),
    patterns: libraries[0],
    tools: (world) => plugins.flatMap(({ tools }) => tools?.(world) ?? []),
  };
}

async function importPlugin(name: string, from: string): Promise<unknown> {
  const isPath = name.startsWith('.') || isAbsolute(name);
  try {
    const file = isPath ? resolve(from, name) : createRequire(join(from, 'package.json')).resolve(name);
    const module = (await import(pathToFileURL(file).href)) as { readonly default?: unknown };
    return module.default;
  } catch (cause) {
    const { code } = cause as { readonly code?: string };
    if (code !== 'MODULE_NOT_FOUND' && code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new Tier0Error({
      code: 'NOT_FOUND',
      message: `The plugin "${name}" cannot be found from ${from}.`,
      hint: isPath ? 'Name the file it is in.' : `Install it there (npm install ${name}), or name its file with a leading "./".`,
      cause,
    });
  }
}

const PARTS: Readonly<Record<string, (value: unknown) => boolean>> = {
  matters: Array.isArray,
  sources: Array.isArray,
  evidence: Array.isArray,
  patterns: (value) => typeof value === 'object' && value !== null,
  tools: (value) => typeof value === 'function',
};

/** Judges what a module exports. The version comes first: of another API nothing else is known. */
function readPlugin(named: string, exported: unknown): Tier0Plugin {
  if (typeof exported !== 'object' || exported === null)
    throw invalid(`"${named}" exports no plugin.`, 'Export it as default: export default definePlugin({ ... }).');
  const { api, name, ...parts } = exported as Readonly<Record<string, unknown>>;
  if (api !== PLUGIN_API) {
    throw invalid(
      `The plugin "${named}" is written for plugin API ${JSON.stringify(api) ?? 'nothing'}, and this tier0 has ${PLUGIN_API}.`,
      'Take a version of the plugin that fits this tier0, or the tier0 it was written for.',
    );
  }
  if (typeof name !== 'string' || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) {
    throw invalid(`The plugin "${named}" has no name.`, 'Give it one of lower-case letters, digits and hyphens.');
  }
  for (const [part, value] of Object.entries(parts)) {
    if (value === undefined || PARTS[part]?.(value)) continue;
    throw invalid(`The plugin "${name}" adds "${part}", which is nothing a plugin adds.`, `It may add ${Object.keys(PARTS).join(', ')}.`);
  }
  return exported as Tier0Plugin;
}

function refuseTwice(what: string, names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw invalid(`The ${what} "${twice}" is there already.`, 'Each has one meaning: rename the newer one.');
}

function invalid(message: string, hint: string): Tier0Error {
  return new Tier0Error({ code: 'INVALID_INPUT', message, hint });
}
