import { describe, expect, test } from 'vitest';
import type {
  AssistantMessage,
  AssistantPart,
  LanguageModel,
  ModelEvent,
  ModelMessage,
  ModelRequest,
  ProviderData,
} from '../ports/language-model.ts';
import { testContext } from './call-context.ts';
import { MODEL_SCENES, type ModelScene, SCENE_REQUEST, type SceneTurn } from './model-scene.ts';

/** An event without what may differ between providers: pieces are joined, raw counts and provider data left out. */
export type NeutralEvent = Readonly<Record<string, unknown>> & { readonly type: string };

/** How a model is put on stage. */
export interface LanguageModelStage {
  /** A model whose provider plays the scene. */
  readonly play: (scene: ModelScene) => LanguageModel | Promise<LanguageModel>;
  /** Scenes that cannot apply, by name, with the reason. */
  readonly skip?: Readonly<Record<string, string>> | undefined;
}

/** The contract of every language model: the same scene gives the same neutral log, whoever the provider is. */
export function describeLanguageModel(name: string, { play, skip = {} }: LanguageModelStage): void {
  describe(`${name} is a language model`, () => {
    for (const scene of MODEL_SCENES) {
      const reason = skip[scene.name];
      test.skipIf(reason !== undefined)(reason ? `${scene.claim} (skipped: ${reason})` : scene.claim, async () => {
        expect(await playScene(await play(scene), scene)).toEqual(expectedLog(scene));
      });
    }

    test('a call that was cancelled before is not made', async () => {
      const model = await play(MODEL_SCENES[0] as ModelScene);
      const context = { ...testContext(), signal: AbortSignal.abort() };
      await expect(collect(model.generate(SCENE_REQUEST, context))).rejects.toThrow();
    });

    test('events are JSON, tool calls have different ids, and exactly one event ends the stream', async () => {
      const events = await collect((await play(sceneOf('parallel-tools'))).generate(SCENE_REQUEST, testContext()));
      expect(JSON.parse(JSON.stringify(events))).toEqual(events);
      const ids = events.flatMap((event) => (event.type === 'tool-call' ? [event.call.id] : []));
      expect(new Set(ids).size).toBe(2);
      expect(events.filter((event) => event.type === 'finish' || event.type === 'error')).toEqual([events.at(-1)]);
    });
  });
}

async function collect(stream: AsyncIterable<ModelEvent>): Promise<readonly ModelEvent[]> {
  const events: ModelEvent[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

/** What a model reports of a scene, turn after turn. Differences from `expectedLog` are faults of the model. */
export async function playScene(model: LanguageModel, scene: ModelScene): Promise<readonly NeutralEvent[]> {
  const log: NeutralEvent[] = [];
  let request = SCENE_REQUEST;
  for (const turn of scene.turns) {
    const events = await playTurn(model, request, turn);
    log.push(...neutralLog(events));
    request = { ...request, messages: [...request.messages, ...answerTo(events)] };
  }
  return log;
}

async function playTurn(model: LanguageModel, request: ModelRequest, turn: SceneTurn): Promise<readonly ModelEvent[]> {
  const abort = new AbortController();
  const hangs = 'instead' in turn && turn.instead === 'hang';
  const events: ModelEvent[] = [];
  try {
    for await (const event of model.generate(request, { ...testContext(), signal: abort.signal })) {
      events.push(event);
      if (hangs && textOf(events) === 'The pod') abort.abort(new Error('stopped by the caller'));
    }
  } catch (error) {
    if (!abort.signal.aborted) throw error;
  }
  return events;
}

function textOf(events: readonly ModelEvent[]): string {
  return events.map((event) => (event.type === 'text' ? event.text : '')).join('');
}

/** The turn as a message, and a result for each of its calls. */
function answerTo(events: readonly ModelEvent[]): readonly ModelMessage[] {
  const message = assistantMessage(events);
  const results = message.parts.flatMap((part) =>
    part.type === 'tool-call' ? [{ callId: part.call.id, name: part.call.name, text: `Result of ${part.call.name}.` }] : [],
  );
  return [message, { role: 'tool', results }];
}

function assistantMessage(events: readonly ModelEvent[]): AssistantMessage {
  const parts: AssistantPart[] = [];
  let providerData: ProviderData | undefined;
  for (const event of events) {
    if (event.type === 'text' || event.type === 'reasoning') parts.push(event);
    if (event.type === 'tool-call') parts.push({ type: 'tool-call', call: event.call });
    if (event.type === 'finish') providerData = event.providerData;
  }
  return { role: 'assistant', parts, providerData };
}

/** Pieces joined, deltas and provider data left out, ids of calls numbered. */
export function neutralLog(events: readonly ModelEvent[]): readonly NeutralEvent[] {
  const log: NeutralEvent[] = [];
  let calls = 0;
  for (const event of events) {
    const last = log.at(-1);
    if (event.type === 'text' || event.type === 'reasoning') {
      if (last?.type === event.type) log[log.length - 1] = { ...last, text: String(last.text) + event.text };
      else log.push({ ...event });
    } else if (event.type === 'tool-call') {
      log.push({ type: 'tool-call', number: calls++, name: event.call.name, arguments: event.call.arguments });
    } else if (event.type === 'usage') {
      const { inputTokens, cachedTokens, outputTokens, reasoningTokens = 0 } = event.usage;
      log.push({ type: 'usage', inputTokens, cachedTokens, outputTokens, reasoningTokens });
    } else if (event.type === 'finish') {
      log.push({ type: 'finish', reason: event.reason });
    } else if (event.type === 'error') {
      const { kind, retryable, retryAfterMs } = event.failure;
      log.push({ type: 'error', kind, retryable, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
    }
  }
  return log;
}

const RETRYABLE: ReadonlySet<string> = new Set(['rate-limit', 'overloaded', 'timeout', 'unreachable']);

/** The log that every model must make of a scene. */
export function expectedLog(scene: ModelScene): readonly NeutralEvent[] {
  return scene.turns.flatMap((turn): NeutralEvent[] => {
    if ('refuse' in turn) {
      const wait = turn.retryAfterS === undefined ? {} : { retryAfterMs: turn.retryAfterS * 1000 };
      return [{ type: 'error', kind: turn.refuse, retryable: RETRYABLE.has(turn.refuse), ...wait }];
    }
    const parts = turn.lastCallCut ? turn.parts.slice(0, -1) : turn.parts;
    const said = parts.map((part): NeutralEvent => {
      if (part.type !== 'tool-call') return { type: part.type, text: part.text };
      const number = parts.filter((other) => other.type === 'tool-call').indexOf(part);
      return { type: 'tool-call', number, name: part.name, arguments: part.arguments };
    });
    if (turn.instead === 'hang') return said;
    if (turn.instead === 'error') return [...said, { type: 'error', kind: 'overloaded', retryable: true }];
    if (turn.instead === 'cut') return [...said, { type: 'error', kind: 'unreachable', retryable: true }];
    const usage = turn.usage ? [{ type: 'usage', ...turn.usage }] : [];
    return [...said, ...usage, { type: 'finish', reason: turn.finish }];
  });
}

/** The scene of that name. */
export function sceneOf(name: string): ModelScene {
  const scene = MODEL_SCENES.find((one) => one.name === name);
  if (!scene) throw new Error(`there is no scene "${name}"`);
  return scene;
}
