// What one pull request costs, beside a shallow clone by simple-git, and whether it is opened exactly once whatever fails.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FileEdit, type GateReport, parseFieldPath } from '@tier0/core';
import { proposalFor } from '@tier0/core/testing';
import { createGitHubForge, createMirror, createProposalWriter, type Mirror } from '@tier0/gitops';
import {
  createTestRepository,
  eachFault,
  type ForgeKind,
  proposeThroughFaults,
  startForgeServer,
  startGitHttpServer,
} from '@tier0/gitops/testing';
import { interleave, spreadOf } from '../frame/measure.ts';
import { readOptions } from '../frame/options.ts';
import { loadPeer } from '../frame/peer.ts';
import { publish, type Ratio, type Row, toRecord } from '../frame/record.ts';

const options = readOptions(['files', 'rounds', 'seeds', 'part']);
const FILES = options.count('files', 5_000);
const ROUNDS = options.count('rounds', 7);
const SEEDS = options.count('seeds', 200);
const FORGES: readonly ForgeKind[] = ['local', 'github', 'gitlab', 'gitea'];
const AUTHOR = { name: 'tier0', email: 'tier0@example.com' };
const GATE: GateReport = { checks: [], decision: { effect: 'require-approval', reasons: ['bench'], requiredApprovals: 1 }, trust: [] };
const context = { signal: new AbortController().signal, now: () => Date.now() };

/** What the bench uses of simple-git. */
interface SimpleGit {
  clone(url: string, directory: string, options: Readonly<Record<string, string | number | null>>): Promise<unknown>;
  checkoutLocalBranch(branch: string): Promise<unknown>;
  add(file: string): Promise<unknown>;
  addConfig(key: string, value: string): Promise<unknown>;
  commit(message: string): Promise<unknown>;
  push(remote: string, branch: string): Promise<unknown>;
}

/** `speed` or `faults`; absent: both. */
const part = options.value('part');
const NOTHING = { rows: [], ratios: [], notes: [] };
const speed = part === 'faults' ? NOTHING : await measureSpeed();
const faults = part === 'speed' ? NOTHING : await measureExactlyOnce();
const record = toRecord('pr', {
  rows: [...speed.rows, ...faults.rows],
  ratios: speed.ratios,
  notes: [...speed.notes, ...faults.notes],
  peers: part === 'faults' ? [] : ['simple-git'],
});
publish(record, options.json);

