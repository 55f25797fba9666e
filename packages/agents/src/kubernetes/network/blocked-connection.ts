import type { CmdbReader } from '@tier0/core';
import { podIndex } from '../objects/pod-index.ts';
import { type BlockedConnection, BlockedConnectionSchema } from './facts.ts';
import { type BlockQuestion, blockBetween } from './network-policy.ts';

/** A policy that blocks, as a finding about it needs it. */
export interface BlockedFinding {
  /** Item id of the policy. */
  readonly subject: string;
  readonly key: string | undefined;
  readonly facts: BlockedConnection;
}

/** The policy that keeps a pod from a Service that it names, or from resolving names; undefined where nothing blocks or it cannot be told. */
export function blockedConnection(
  reader: CmdbReader,
  { pod, ...question }: Omit<BlockQuestion, 'client'> & { readonly pod: string },
): BlockedFinding | undefined {
  const client = podIndex(reader).byId.get(pod);
  if (client === undefined) return undefined;
  const [draft] = blockBetween(reader, { client, ...question });
  const facts = BlockedConnectionSchema.safeParse(draft?.facts);
  return draft !== undefined && facts.success ? { subject: draft.subject, key: draft.key, facts: facts.data } : undefined;
}
