// Runs a proposal writer in a process of its own that kills itself (SIGKILL) right after one remote step.
// Arguments: repository, mirror directory, proposal as JSON, step (`push`, `status` or `create`).
import type { ChangeProposal } from '@tier0/core';
import { createLocalForge } from '../forges/local.ts';
import { createMirror, type Mirror } from '../git/mirror.ts';
import { createProposalWriter } from '../proposal/writer.ts';

const [url = '', directory = '', proposal = '', step = ''] = process.argv.slice(2);
const context = { signal: new AbortController().signal, now: () => Date.parse('2026-01-01T00:00:00.000Z') };

function die<T>(value: T): T {
  process.kill(process.pid, 'SIGKILL');
  return value;
}

const mirror: Mirror = createMirror({ url, directory });
const forge = createLocalForge({ mirror });
const writer = createProposalWriter({
  mirror: step === 'push' ? { ...mirror, push: async (updates, call) => die(await mirror.push(updates, call)) } : mirror,
  forge: {
    ...forge,
    status: async (commit, status, call) => {
      await forge.status(commit, status, call);
      if (step === 'status') die(undefined);
    },
    create: async (draft, call) => {
      const created = await forge.create(draft, call);
      return step === 'create' ? die(created) : created;
    },
  },
});
const decision = { effect: 'require-approval', reasons: ['production'], requiredApprovals: 1 } as const;
await writer.propose({ proposal: JSON.parse(proposal) as ChangeProposal, gate: { checks: [], decision, trust: [] } }, context);
