import { createReadRights, type KubernetesSubject, type ReadRights } from '@tier0/cmdb';
import { type CallContext, type CmdbReader, Tier0Error } from '@tier0/core';
import type { LiveCluster } from '../commands/graph-question.ts';

/** Milliseconds for which an answer about rights is believed. */
const BELIEVED_MS = 60_000;

/** Who may know of which item of one graph. */
export interface RightsDesk {
  /** Asked anew when an answer is older than a minute. */
  mayRead(subject: KubernetesSubject, context: CallContext): Promise<(item: string) => boolean>;
}

/** Asks the API server of the cluster that was read. Throws INVALID_INPUT where none was: rights are what a server says, and nothing else. */
export function rightsDesk(live: LiveCluster | undefined, reader: CmdbReader): RightsDesk {
  if (live === undefined) throw unasked();
  const rights: ReadRights = createReadRights(live);
  const answers = new Map<string, { readonly atMs: number; readonly mayRead: Promise<(item: string) => boolean> }>();
  return {
    mayRead(subject, context) {
      const key = JSON.stringify([subject.user, [...(subject.groups ?? [])].sort()]);
      const known = answers.get(key);
      if (known && context.now() - known.atMs < BELIEVED_MS) return known.mayRead;
      const mayRead = rights.of(subject, reader, context);
      answers.set(key, { atMs: context.now(), mayRead });
      mayRead.catch(() => answers.delete(key));
      return mayRead;
    },
  };
}

function unasked(): Tier0Error {
  return new Tier0Error({
    code: 'INVALID_INPUT',
    message: 'Whose rights bound the answers is asked of a live API server, and none is read.',
    hint: 'Read a live cluster (--kubeconfig FILE), or leave the Kubernetes user out.',
  });
}
