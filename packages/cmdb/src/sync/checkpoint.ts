import type { Inventory } from '@tier0/core';

/** Whether an increment is the next one, was taken in before, or leaves a gap. */
export type CheckpointVerdict = { readonly take: true } | { readonly take: false; readonly reason?: string };

/**
 * Exactly once: an increment is taken in where it begins at the checkpoint that was reached. One that ends there was taken in before
 * and is silently left. Anything else is a gap: nothing of it is taken, and the source has to be read in full.
 */
export function judgeCheckpoint({ scope, contract, checkpoint }: Inventory, reached: string | undefined): CheckpointVerdict {
  if (contract !== 'increments') return { take: true };
  if (!checkpoint) return { take: false, reason: `${scope}: an increment came without its checkpoint; nothing of it was taken in.` };
  if (checkpoint.to === reached && checkpoint.from !== undefined) return { take: false };
  if (checkpoint.from === undefined || checkpoint.from === reached) return { take: true };
  const reason = `${scope}: an increment begins at checkpoint "${checkpoint.from}", and "${reached ?? 'none'}" was reached: changes in between are missing. Nothing of it was taken in; read the source in full (a checkpoint without "from").`;
  return { take: false, reason };
}
