import { instantAt, listAt } from './read-object.ts';

/** Milliseconds since the epoch at which an object was last written, as its field managers noted; its creation where nobody noted anything, else 0. */
export function writtenMs(object: unknown): number {
  const times = listAt(object, 'metadata', 'managedFields').flatMap((entry) => instantAt(entry, 'time') ?? []);
  return times.length > 0 ? Math.max(...times) : (instantAt(object, 'metadata', 'creationTimestamp') ?? 0);
}
