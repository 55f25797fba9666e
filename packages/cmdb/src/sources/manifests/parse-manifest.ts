import { LineCounter, parseAllDocuments } from 'yaml';
import { acceptObject } from '../../kinds/accept-object.ts';
import { entriesOf, isKubernetesObject, isRecord, type KubernetesObject } from '../../kinds/kubernetes-object.ts';
import { isList, kindOfEntries, type ListHeader } from './list-header.ts';

/** One file read: its objects, or where it cannot be read. */
export interface ManifestFile {
  readonly objects: readonly KubernetesObject[];
  /** Kinds of which a whole List was read, though it may be empty. */
  readonly lists?: readonly string[];
  readonly failure?: string;
}

/** UTF-16 units of one YAML text; its parser takes some fifty times that in memory. */
const MAX_YAML = 32 * 1024 * 1024;

/** Parses one file: YAML documents or JSON, single objects or lists. `before` is given each object before it is judged. */
export function parseManifest(name: string, text: string, before: (object: KubernetesObject) => void = () => undefined): ManifestFile {
  const { objects, ...rest } = parseAsIs(name, text);
  return { objects: acceptAll(objects, before), ...rest };
}

function acceptAll(objects: readonly KubernetesObject[], before: (object: KubernetesObject) => void): readonly KubernetesObject[] {
  for (const object of objects) before(object);
  return objects.map(acceptObject);
}

/** The objects of one entry of a List: the entry itself, or those of a List in the List. An entry may leave kind and version to the List. */
export function objectsOfEntry(
  entry: unknown,
  header: ListHeader,
  before: (object: KubernetesObject) => void,
): readonly KubernetesObject[] {
  const named = withKindOf(header, entry);
  return acceptAll(isSingle(named) ? [named] : objectsIn(named), before);
}

function parseAsIs(name: string, text: string): ManifestFile {
  const parsed = /\.json$/i.test(name) ? parseJson(name, text) : undefined;
  if (parsed) return parsed;
  const lines = new LineCounter();
  const documents = documentsOf(text, lines);
  if (typeof documents === 'string') return { objects: [], failure: `${name}: ${documents}` };
  const list = Array.isArray(documents) ? documents : [];
  const error = list.flatMap((document) => document.errors)[0];
  if (error) return { objects: [], failure: `${name}:${lines.linePos(error.pos[0]).line}: ${error.message.split('\n')[0]}` };
  try {
    return contentOf(list.map((document) => document.toJS({ maxAliasCount: 100 })));
  } catch (cause) {
    return { objects: [], failure: `${name}: ${(cause as Error).message}` };
  }
}

/** Brackets open at once; the parser takes a second for every few thousand of them before it gives up. */
const MAX_OPEN = 2_000;

function opensTooMuch(text: string): boolean {
  let open = 0;
  for (let at = 0; at < text.length && open <= MAX_OPEN; at++) {
    const code = text.charCodeAt(at) | 0x20;
    if (code === 0x7b) open += 1;
    else if (code === 0x7d && open > 0) open -= 1;
  }
  return open > MAX_OPEN;
}

/** What is nested too deeply for the parser is said like a syntax error. */
function documentsOf(text: string, lineCounter: LineCounter) {
  if (text.length > MAX_YAML) return `as YAML at most ${MAX_YAML} characters are read; give it as JSON`;
  if (opensTooMuch(text)) return 'it is nested too deeply';
  try {
    return parseAllDocuments(text, { lineCounter });
  } catch (cause) {
    return cause instanceof RangeError ? 'it is nested too deeply' : (cause as Error).message;
  }
}

/** JSON is YAML too, but its own parser is much quicker. Several documents in one file are left to YAML. */
function parseJson(name: string, text: string): ManifestFile | undefined {
  try {
    return contentOf([JSON.parse(text)]);
  } catch (cause) {
    return /^\s*\}?\s*---/m.test(text) ? undefined : { objects: [], failure: `${name}: ${(cause as Error).message}` };
  }
}

function contentOf(values: readonly unknown[]): ManifestFile {
  return { objects: values.flatMap(objectsIn), ...listsOf(values.filter(isWholeList)) };
}

/** The kinds that are told to be read whole, by Lists that are of one kind. */
export function listsOf(headers: readonly ListHeader[]): Pick<ManifestFile, 'lists'> {
  const lists = headers.map(kindOfEntries).filter((kind) => kind !== '');
  return lists.length > 0 ? { lists } : {};
}

/** A client that is written in Go says `null` of a list without entries. */
function isWholeList(value: unknown): value is ListHeader {
  return isRecord(value) && isList(value) && (Array.isArray(value.items) || value.items === null);
}

function objectsIn(value: unknown): readonly KubernetesObject[] {
  if (!isWholeList(value)) return isKubernetesObject(value) ? [value] : [];
  const objects: KubernetesObject[] = [];
  for (const entry of entriesOf(value.items)) {
    const named = withKindOf(value, entry);
    if (isSingle(named)) objects.push(named);
    else objects.push(...objectsIn(named));
  }
  return objects;
}

function withKindOf(header: ListHeader, entry: unknown): unknown {
  const kind = kindOfEntries(header);
  return kind === '' || !isRecord(entry) || entry.kind !== undefined ? entry : { apiVersion: header.apiVersion, kind, ...entry };
}

function isSingle(value: unknown): value is KubernetesObject {
  return isKubernetesObject(value) && !Object.hasOwn(value, 'items');
}
