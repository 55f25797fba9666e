import { mapAt } from './read-object.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** The object as kubectl applied it last, by its own note; undefined where there is none or it is no JSON. */
export function lastApplied(object: unknown): unknown {
  try {
    const text = mapAt(object, 'metadata', 'annotations')[LAST_APPLIED];
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
