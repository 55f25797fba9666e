import { join } from 'node:path';
import type { LoopPorts } from '@tier0/core';
import type { Ending } from '../play/narrator.ts';
import type { PlayOptions } from '../play/play-options.ts';
import { type PlayHooks, playScenario } from '../play/play-scenario.ts';
import { createTestEnvironment, type TestEnvironment } from './test-environment.ts';

export const PLAY_DEFAULTS: Omit<PlayOptions, 'scenario' | 'out'> = {
  json: false,
  interactive: false,
  badFix: false,
  twice: false,
  resume: false,
};

/** Plays in this process with everything left at its default but what is given. */
export function playInTest(
  options: Partial<PlayOptions> & Pick<PlayOptions, 'scenario' | 'out'>,
  hooks: PlayHooks = {},
  environment: TestEnvironment = createTestEnvironment(),
): Promise<Ending> {
  return playScenario({ ...PLAY_DEFAULTS, ...options }, environment, hooks);
}

/** Ports that call `act` just before the step is recorded as done: its effect has happened, and nobody knows yet. */
export function beforeDone(ports: LoopPorts, step: string, act: () => void | Promise<void>): LoopPorts {
  const { record } = ports;
  return {
    ...ports,
    record: {
      ...record,
      async append(entry, context) {
        if (entry.phase === 'done' && entry.step === step) await act();
        await record.append(entry, context);
      },
    },
  };
}

/** The file a run keeps its audit chain in. */
export function auditFileOf(out: string): string {
  return join(out, 'audit.jsonl');
}
