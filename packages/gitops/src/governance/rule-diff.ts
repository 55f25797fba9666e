import { type FieldPath, formatFieldPath, type Policy, type StandingRule } from '@tier0/core';
import { readYaml } from '../edit/yaml-source.ts';
import type { GroupKind } from '../kubernetes/group-kind.ts';
import { carrierFlaw, declaredKind, fieldFlaw, isCarrier } from './field-rules.ts';
import { isGuarded, isWithin } from './guarded-paths.ts';

/** One file as a change leaves it. Undefined where it is not there, or is no ordinary file. */
export interface ChangedFile {
  readonly path: string;
  readonly before: Uint8Array | undefined;
  readonly after: Uint8Array | undefined;
}

/** What a rule covers when it does not say more: one field or a few of one file. */
const DEFAULT_MAX_FILES = 1;
const DEFAULT_MAX_FIELDS = 5;

/**
 * Why a standing rule does not cover what a change really does; undefined when it does. Judged by the bytes of the change, whatever was said
 * about it: only known fields of files that were there, as many and where the rule allows, and never what decides about changes.
 */
export function ruleDiffFlaw(rule: StandingRule, files: readonly ChangedFile[], policy: Policy): string | undefined {
  const guarded = files.find(({ path }) => isGuarded(path, policy));
  if (guarded) return `${guarded.path} decides about changes, and no rule approves a change of it`;
  const elsewhere = files.find(({ path }) => rule.paths && !rule.paths.some((place) => isWithin(path, place)));
  if (elsewhere) return `${elsewhere.path} is outside the paths of the rule`;
  const maxFiles = rule.maxFiles ?? DEFAULT_MAX_FILES;
  if (files.length > maxFiles) return `it changes ${files.length} files, the rule covers ${maxFiles}`;
  const changes: FieldChange[] = [];
  for (const file of files) {
    const found = fieldChanges(file);
    if (typeof found === 'string') return found;
    changes.push(...found);
  }
  const maxFields = rule.maxFields ?? DEFAULT_MAX_FIELDS;
  if (changes.length > maxFields) return `it changes ${changes.length} fields, the rule covers ${maxFields}`;
  for (const change of changes) {
    const flaw = changeFlaw(rule, change);
    if (flaw) return flaw;
  }
  return changes.length === 0 ? 'it changes no field' : undefined;
}

interface FieldChange {
  readonly file: string;
  readonly kind: GroupKind | undefined;
  readonly path: FieldPath;
}

function changeFlaw(rule: StandingRule, { file, kind, path }: FieldChange): string | undefined {
  const flaw = isCarrier(kind) ? carrierFlaw(kind, file, path) : fieldFlaw(kind as GroupKind, path);
  if (flaw) return `${file}: ${flaw}`;
  const text = path.filter((segment) => typeof segment === 'string').join('.');
  const isNamed = !rule.fields || rule.fields.some((field) => text === field || text.endsWith(`.${field}`) || text.startsWith(`${field}.`));
  return isNamed ? undefined : `${file}: ${formatFieldPath(path)} is not a field of the rule`;
}

/** The fields in which two versions of a file differ, or why they cannot be told. */
function fieldChanges({ path, before, after }: ChangedFile): readonly FieldChange[] | string {
  if (!before || !after) return `${path} is ${before ? 'taken away' : 'new'}, and a rule covers fields of files that are there`;
  const [old, now] = [before, after].map((bytes) => readYaml(Buffer.from(bytes).toString('utf8')));
  if (old?.status !== 'read' || now?.status !== 'read') return `${path} cannot be read as YAML`;
  if (old.source.values.length !== now.source.values.length) return `${path} has another number of documents`;
  return now.source.values.flatMap((value, index) => {
    const kind = declaredKind(value, path);
    return differences(old.source.values[index], value, []).map((field) => ({ file: path, kind, path: field }));
  });
}

/** Deepest places that differ. Entries of a list that have names are compared by name, others by position. */
function differences(before: unknown, after: unknown, at: FieldPath): readonly FieldPath[] {
  if (Object.is(before, after)) return [];
  if (isMap(before) && isMap(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => differences(before[key], after[key], [...at, key]));
  }
  if (!Array.isArray(before) || !Array.isArray(after)) return [at];
  if (before.length !== after.length || !sameNames(before, after)) return [at];
  return after.flatMap((entry, index) => differences(before[index], entry, [...at, index]));
}

/** A list in another order, or with another entry, is a change of the list. */
function sameNames(before: readonly unknown[], after: readonly unknown[]): boolean {
  const nameOf = (entry: unknown) => (isMap(entry) ? entry.name : undefined);
  return before.every((entry, index) => nameOf(entry) === nameOf(after[index]));
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
