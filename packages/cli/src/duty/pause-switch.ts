import { readFile, rm } from 'node:fs/promises';
import { pause } from '@tier0/core';
import { fileFailure, writeAtomically } from '@tier0/core/files';

/** Why everything stands still, and since when. */
export interface PauseState {
  readonly by: string;
  readonly reason: string;
  /** ISO 8601, UTC; absent when the file was made by hand. */
  readonly at?: string | undefined;
}

/** The switch that stops every effect. Its file is the truth: whoever can make a file can stop tier0, also without its API. */
export interface PauseSwitch {
  /** As it was looked at last. */
  readonly state: PauseState | undefined;
  /** Looks at the file now. */
  look(): Promise<PauseState | undefined>;
  /** Writes the file. Durable when it resolves. */
  pause(state: PauseState): Promise<void>;
  /** Takes the file away. */
  resume(): Promise<void>;
  /** Looks again and again, and tells each change, until the signal aborts. */
  watch(onChange: (state: PauseState | undefined) => void, signal: AbortSignal): Promise<void>;
}

/** Real milliseconds between two looks: well within the second that is promised. */
const LOOK_EVERY_MS = 250;

/** A switch that is a file: there is a file, everything stands still. Anything may be in it; its first line is the reason. */
export function createPauseSwitch(file: string): PauseSwitch {
  let state: PauseState | undefined;
  const look = async () => {
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      // It is there and cannot be read: that is no permission to go on.
      return `the file ${file} cannot be read (${error.code})`;
    });
    state = text === undefined ? undefined : stateOf(text);
    return state;
  };
  return {
    get state() {
      return state;
    },
    look,
    async pause(next) {
      await writeAtomically(file, `${JSON.stringify(next)}\n`);
      state = next;
    },
    async resume() {
      await rm(file, { force: true }).catch((error: unknown) => {
        throw fileFailure(`take away ${file}`, error);
      });
      state = undefined;
    },
    async watch(onChange, signal) {
      let before = JSON.stringify(state);
      while (!signal.aborted) {
        const now = await look();
        if (JSON.stringify(now) !== before) onChange(now);
        before = JSON.stringify(now);
        await pause(LOOK_EVERY_MS, signal).catch(() => undefined);
      }
    },
  };
}

function stateOf(text: string): PauseState {
  try {
    const { by, reason, at } = JSON.parse(text) as Record<string, unknown>;
    if (typeof by === 'string' && typeof reason === 'string') return { by, reason, ...(typeof at === 'string' ? { at } : {}) };
  } catch {
    // Made by hand: its first line is what the person had to say.
  }
  return { by: 'a file', reason: text.split('\n')[0]?.slice(0, 200).trim() || 'no reason was given' };
}
