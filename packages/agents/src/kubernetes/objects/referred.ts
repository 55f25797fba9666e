import { readField } from '@tier0/core';
import { siblingId } from './existence.ts';
import type { HeldObject } from './objects.ts';
import { textAt } from './read-object.ts';

/** How deep a specification is searched for references. */
const DEPTH = 5;

/** Objects that the specification names by kind and name, in its own namespace, in the one it names, or none. */
export function referredTo(held: HeldObject): readonly string[] {
  const found: string[] = [];
  const walk = (value: unknown, key: string, depth: number): void => {
    if (typeof value !== 'object' || value === null || depth > DEPTH) return;
    const name = textAt(value, 'name');
    const kind = textAt(value, 'kind') ?? kindOfField(key);
    if (name !== undefined && kind !== undefined) {
      const isClusterWide = /^Cluster/.test(kind) || held.namespace === '';
      found.push(siblingId(held.id, kind, name, isClusterWide ? '' : textAt(value, 'namespace')));
    }
    for (const [inner, entry] of Object.entries(value)) walk(entry, Array.isArray(value) ? key : inner, depth + 1);
  };
  walk(readField(held.object, ['spec']), 'spec', 0);
  return found;
}

/** `secretStoreRef` speaks of a SecretStore where it does not say the kind. */
function kindOfField(field: string): string | undefined {
  const stem = /^(\w+?)(?:Key)?(?:Ref|Reference|Selector)s?$/.exec(field)?.[1];
  return stem === undefined ? undefined : `${stem.charAt(0).toUpperCase()}${stem.slice(1)}`;
}
