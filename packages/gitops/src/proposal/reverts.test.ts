import { type CallContext, type FileEdit, parseFieldPath } from '@tier0/core';
import { ALLOWED, proposalFor } from '@tier0/core/testing';
import { describe, expect, test } from 'vitest';
import { createLocalForge } from '../forges/local.ts';
import { createLocalForgeDesk } from '../forges/local-desk.ts';
import { createMemoryRepository } from '../git/memory.ts';
import { createProposalWriter } from './writer.ts';

const REVERTS = 1000;
/** Each repository is used for some of the reverts, so that a history grows as one does. */
const PER_REPOSITORY = 50;
const FILES = 12;

/** xorshift32, below a limit: the same history in every run. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed * 2654435761;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** The styles files are written in: a revert restores bytes, not meaning. */
function fileText(random: (below: number) => number, name: string): string {
  const end = ['\n', '\r\n'][random(2)] as string;
  const lines = [`# ${name}: größe ☃`, `limit: ${random(100)}   # megabytes`, 'list: [1,  2,3]', `note: "${'x'.repeat(random(40))}"`];
  return `${random(4) === 0 ? '\uFEFF' : ''}${lines.join(end)}${random(3) === 0 ? '' : end}`;
}

async function playRepository(seed: number): Promise<void> {
  const random = randomFrom(seed);
  let nowMs = Date.parse('2026-11-22T12:00:00.000Z');
  const context: CallContext = { signal: new AbortController().signal, now: () => (nowMs += 1000) };
  const mirror = createMemoryRepository({ url: `memory:${seed}` });
  const shared = { mirror, protection: { requireCodeOwners: false } };
  const desk = createLocalForgeDesk(shared);
  const writer = createProposalWriter({ mirror, forge: createLocalForge(shared) });
  const text = async (path: string) =>
    Buffer.from((await mirror.readFile(String(await mirror.resolve('main', context)), path, context)) ?? []).toString('utf8');
  const commit = async (files: Readonly<Record<string, string>>) => {
    const tip = await mirror.resolve('main', context);
    const author = { name: 'ada', email: 'ada@example.com' };
    const date = new Date(context.now()).toISOString();
    const id = await mirror.commitFiles(
      { parents: tip ? [tip] : [], files: new Map(Object.entries(files)), message: `by hand at ${date}`, author, date },
      context,
    );
    await mirror.push([{ ref: 'refs/heads/main', commit: id, expected: tip }], context);
  };
  const path = (index: number) => `apps/${index}.yaml`;
  await commit(Object.fromEntries(Array.from({ length: FILES }, (_, index) => [path(index), fileText(random, path(index))])));

  for (let round = 0; round < PER_REPOSITORY; round++) {
    const file = path(random(FILES));
    const before = await text(file);
    const old = Number(/limit: (\d+)/.exec(before)?.[1]);
    const edit: FileEdit = { repository: mirror.url, file, document: 0, path: parseFieldPath('limit'), expectOld: old, value: old + 1 };
    const proposal = proposalFor(edit, 'main', { incident: `inc-${seed}-${round}`, createdAt: new Date(nowMs).toISOString() });
    const opened = await writer.propose({ proposal, gate: ALLOWED }, context);
    if (!('pullRequest' in opened)) throw new Error(`${opened.status}: ${opened.reason}`);
    const merged = await approve(opened.pullRequest.number, opened.pullRequest.headCommit);
    // People go on working, on other files, some of them in the same commit.
    const others = Array.from({ length: FILES }, (_, index) => path(index)).filter((other) => other !== file);
    const changes: Record<string, string> = {};
    for (let count = random(4); count > 0; count--) {
      const other = others[random(others.length)] as string;
      changes[other] = fileText(random, `${other} by hand`);
      if (random(2) === 0) await commit({ [other]: changes[other] as string, 'docs/log.md': `${round} ${count}\n` });
      else delete changes[other];
    }
    const meanwhile = new Map(await Promise.all(others.map(async (other) => [other, await text(other)] as const)));
    const request = { proposal, mergeCommit: merged, reason: 'it made things worse' };
    const reverted = await writer.revert(request, context);
    if (!('pullRequest' in reverted)) throw new Error(`${reverted.status}: ${reverted.reason}`);
    const restored = await approve(reverted.pullRequest.number, reverted.pullRequest.headCommit);
    if ((await text(file)) !== before) expect.fail(`seed ${seed}, round ${round}: ${file} is not as it was`);
    for (const [other, content] of meanwhile) {
      if ((await text(other)) !== content) expect.fail(`seed ${seed}, round ${round}: ${other} was touched`);
    }
    const again = await writer.revert({ ...request, mergeCommit: restored }, context);
    if (again.status !== 'refused') expect.fail(`seed ${seed}, round ${round}: a revert of a revert is ${again.status}`);
  }

  async function approve(number: number, head: string): Promise<string> {
    await createLocalForge(shared).status(head, { context: 'tier0/gate', state: 'success', description: 'x' }, context);
    const settled = await desk.submitReview({ number, reviewer: 'grace', state: 'approved' }, context);
    if (settled.status !== 'merged') throw new Error(JSON.stringify(settled));
    return settled.commit;
  }
}

describe(`${REVERTS} reverts with work of people in between restore the touched paths byte for byte, and nothing else`, () => {
  const seeds = Array.from({ length: REVERTS / PER_REPOSITORY }, (_, index) => index + 1);
  test.each(seeds)(`repository %i: ${PER_REPOSITORY} reverts`, playRepository);
});
