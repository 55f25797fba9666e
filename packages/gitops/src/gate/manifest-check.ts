import { type GateCheck, type ProposalContent, readField } from '@tier0/core';
import { readYaml } from '../edit/yaml-source.ts';
import type { Plan } from '../proposal/plan.ts';
import { objectLints } from './schema/object-lints.ts';
import { checkSchema, isMap, type ManifestFlaw } from './schema/schema-flaws.ts';

type Fields = Readonly<Record<string, unknown>>;

/** An object that a proposal touches, as the files declare it before and after. */
export interface TouchedObject {
  readonly file: string;
  readonly after: Fields;
  /** Undefined when it was not there before. */
  readonly before: Fields | undefined;
}

/** The objects whose documents the edits of a planned proposal touch, each once. */
export function touchedObjects(proposal: ProposalContent, plan: Plan): readonly TouchedObject[] {
  if (plan.status !== 'planned') return [];
  const touched = new Map<string, TouchedObject>();
  for (const edit of proposal.edits) {
    const within = withinList(edit.path);
    const key = JSON.stringify([edit.file, edit.document, within]);
    const file = plan.files.get(edit.file);
    if (!file || touched.has(key)) continue;
    const after = objectIn(file.after, edit.document, within);
    if (after)
      touched.set(key, { file: edit.file, after, before: objectIn(Buffer.from(file.before).toString('utf8'), edit.document, within) });
  }
  return [...touched.values()];
}

/** The part of a path that leads to an object inside a List: `items`, 3. */
function withinList(path: ProposalContent['edits'][number]['path']): typeof path {
  return path[0] === 'items' && typeof path[1] === 'number' ? path.slice(0, 2) : [];
}

function objectIn(text: string, document: number, within: ReturnType<typeof withinList>): Fields | undefined {
  const reading = readYaml(text);
  const value = reading.status === 'read' ? readField(reading.source.values[document], within) : undefined;
  return isMap(value) ? value : undefined;
}

/** Everything the schema and the API server's validation hold against an object. */
export function manifestFlaws(object: Fields): readonly ManifestFlaw[] {
  const verdict = checkSchema(object);
  return verdict.status === 'checked' ? [...verdict.flaws, ...objectLints(object)] : [];
}

/**
 * Whether the change makes a manifest that the API server refuses. Flaws that were there before are named and do not count: the object
 * got into the cluster with them, and a fix must not wait for a spring clean.
 */
export function schemaCheck(objects: readonly TouchedObject[]): GateCheck {
  const made: string[] = [];
  let old = 0;
  const unchecked = new Set<string>();
  for (const { file, before, after } of objects) {
    if (checkSchema(after).status === 'unchecked') unchecked.add(`${after.kind} of ${after.apiVersion}`);
    const known = new Set(before ? manifestFlaws(before).map(flawKey) : []);
    for (const flaw of manifestFlaws(after)) {
      if (known.has(flawKey(flaw))) old += 1;
      else made.push(`${file}: ${flaw.path}: ${flaw.message}`);
    }
  }
  const asides = [
    ...(old > 0 ? [`${old} ${old === 1 ? 'flaw was' : 'flaws were'} there before`] : []),
    ...(unchecked.size > 0 ? [`no schema here for ${[...unchecked].sort().join(', ')}`] : []),
  ];
  const said = made.length > 0 ? made : ['manifests fit the schemas of their kinds'];
  return { name: 'schema', passed: made.length === 0, detail: [...said, ...asides].join('; ') };
}

function flawKey(flaw: ManifestFlaw): string {
  return `${flaw.rule} ${flaw.path} ${flaw.message}`;
}
