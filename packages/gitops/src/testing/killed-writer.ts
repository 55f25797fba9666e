// Runs a proposal writer in a process of its own that kills itself (SIGKILL) right after one remote step.
// Arguments: repository, mirror directory, proposal as JSON, step (`push`, `status` or `create`), and for a hosted forge its kind and API URL.
import type { ChangeProposal } from '@tier0/core';
import { createGiteaForge } from '../forges/gitea.ts';
import { createGitHubForge } from '../forges/github.ts';
import { createGitLabForge } from '../forges/gitlab.ts';
import { createLocalForge } from '../forges/local.ts';
import { createMirror, type Mirror } from '../git/mirror.ts';
import { createProposalWriter } from '../proposal/writer.ts';

const [url = '', directory = '', proposal = '', step = '', kind = 'local', apiUrl = ''] = process.argv.slice(2);
const context = { signal: new AbortController().signal, now: () => Date.parse('2026-01-01T00:00:00.000Z') };

function die<T>(value: T): T {
  process.kill(process.pid, 'SIGKILL');
  return value;
}

const token = 'token-tier0';
const authorization = `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`;
const mirror: Mirror = createMirror({ url, directory, ...(kind === 'local' ? {} : { authorization }) });
const project = 'shop/infra';
const forge = {
  local: () => createLocalForge({ mirror }),
  github: () => createGitHubForge({ repository: project, token, apiUrl }),
  gitlab: () => createGitLabForge({ project, token, apiUrl }),
  gitea: () => createGiteaForge({ repository: project, token, apiUrl }),
}[kind as 'local' | 'github' | 'gitlab' | 'gitea']();
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
