import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, resolve } from 'node:path';
import { Tier0Error } from '@tier0/core';
import { isMap, LineCounter, type Node, parseDocument } from 'yaml';
import { PROGRAM } from '../../program-name.ts';
import { type ClusterConfig, type DutyConfig, DutyConfigSchema } from './schema.ts';

/** One thing that is wrong with a configuration file, with its place. */
export interface ConfigFlaw {
  /** From 1; absent when the place is not known. */
  readonly line?: number | undefined;
  /** Path in the document, e.g. `clusters.0.name`. */
  readonly path: string;
  readonly message: string;
}

/** A configuration, or all that is wrong with it. */
export type ConfigReading =
  | { readonly status: 'read'; readonly config: DutyConfig }
  | { readonly status: 'flawed'; readonly flaws: readonly ConfigFlaw[] };

/** Longest file that is read, characters. */
const MAX_CHARACTERS = 1_000_000;

/** Reads the text of a `tier0.yaml`. Pure: relative paths stay as they are. */
export function readConfigText(text: string): ConfigReading {
  if (text.length > MAX_CHARACTERS) return flawed([{ path: '', message: `it is longer than ${MAX_CHARACTERS} characters` }]);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  if (document.errors.length > 0) {
    return flawed(document.errors.map((error) => ({ path: '', line: error.linePos?.[0].line, message: plainly(error.message) })));
  }
  const parsed = DutyConfigSchema.safeParse(document.toJS({ maxAliasCount: 100 }));
  if (parsed.success) return withoutDoubles(parsed.data);
  const lineOf = (path: readonly PropertyKey[]) => {
    for (let depth = path.length; depth > 0; depth--) {
      const node = document.getIn(path.slice(0, depth), true) as Node | undefined;
      if (node?.range) return lines.linePos(node.range[0]).line;
    }
    return isMap(document.contents) ? 1 : undefined;
  };
  return flawed(
    parsed.error.issues.map((issue) => ({ path: issue.path.map(String).join('.'), line: lineOf(issue.path), message: issue.message })),
  );
}

/** Without the place, which is said already, and the excerpt. */
function plainly(message: string): string {
  return (message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '').replace(/\.$/, '');
}

function withoutDoubles(config: DutyConfig): ConfigReading {
  const names = config.clusters.map((cluster) => cluster.name);
  const double = names.findIndex((name, index) => names.indexOf(name) !== index);
  if (double < 0) return { status: 'read', config };
  return flawed([{ path: `clusters.${double}.name`, message: `there are two clusters "${names[double]}"` }]);
}

function flawed(flaws: readonly ConfigFlaw[]): ConfigReading {
  return { status: 'flawed', flaws };
}

/** Reads `tier0.yaml` from a file; relative paths are taken from its folder. Throws NOT_FOUND and INVALID_INPUT. */
export async function readConfigFile(file: string): Promise<DutyConfig> {
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new Tier0Error({
      code: 'NOT_FOUND',
      message: `There is no configuration ${file}.`,
      hint: `Name it with --config FILE. "${PROGRAM} init" writes one.`,
      cause,
    });
  });
  const reading = readConfigText(text);
  if (reading.status === 'read') return fromFolder(reading.config, dirname(resolve(file)));
  const [first] = reading.flaws;
  const more = reading.flaws.length > 1 ? ` (and ${reading.flaws.length - 1} more)` : '';
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: `${file}${first?.line === undefined ? '' : `:${first.line}`}: ${first?.path ? `${first.path}: ` : ''}${first?.message}${more}.`,
    hint: `Correct it; "${PROGRAM} config check" lists everything that is wrong, "${PROGRAM} config schema" is for your editor.`,
  });
}

function fromFolder(config: DutyConfig, folder: string): DutyConfig {
  const path = (text: string) => (isAbsolute(text) ? text : resolve(folder, text));
  const url = (text: string) => (/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : path(text));
  const clusters = config.clusters.map(
    (cluster): ClusterConfig => ({
      ...cluster,
      ...(cluster.kubeconfig === undefined ? {} : { kubeconfig: path(cluster.kubeconfig) }),
      ...(cluster.catalog === undefined ? {} : { catalog: path(cluster.catalog) }),
      repository: { ...cluster.repository, url: url(cluster.repository.url) },
    }),
  );
  const patterns = config.patterns === undefined ? {} : { patterns: path(config.patterns) };
  return { ...config, ...patterns, state: path(config.state), clusters };
}
