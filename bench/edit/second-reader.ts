import { isDeepStrictEqual } from 'node:util';
import { readField, writeField } from '@tier0/core';
import { loadPeer } from '../frame/peer.ts';
import { isSameRoad } from './check.ts';
import type { Site } from './site.ts';

/** What the benches use of js-yaml. */
export interface JsYaml {
  readonly CORE_SCHEMA: JsYamlSchema;
  readonly YAML11_SCHEMA: JsYamlSchema;
  readonly mergeTag: unknown;
  load(text: string, options?: object): unknown;
  loadAll(text: string, options?: object): unknown[];
  dump(value: unknown, options?: object): string;
}

interface JsYamlSchema {
  withTags(...tags: unknown[]): JsYamlSchema;
}

/** A parser that shares no line with the one the product uses. */
export interface SecondReader {
  /** Whether the result means the source with just this value set, both read by js-yaml alone. */
  judge(site: Site, result: string): 'agrees' | 'disagrees' | 'skipped';
}

/**
 * js-yaml as the judge. It reads source and result itself, so where the two parsers read a source differently (`0o17` keys, duplicate keys)
 * that does not matter. What it cannot read at all (unknown tags, and forms it does not support) is skipped and counted.
 */
export async function createSecondReader(): Promise<SecondReader> {
  const jsYaml = await loadPeer<JsYaml>('js-yaml');
  const core = { schema: jsYaml.CORE_SCHEMA.withTags(jsYaml.mergeTag), json: true, maxDepth: 10_000, maxTotalMergeKeys: -1 };
  const old = { ...core, schema: jsYaml.YAML11_SCHEMA };
  const read = (text: string, options: object) => {
    try {
      return jsYaml.loadAll(text.replace(/^\uFEFF/, ''), options);
    } catch {
      return undefined;
    }
  };
  return {
    judge(site, result) {
      const before = read(site.source, core);
      const places = before?.length === 0 ? [null] : before;
      if (!places || site.document >= places.length) return 'skipped';
      if (!isDeepStrictEqual(readField(places[site.document], site.path), site.old)) return 'skipped';
      const wanted = places.map((value, index) => (index === site.document ? writeField(value, site.path, site.value) : value));
      if (!isDeepStrictEqual(read(result, core), wanted)) return 'disagrees';
      const oldReading = read(site.source, old);
      if (typeof site.value !== 'string' || !oldReading) return 'agrees';
      if (!isSameRoad(oldReading[site.document], places[site.document], site.path)) return 'agrees';
      return readField(read(result, old)?.[site.document], site.path) === site.value ? 'agrees' : 'disagrees';
    },
  };
}
