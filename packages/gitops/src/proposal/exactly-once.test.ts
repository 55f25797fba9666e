import { proposalFor } from '@tier0/core/testing';
import { describe, expect, test } from 'vitest';
import { type ForgeKind, proposeThroughFaults } from '../testing/exactly-once.ts';

const SEEDS = [1, 2, 3, 4, 5];

describe.each<ForgeKind>(['local', 'github', 'gitlab', 'gitea'])('several writers and faults on %s', (kind) => {
  test.each(SEEDS)('seed %i: one open pull request, one commit, nothing lost', async (seed) => {
    const outcome = await proposeThroughFaults(kind, seed, (edit) => proposalFor(edit, 'main'));
    expect(outcome.flaws, JSON.stringify(outcome, null, 1)).toEqual([]);
    expect(outcome.retries, JSON.stringify(outcome, null, 1)).toBeLessThanOrEqual(2);
  });
});
