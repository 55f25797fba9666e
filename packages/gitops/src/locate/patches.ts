import { type FieldPath, type JsonValue, readField } from '@tier0/core';
import { readYaml } from '../edit/yaml-source.ts';
import { isRecord, type JsonRecord, join, type Level, records, text } from './kustomize.ts';
import type { Passing, Setter, Unclear } from './trail.ts';

/** A patch as a kustomization names it. */
interface Patch {
  readonly target: JsonRecord | undefined;
  readonly text: string;
  readonly file: string;
  /** Where its text stands in that file; undefined: the file is the text. */
  readonly holder: { readonly document: number; readonly path: FieldPath } | undefined;
}

/** The patches of a level that set the field, in the order kustomize applies them. */
export function patchSetters(passing: Passing): readonly (Setter | Unclear)[] {
  return patchesOf(passing).flatMap((patch) => ('reason' in patch ? [patch] : settersIn(patch, passing)));
}

/** What the patches of a level say, whatever they are for. */
export function patchTexts(level: Level, read: Passing['read']): readonly JsonValue[] {
  return patchesOf({ level, read }).flatMap((patch) => {
    const reading = 'reason' in patch ? undefined : readYaml(patch.text);
    return reading?.status === 'read' ? reading.source.values : [];
  });
}

function patchesOf({ level, read }: Pick<Passing, 'level' | 'read'>): readonly (Patch | Unclear)[] {
  const { value, file, document, at, folder } = level;
  const fromFile = (path: string, target: JsonRecord | undefined): Patch | Unclear => {
    const found = read(join(folder, path));
    if (found === undefined) return { file, reason: `its patch ${path} is not in the repository` };
    return { target, text: found, file: join(folder, path), holder: undefined };
  };
  const inline = (where: FieldPath, content: string, target: JsonRecord | undefined): Patch => {
    return { target, text: content, file, holder: { document, path: [...at, ...where] } };
  };
  const strategic = list(value.patchesStrategicMerge).map((entry, index) =>
    text(entry).includes('\n') ? inline(['patchesStrategicMerge', index], text(entry), undefined) : fromFile(text(entry), undefined),
  );
  const targeted = (['patches', 'patchesJson6902'] as const).flatMap((key) =>
    records(value[key]).map((entry, index) => {
      const target = isRecord(entry.target) ? entry.target : undefined;
      return entry.path === undefined ? inline([key, index, 'patch'], text(entry.patch), target) : fromFile(text(entry.path), target);
    }),
  );
  return [...strategic, ...targeted];
}

function list(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}

function settersIn(patch: Patch, passing: Passing): readonly (Setter | Unclear)[] {
  const reading = readYaml(patch.text);
  if (reading.status === 'unreadable') return [{ file: patch.file, reason: `it holds a patch that is ${reading.reason}` }];
  return reading.source.values.flatMap((value, document) => {
    const found = Array.isArray(value) ? jsonPatch(value, patch, passing) : strategicPatch(value, patch, passing);
    return found.map((one) => ('reason' in one ? { file: patch.file, ...one } : toSetter(patch, document, one, passing)));
  });
}

/** Where a patch says what the field becomes. */
interface Said {
  readonly path: FieldPath;
  readonly declared: JsonValue;
}

type Finding = Said | { readonly reason: string };

function toSetter(patch: Patch, document: number, { path, declared }: Said, { index }: Passing): Setter {
  const broad = patch.target !== undefined && !/^[\w-]+$/.test(text(patch.target.name));
  const said = { kind: 'patch', file: patch.file, level: index, broad, declared, value: declared } as const;
  if (!patch.holder) return { ...said, document, path };
  return { ...said, ...patch.holder, inner: { text: patch.text, document, path } };
}

function strategicPatch(value: JsonValue, patch: Patch, passing: Passing): readonly Finding[] {
  const { manifest, path, names } = passing;
  if (!isRecord(value)) return [];
  const metadata = isRecord(value.metadata) ? value.metadata : {};
  const named = value.kind === manifest.object.kind && names.includes(text(metadata.name));
  const match = patch.target ? matchesTarget(patch.target, passing) : named;
  if (!match) return [];
  const declared = readField(value, path) as JsonValue | undefined;
  if (declared !== undefined && match === true && declared !== null) return [{ path, declared }];
  if (match === 'maybe' || JSON.stringify(value).includes('"$patch"') || isCutShort(value, passing)) {
    return touches(value, path) ? [{ reason: 'it holds a patch that may set this field in a form that is not followed' }] : [];
  }
  return [];
}