async function measureSpeed(): Promise<{
  readonly rows: readonly Row[];
  readonly ratios: readonly Ratio[];
  readonly notes: readonly string[];
}> {
  const files = Object.fromEntries(Array.from({ length: FILES }, (_, index) => [nameOf(index), manifestOf(index)]));
  const repository = await createTestRepository(files);
  const git = await startGitHttpServer(repository.directory);
  const server = await startForgeServer({ dialect: 'github', repository: repository.url });
  const folder = await mkdtemp(join(tmpdir(), 'tier0-bench-pr-'));
  try {
    const url = `${git.url}/remote.git`;
    const remote: number[] = [];
    const mirror = withStopwatch(createMirror({ url, directory: join(folder, 'mirror') }), remote);
    const forge = createGitHubForge({ repository: server.fullName, token: 'token-tier0', apiUrl: server.apiUrl });
    const writer = createProposalWriter({ mirror, forge, commitAuthor: AUTHOR, limits: { openPullRequests: 1_000 } });
    const { simpleGit } = await loadPeer<{ simpleGit(directory?: string): SimpleGit }>('simple-git');
    const remoteShare: number[] = [];
    let round = 0;
    let clones = 0;
    const timings = await interleave(
      {
        async tier0() {
          remote.length = 0;
          const result = await writer.propose(
            { proposal: proposalFor(editOf(url, ++round), 'main', { incident: `inc-${round}` }), gate: GATE },
            context,
          );
          if (result.status !== 'created') throw new Error(JSON.stringify(result));
          remoteShare.push(remote.reduce((sum, ms) => sum + ms, 0));
        },
        async 'simple-git'() {
          const directory = join(folder, `clone-${++clones}`);
          await simpleGit().clone(url, directory, { '--depth': 1 });
          const clone = simpleGit(directory);
          await clone.addConfig('user.name', AUTHOR.name);
          await clone.addConfig('user.email', AUTHOR.email);
          await clone.checkoutLocalBranch(`peer-${clones}`);
          const file = join(directory, nameOf(clones));
          await writeFile(file, (await readFile(file, 'utf8')).replace('512Mi', '1Gi'));
          await clone.add(nameOf(clones));
          await clone.commit('Raise the limit');
          await clone.push('origin', `peer-${clones}`);
          await rm(directory, { recursive: true });
        },
      },
      { rounds: ROUNDS, warmUp: 1 },
    );
    const wall = (name: string) => spreadOf((timings[name] ?? []).map((timing) => timing.wallMs));
    const own = (timings.tier0 ?? []).map((timing, index) => timing.wallMs - (remoteShare.slice(-ROUNDS)[index] ?? 0));
    const [mine, peer] = [wall('tier0'), wall('simple-git')];
    return {
      rows: [
        { measure: 'pull-request', subject: 'tier0', unit: 'ms', ...mine },
        { measure: 'pull-request', subject: 'simple-git', unit: 'ms', ...peer },
        { measure: 'pull-request-without-fetch-and-push', subject: 'tier0', unit: 'ms', ...spreadOf(own) },
      ],
      ratios: [
        { measure: 'pull-request', peer: 'simple-git', ratio: peer.median / mine.median, better: 'higher', target: '>= 20' },
        { measure: 'pull-request-without-fetch-and-push', peer: 'simple-git', ratio: peer.median / spreadOf(own).median, better: 'higher' },
      ],
      notes: [
        `${FILES} files, one line changed, git over HTTP on loopback. tier0 also sets a check and opens the pull request on a strict GitHub server; simple-git only pushes the branch.`,
        'Warm: the mirror and the peer exist, the repository is in the page cache; the peer clones anew each time, which is what its shallow clone is.',
        'The second ratio leaves out our fetch and push, and nothing of the peer: it is about our own share.',
      ],
    };
  } finally {
    await Promise.all([git.close(), server.close()]);
    await repository.remove();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A manifest of 2.4 kB, the mean of those in public repositories, so that a work tree costs what it costs. */
function manifestOf(index: number): string {
  const env = Array.from({ length: 48 }, (_, line) => `            - {name: SETTING_${line}, value: "${index}-${line}"}`).join('\n');
  return `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: app-${index}}\nspec:\n  template:\n    spec:\n      containers:\n        - name: app\n          resources:\n            limits:\n              memory: 512Mi\n          env:\n${env}\n`;
}

function nameOf(index: number): string {
  return `clusters/team-${index % 50}/app-${index}.yaml`;
}

function editOf(repository: string, index: number): FileEdit {
  const path = parseFieldPath('spec.template.spec.containers[0].resources.limits.memory');
  return { repository, file: nameOf(index), document: 0, path, expectOld: '512Mi', value: '1Gi' };
}

/** The mirror, which notes how long each fetch and push took. */
function withStopwatch(mirror: Mirror, spent: number[]): Mirror {
  const timed = async <T>(task: Promise<T>): Promise<T> => {
    const startedAt = performance.now();
    const result = await task;
    spent.push(performance.now() - startedAt);
    return result;
  };
  return { ...mirror, fetch: (call) => timed(mirror.fetch(call)), push: (updates, call) => timed(mirror.push(updates, call)) };
}

async function measureExactlyOnce(): Promise<{ readonly rows: readonly Row[]; readonly notes: readonly string[] }> {
  const rows: Row[] = [];
  const notes: string[] = [];
  const makeProposal = (edit: FileEdit) => proposalFor(edit, 'main');
  for (const forge of FORGES) {
    const singles = eachFault().map((fault) => ({ writers: 2, faults: [fault] }));
    const seeds = Array.from({ length: SEEDS }, (_, index) => index + 1);
    const outcomes = [];
    for (const from of [...singles, ...seeds]) {
      const outcome = await proposeThroughFaults(forge, from, makeProposal);
      outcomes.push(outcome);
      if (outcome.flaws.length > 0) notes.push(`${forge} ${JSON.stringify(from)}: ${outcome.flaws.join('; ')}`);
    }
    const row = (measure: string, values: readonly number[], unit: string) =>
      rows.push({ measure: `${measure}-${forge}`, subject: 'tier0', unit, ...spreadOf(values) });
    row('exactly-once-violations', [outcomes.filter((outcome) => outcome.flaws.length > 0).length], `of ${outcomes.length} runs`);
    row(
      'retries',
      outcomes.map((outcome) => outcome.retries),
      'retries',
    );
    row(
      'faults',
      outcomes.map((outcome) => outcome.happened),
      'faults a run',
    );
  }
  return { rows, notes };
}
