import { readFile } from 'node:fs/promises';
import { Tier0Error } from '@tier0/core';
import { parse } from 'yaml';
import { type Capabilities, parseCapabilities } from './capabilities.ts';

/** Where the file lies, seen from the built `dist/*.js` and from this file in `src/scorecard/`. */
const PLACES = ['../data/capabilities.yaml', '../../data/capabilities.yaml'];

/** Reads the capability matrix that ships with this package. */
export async function readCapabilities(): Promise<Capabilities> {
  for (const place of PLACES) {
    const text = await readFile(new URL(place, import.meta.url), 'utf8').catch(() => undefined);
    if (text !== undefined) return parseCapabilities(parse(text));
  }
  throw new Tier0Error({
    code: 'NOT_FOUND',
    message: 'The capability matrix data/capabilities.yaml is missing from the package @tier0/eval.',
    hint: 'Install the package again; its files list holds the folder data.',
  });
}
