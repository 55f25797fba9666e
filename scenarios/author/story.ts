import type { Item, Loose } from './item.ts';
import type { World } from './world.ts';

export interface Subject {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

export interface Truth {
  readonly cause: string;
  readonly subject: Subject;
  readonly alsoAccept?: readonly Subject[];
  readonly alsoAcceptCauses?: readonly string[];
  readonly path?: readonly Subject[];
}

export interface Predicate {
  readonly object: Subject;
  readonly path?: string;
  readonly equals?: unknown;
  readonly oneOf?: readonly unknown[];
  readonly exists?: boolean;
  readonly atLeast?: string | number;
  readonly atMost?: string | number;
}

/** What the author knows to be true of the world that was built. No root cause: a control. */
export interface Answer {
  readonly rootCauses?: readonly Truth[];
  readonly forbidden?: readonly Subject[];
  /** Ways to repair it; all predicates of a way hold afterwards. */
  readonly fixes?: readonly (readonly Predicate[])[];
}

export interface Story {
  /** Folder name: part of the story, never a word of the cause. */
  readonly name: string;
  readonly title: string;
  /** Three to six lines for a person. */
  readonly text: readonly string[];
  readonly build: () => { readonly world: World; readonly answer: Answer };
  /** False: whoever recorded it could not read events. */
  readonly events?: boolean;
}

export function subjectOf({ kind, metadata }: Item): Subject {
  return { kind, ...(metadata.namespace ? { namespace: metadata.namespace } : {}), name: metadata.name };
}

export function at(kind: string, namespace: string | undefined, name: string): Subject {
  return { kind, ...(namespace ? { namespace } : {}), name };
}

/** Path of a field of a container in a pod template, as `tier0 edit` takes it. */
export function inContainer(name: string, field: string): string {
  return `spec.template.spec.containers[name=${name}].${field}`;
}

export function byName(list: readonly Loose[], name: string): Loose {
  const found = list.find((each) => each.name === name);
  if (!found) throw new Error(`Nothing here is named ${name}.`);
  return found;
}
