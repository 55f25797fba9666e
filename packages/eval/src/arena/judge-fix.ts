import { parseFieldPath, toTier0Error, writeField } from '@tier0/core';
import { fixHolds } from '../scenario/fix-holds.ts';
import type { KubernetesObject, Scenario, SubjectRef } from '../scenario/scenario.ts';
import type { ProposedFix } from '../tools/tool-under-test.ts';
import type { FixOutcome } from './trial.ts';

/**
 * Applies each proposal to a copy of the recording and evaluates what an acceptable repair must make true; undefined when no edit is known that people
 * would accept, or when the tool proposes none by design.
 */
export function judgeFixes(
  fixes: readonly ProposedFix[] | undefined,
  { objects, expected }: Pick<Scenario, 'objects' | 'expected'>,
): FixOutcome | undefined {
  if (fixes === undefined || (expected.fixes ?? []).length === 0) return undefined;
  const holds = fixes.map((fix) => fix.edits.length > 0 && fixHolds(expected.fixes ?? [], repairedBy(fix, objects)));
  return { offered: fixes.length, firstHolds: holds[0] === true, anyHolds: holds.includes(true) };
}

function repairedBy({ edits }: ProposedFix, objects: readonly KubernetesObject[]): (subject: SubjectRef) => unknown {
  const repaired = new Map<string, unknown>();
  const find = (subject: SubjectRef) => repaired.get(keyOf(subject)) ?? objects.find((object) => isIt(object, subject));
  for (const { subject, path, value } of edits) {
    const before = find(subject);
    if (before === undefined) continue;
    repaired.set(keyOf(subject), written(before, path, value));
  }
  return find;
}

/** An edit that cannot be written changes nothing. */
function written(object: unknown, path: string, value: unknown): unknown {
  try {
    return writeField(object, parseFieldPath(path), value);
  } catch (error) {
    toTier0Error(error);
    return object;
  }
}

function isIt({ kind, metadata }: KubernetesObject, subject: SubjectRef): boolean {
  return kind === subject.kind && metadata.name === subject.name && (metadata.namespace ?? '') === (subject.namespace ?? '');
}

function keyOf({ kind, namespace = '', name }: SubjectRef): string {
  return `${kind} ${namespace}/${name}`;
}
