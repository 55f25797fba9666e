import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { isProposed } from '@tier0/core';
import { createLocalForgeDesk, createMirror, type LocalForgeDesk, readMembers } from '@tier0/gitops';
import { type DutyConfig, DutyConfigSchema } from '../duty/config/schema.ts';
import { createDuty, type Duty } from '../duty/duty.ts';
import type { DutyIncident } from '../duty/incidents.ts';
import { REPOSITORY_ROOT } from '../repository-root.ts';

/** A scenario as a process of its own: tier0 knows it by address only. Its reconciler applies what is merged. */
export interface DutyWorld {
  readonly folder: string;
  readonly repository: string;
  /** Account that may approve. */
  readonly approver: string;
  readonly config: (further?: object) => DutyConfig;
  /** The people's side of its forge, as an account of its own would see it. */
  people(): Promise<LocalForgeDesk>;
  close(): Promise<void>;
}

export async function startDutyWorld(scenario: string): Promise<DutyWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'tier0-duty-'));
  const program = join(REPOSITORY_ROOT, 'packages/cli/src/testing/living-world.ts');
  const world: ChildProcess = spawn(
    process.execPath,
    ['--conditions=tier0-source', program, join(REPOSITORY_ROOT, 'scenarios/written', scenario)],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const lines = createInterface({ input: world.stdout! })[Symbol.asyncIterator]();
  const at = JSON.parse((await lines.next()).value as string) as { kubeconfig: string; repository: string; path: string; approver: string };
  writeFileSync(join(folder, 'kubeconfig'), at.kubeconfig);
  const context = { signal: new AbortController().signal, now: () => Date.now() };
  return {
    folder,
    repository: at.repository,
    approver: at.approver,
    config: (further = {}) =>
      DutyConfigSchema.parse({
        state: join(folder, 'state'),
        clusters: [{ name: 'production', kubeconfig: join(folder, 'kubeconfig'), repository: { url: at.repository, path: at.path } }],
        times: { confirm: '1s', clear: '2s', poll: '1s', hold: '2s', verify: '3m', reconcile: '3m' },
        ...further,
      }),
    async people() {
      const mirror = createMirror({ url: at.repository, directory: join(folder, 'people.git') });
      await mirror.fetch(context);
      const { members } = await readMembers(mirror, (await mirror.resolve('main', context)) ?? '', context);
      return createLocalForgeDesk({ mirror, members });
    },
    async close() {
      world.kill();
      if (world.exitCode === null && world.signalCode === null) await once(world, 'exit');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A duty that runs; `stop` lets go of it. */
export function startDuty(config: DutyConfig): { readonly duty: Duty; readonly running: Promise<void>; stop(): Promise<void> } {
  const ended = new AbortController();
  const duty = createDuty({ config, variables: {} });
  const running = duty.run(ended.signal);
  running.catch(() => undefined);
  return {
    duty,
    running,
    async stop() {
      ended.abort();
      await running.catch(() => undefined);
    },
  };
}

/** Runs a duty until `task` is done with it. */
export async function onDuty<T>(config: DutyConfig, task: (duty: Duty) => Promise<T>): Promise<T> {
  const { duty, running, stop } = startDuty(config);
  try {
    return await Promise.race([task(duty), running.then(() => Promise.reject(new Error('the duty ended')))]);
  } finally {
    await stop();
  }
}

/** Looks ten times a second until something is there. Throws when it does not come in time. */
export async function until<T>(look: () => T | undefined, what: string, seconds = 90): Promise<T> {
  for (let tries = 0; tries < seconds * 10; tries++) {
    const seen = look();
    if (seen !== undefined) return seen;
    await delay(100);
  }
  throw new Error(`${what} did not happen in ${seconds} s`);
}

/** The incident whose pull request waits for a person. */
export function waitingIncident(duty: Duty): DutyIncident | undefined {
  return duty.clusters[0]?.incidents
    .open()
    .find(({ state }) => state.results.propose && isProposed(state.results.propose.result) && !state.results.decide);
}

/** The newest incident that has ended. */
export function endedIncident(duty: Duty): DutyIncident | undefined {
  return duty.clusters[0]?.incidents.all().find(({ state }) => state.status !== undefined);
}
