import type { CallContext, InventorySource } from '@tier0/core';
import { testContext } from '@tier0/core/testing';
import { expect, test } from 'vitest';
import { createCmdb } from '../graph/cmdb.ts';
import { judgeJoins } from '../testing/join-quality.ts';
import { makeHosts } from '../testing/made-hosts.ts';
import { identifyItems } from './identity-inventory.ts';
import { DEFAULT_IDENTITY_RULES } from './identity-rule.ts';

const NOW = '2026-11-22T12:00:00.000Z';

test.each([{ seed: 1 }, { seed: 2 }, { seed: 3 }])(
  'three views with identifier noise of 5 in 100 are joined as the truth is, seed $seed',
  async ({ seed }) => {
    const estate = makeHosts({ hosts: 700, seed, noise: 0.05, observedAt: NOW });
    const sources = estate.views.map((view): InventorySource => ({ name: view.source, discover: async (_: CallContext) => view }));
    const cmdb = createCmdb({ sources });
    await cmdb.refresh(testContext(NOW));
    const { rootOf } = identifyItems(cmdb.reader(), DEFAULT_IDENTITY_RULES);
    const quality = judgeJoins(estate.truth, rootOf);
    expect(quality.precision).toBeGreaterThanOrEqual(0.99);
    expect(quality.recall).toBeGreaterThanOrEqual(0.99);
  },
);
