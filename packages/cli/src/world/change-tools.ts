import { type AnyTool, defineTool } from '@tier0/agents/loop';
import type { OperationsWorld } from '@tier0/agents/tools';
import { type CmdbReader, type Forge, type JsonValue, parseFieldPath, pause, Tier0Error } from '@tier0/core';
import type { Mirror } from '@tier0/gitops';
import { z } from 'zod';
import { propose } from '../operations/propose.ts';
import { wishedEdit, wishedRemedy } from '../operations/wish.ts';

/** Where changes are proposed, and as whom. */
export interface ChangeDesk {
  readonly mirror: Mirror;
  readonly forge: Forge;
  readonly branch: string;
  readonly path: string | undefined;
  /** Account that proposes; it can never approve. */
  readonly author: string;
}

/** Opens a pull request for a wish, or says why there is none. The same wish on the same day finds the same pull request. */
export function proposeTo(desk: ChangeDesk, reader: CmdbReader): NonNullable<OperationsWorld['propose']> {
  return async ({ item, fieldPath, value, why }, _key, context) => {
    const edit = wishedEdit(reader, { item, fieldPath: parseFieldPath(fieldPath), value: () => jsonOf(value) });
    const outcome = await propose({ ...desk, reader, remedy: wishedRemedy({ edit, why }), why, dryRun: false }, context);
    if (outcome.status === 'not-located') return `No pull request: ${outcome.reason}`;
    if (outcome.pullRequest === undefined) return `No pull request: ${outcome.detail}`;
    const { number, title, url } = outcome.pullRequest;
    return `Pull request #${number} is ${outcome.detail}: ${title} (${url}). People decide; follow_change waits for them.`;
  };
}

function jsonOf(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    throw new Tier0Error({
      code: 'INVALID_INPUT',
      message: 'The value is no JSON text.',
      hint: 'Write text in quotes: "2", numbers bare: 2.',
    });
  }
}

/** Milliseconds between two looks at a pull request. */
const LOOK_MS = 2_000;

/** Waits for what people decide about a pull request: hours, so only as a task. It approves nothing and merges nothing. */
export function followChangeTool({ forge }: ChangeDesk, lookMs: number = LOOK_MS): AnyTool {
  return defineTool({
    name: 'follow_change',
    description: 'Waits until people have decided about a pull request, and says what they decided.',
    input: z.strictObject({ pullRequest: z.int().positive() }),
    risk: 'read',
    task: 'required',
    run: async ({ pullRequest }, { signal, now, report }) => {
      for (;;) {
        const { state, title } = await forge.read(pullRequest, { signal, now });
        if (state.status !== 'open') return { text: `#${pullRequest} is ${state.status}: ${title}` };
        const reviews = await forge.reviews(pullRequest, { signal, now });
        report?.(`#${pullRequest} is open, ${reviews.length} reviews: people decide`);
        await pause(lookMs, signal);
      }
    },
  });
}