/** Whether the patch says something about a parent of the field that is no map: a list that replaces all of it, or null. */
function isCutShort(value: JsonRecord, { manifest, path }: Passing): boolean {
  const isBuiltIn = !/\..*\//.test(manifest.object.apiVersion) || /\.k8s\.io\//.test(manifest.object.apiVersion);
  return path.some((segment, index) => {
    const parent = readField(value, path.slice(0, index));
    if (index > 0 && parent === null) return true;
    return Array.isArray(parent) && (!isBuiltIn || typeof segment === 'number');
  });
}

/** Whether a patch has anything to say on the way to the field. */
function touches(value: JsonRecord, path: FieldPath): boolean {
  const first = path.findIndex((segment) => typeof segment !== 'string');
  const head = first === -1 ? path.slice(0, -1) : path.slice(0, first);
  return readField(value, head) !== undefined;
}

/** Whether the target of a patch is the object; `maybe` where a selector decides. */
function matchesTarget(target: JsonRecord, { manifest, names }: Passing): boolean | 'maybe' {
  const { apiVersion, kind, metadata } = manifest.object;
  const [version = '', group = ''] = apiVersion.split('/').reverse();
  const fits = (wanted: JsonValue | undefined, ...found: readonly string[]) =>
    wanted === undefined || wanted === '' || found.some((one) => matchesWhole(text(wanted), one));
  if (!fits(target.kind, kind) || !fits(target.group, group) || !fits(target.version, version)) return false;
  if (!fits(target.name, ...names)) return false;
  if (target.namespace !== undefined && metadata.namespace !== target.namespace) return 'maybe';
  return target.labelSelector || target.annotationSelector ? 'maybe' : true;
}

function matchesWhole(pattern: string, found: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`).test(found);
  } catch {
    return pattern === found;
  }
}

/** Operations of a JSON patch (RFC 6902) on the field or on a part of the object that holds it. */
function jsonPatch(operations: readonly JsonValue[], patch: Patch, passing: Passing): readonly Finding[] {
  const match = patch.target ? matchesTarget(patch.target, passing) : false;
  if (!match) return [];
  const wanted = toPointer(passing);
  return operations.flatMap((operation, index): readonly Finding[] => {
    if (!isRecord(operation)) return [];
    const pointer = text(operation.path).split('/').slice(1).map(unescapePointer);
    const finding = operationFinding(operation, { pointer, wanted, index });
    return finding && match === 'maybe' ? [{ reason: 'a patch with a selector may set this field' }] : finding ? [finding] : [];
  });
}

interface Pointers {
  readonly pointer: readonly string[];
  /** The field, with positions instead of list keys; undefined where the manifest does not have them. */
  readonly wanted: readonly string[] | undefined;
  readonly index: number;
}

const UNFOLLOWED = { reason: 'it holds a JSON patch that may set this field in a form that is not followed' };

function operationFinding(operation: JsonRecord, { pointer, wanted, index }: Pointers): Finding | undefined {
  if (operation.op === 'test') return undefined;
  if (!wanted) return UNFOLLOWED;
  const shared = pointer.findIndex((token, position) => token !== wanted[position]);
  if (operation.op === 'move' || operation.op === 'copy') return UNFOLLOWED;
  if (shared !== -1) return shiftsList(operation, pointer, wanted, shared) ? UNFOLLOWED : undefined;
  // To add at a position of a list is to push what stands there, ours perhaps, one further.
  const pushes = operation.op === 'add' && /^\d+$/.test(pointer.at(-1) ?? '');
  if ((operation.op !== 'replace' && operation.op !== 'add') || pushes) return UNFOLLOWED;
  const rest = wanted.slice(pointer.length).map((token) => (/^\d+$/.test(token) ? Number(token) : token));
  const declared = pointer.length <= wanted.length ? (readField(operation.value, rest) as JsonValue | undefined) : undefined;
  return declared === undefined ? UNFOLLOWED : { path: [index, 'value', ...rest], declared };
}

/** An entry that comes or goes before ours moves it. */
function shiftsList(operation: JsonRecord, pointer: readonly string[], wanted: readonly string[], at: number): boolean {
  const isLast = at === pointer.length - 1;
  const [theirs, ours] = [pointer[at] ?? '', wanted[at] ?? ''];
  return isLast && operation.op !== 'replace' && /^\d+$/.test(theirs) && /^\d+$/.test(ours) && Number(theirs) < Number(ours);
}

function toPointer({ manifest, path }: Passing): readonly string[] | undefined {
  const tokens: string[] = [];
  for (const [index, segment] of path.entries()) {
    if (typeof segment !== 'object') tokens.push(String(segment));
    else {
      const entries = readField(manifest.object, path.slice(0, index));
      const position = Array.isArray(entries) ? entries.findIndex((entry) => readField(entry, [segment.key]) === segment.value) : -1;
      if (position === -1) return undefined;
      tokens.push(String(position));
    }
  }
  return tokens;
}

function unescapePointer(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~');
}
