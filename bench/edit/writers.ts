import type { FieldPath } from '@tier0/core';
import { editYaml } from '@tier0/gitops';
import { parseAllDocuments, type ToStringOptions } from 'yaml';
import { loadPeer } from '../frame/peer.ts';
import type { JsYaml } from './second-reader.ts';
import type { Site } from './site.ts';

/** Something that makes an edit; undefined: it declined. It sees no span. */
export type Writer = (site: Pick<Site, 'source' | 'document' | 'path' | 'old' | 'value'>) => string | undefined;

/** Why tier0 declined. */
export const refusals = new Map<string, string>();

/** tier0 and the writers it is compared with. */
export async function createWriters(): Promise<Readonly<Record<string, Writer>>> {
  const jsYaml = await loadPeer<JsYaml>('js-yaml');
  return {
    tier0: writeWithTier0,
    'yaml toString': (site) => writeWithYaml(site, {}),
    'yaml toString, tuned': (site) => withLineBreaks(site.source, writeWithYaml(site, habitsOf(site.source))),
    'js-yaml dump': (site) => {
      const documents = jsYaml.loadAll(site.source) as unknown[];
      const changed = documents.map((value, index) => (index === site.document ? setIn(value, site.path, site.value) : value));
      return changed.map((value) => jsYaml.dump(value)).join('---\n');
    },
  };
}

const writeWithTier0: Writer = ({ source, document, path, old, value }) => {
  const result = editYaml(source, { document, path, expectOld: old, value });
  if (result.status === 'edited') return result.text;
  refusals.set('last', 'reason' in result ? result.reason : result.status);
  return undefined;
};

function writeWithYaml({ source, document, path, value }: Parameters<Writer>[0], options: ToStringOptions): string {
  const documents = parseAllDocuments(source, { logLevel: 'silent' });
  if (!Array.isArray(documents)) throw new Error('the file is empty');
  documents[document]?.setIn(path, value);
  return documents.map((one) => one.toString(options)).join('');
}

/** Tuned as a careful user would: the indentation of maps and of lists as the file has it, no line folding. */
function habitsOf(source: string): ToStringOptions {
  const indent = /^ *[^\s#-][^\n]*:[ \t]*\r?\n( +)[^\s#-]/m.exec(source)?.[1]?.length ?? 2;
  const isFlush = /^( *)[^\s#-][^\n]*:[ \t]*\r?\n\1- /m.test(source);
  const isPadded = /\{ \S|\[ \S/.test(source);
  return { lineWidth: 0, indent: Math.min(indent, 8), indentSeq: !isFlush, flowCollectionPadding: isPadded };
}

function withLineBreaks(source: string, result: string | undefined): string | undefined {
  return source.includes('\r\n') ? result?.replace(/\r?\n/g, '\r\n') : result;
}

function setIn(value: unknown, path: FieldPath, wanted: unknown): unknown {
  const root = value ?? {};
  let current = root as Record<string, unknown>;
  for (const segment of path.slice(0, -1)) {
    current[String(segment)] ??= {};
    current = current[String(segment)] as Record<string, unknown>;
  }
  current[String(path.at(-1))] = wanted;
  return root;
}
