import type { FieldPath, JsonValue } from '@tier0/core';
import { isMap, isScalar, isSeq, type Node, parseAllDocuments, type Scalar } from 'yaml';
import type { Files, LiveObject } from './render.ts';
import type { BenchRepository, Environment } from './repositories.ts';

/** A field that is different from what it was. */
export interface FieldDifference {
  readonly environment: Environment;
  readonly live: LiveObject;
  readonly path: FieldPath;
  readonly before: JsonValue | undefined;
  readonly after: JsonValue | undefined;
}

/** One value in one file, and a live field that changes with it. */
export interface Truth {
  readonly file: string;
  readonly difference: FieldDifference;
  /** Live fields that change with this value, this one too. */
  readonly reach: number;
}

/** Renders every environment. */
export async function renderAll(repository: BenchRepository, files: Files): Promise<ReadonlyMap<Environment, readonly LiveObject[]>> {
  return new Map(await Promise.all(repository.environments.map(async (one) => [one, await one.render(files)] as const)));
}

/** Changes one value after the other and sees what changes in the clusters; what changes nothing, or a name, is no truth. */
export async function truthsOf(
  repository: BenchRepository,
  before: ReadonlyMap<Environment, readonly LiveObject[]>,
): Promise<readonly Truth[]> {
  const truths: Truth[] = [];
  for (const { file, text } of mutations(repository.files)) {
    const after = await renderAll(repository, new Map([...repository.files, [file, text]])).catch(() => undefined);
    const differences = after ? differencesBetween(before, after) : undefined;
    for (const difference of differences ?? []) truths.push({ file, difference, reach: differences?.length ?? 0 });
  }
  return truths;
}

interface Mutation {
  readonly file: string;
  readonly text: string;
}

/** Keys whose values name things: changing them makes another object of it. */
const IDENTITY = new Set([
  'apiVersion',
  'kind',
  'name',
  'namespace',
  'namePrefix',
  'path',
  'op',
  'key',
  'repoURL',
  'targetRevision',
  'version',
  'project',
]);

function* mutations(files: Files): Generator<Mutation> {
  for (const [file, text] of files) {
    // What a chart is made of is the same for whoever uses it.
    if (file.includes('/templates/') || file.endsWith('/Chart.yaml') || file.startsWith('docs/')) continue;
    yield* mutationsOf(text, (changed) => ({ file, text: changed }));
  }
}

function* mutationsOf(text: string, wrap: (changed: string) => Mutation): Generator<Mutation> {
  const count = leavesOf(text).length;
  for (let index = 0; index < count; index++) {
    const documents = parseAllDocuments(text);
    const leaf = leavesIn(Array.isArray(documents) ? documents.map((one) => one.contents as Node | null) : [])[index] as Leaf;
    const print = () => (documents as unknown as { toString(): string }[]).map((one) => one.toString()).join('');
    const { node } = leaf;
    const old = node.value;
    if (typeof old === 'string' && old.includes('\n')) {
      yield* mutationsOf(old, (changed) => {
        node.value = changed;
        return wrap(print());
      });
      continue;
    }
    node.value = mutated(old);
    yield wrap(print());
  }
}

interface Leaf {
  readonly node: Scalar;
}

function leavesOf(text: string): readonly Leaf[] {
  const documents = parseAllDocuments(text);
  return leavesIn(Array.isArray(documents) ? documents.map((one) => one.contents as Node | null) : []);
}

function leavesIn(nodes: readonly (Node | null)[]): readonly Leaf[] {
  return nodes.flatMap((node) => {
    if (isScalar(node)) return node.value === null ? [] : [{ node }];
    if (isSeq(node)) return leavesIn(node.items as Node[]);
    if (!isMap(node)) return [];
    return node.items.flatMap((pair) => (IDENTITY.has(String((pair.key as Scalar).value)) ? [] : leavesIn([pair.value as Node | null])));
  });
}

function mutated(value: unknown): unknown {
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  const text = String(value);
  const amount = /^(\d+)(m|[KMG]i)$/.exec(text);
  if (amount) return `${Number(amount[1]) + 32}${amount[2]}`;
  const digest = /^sha256:\d{63}(\d)$/.exec(text);
  if (digest) return `${text.slice(0, -1)}${(Number(digest[1]) + 1) % 10}`;
  if (text === 'ClusterIP' || text === 'NodePort') return 'LoadBalancer';
  return /\d$/.test(text) ? `${text.slice(0, -1)}${(Number(text.slice(-1)) + 1) % 10}` : `${text}x`;
}

/** Undefined where objects come, go or are called otherwise. */
export function differencesBetween(
  before: ReadonlyMap<Environment, readonly LiveObject[]>,
  after: ReadonlyMap<Environment, readonly LiveObject[]>,
): readonly FieldDifference[] | undefined {
  const found: FieldDifference[] = [];
  for (const [environment, objects] of before) {
    const others = after.get(environment) ?? [];
    if (others.length !== objects.length) return undefined;
    for (const [index, live] of objects.entries()) {
      const other = others[index] as LiveObject;
      if (other.kind !== live.kind || other.name !== live.name || other.namespace !== live.namespace) return undefined;
      for (const change of compare(live.value, other.value, [])) found.push({ environment, live, ...change });
    }
  }
  return found;
}

type Change = Pick<FieldDifference, 'path' | 'before' | 'after'>;

function compare(before: unknown, after: unknown, path: FieldPath): readonly Change[] {
  if (Object.is(before, after)) return [];
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    return before.flatMap((entry, index) => compare(entry, after[index], [...path, stepTo(entry, index)]));
  }
  if (isRecord(before) && isRecord(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => compare(before[key], after[key], [...path, key]));
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ path, before: before as JsonValue, after: after as JsonValue }];
}

function stepTo(entry: unknown, index: number): FieldPath[number] {
  return isRecord(entry) && typeof entry.name === 'string' ? { key: 'name', value: entry.name } : index;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
