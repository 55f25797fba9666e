import type { JsonValue } from '../model/json-value.ts';
import type { FinishReason, ModelFailureKind, ModelRequest } from '../ports/language-model.ts';

/** Something a provider says in a scene. `signature` is what it wants back unchanged. */
export type ScenePart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string; readonly signature: string }
  | { readonly type: 'tool-call'; readonly id: string; readonly name: string; readonly arguments: JsonValue };

/** Token counts of a scene, as everybody should count them. */
export interface SceneUsage {
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
}

/** What a provider does with one request: answer it, perhaps not to the end, or refuse it with a status. */
export type SceneTurn =
  | {
      readonly parts: readonly ScenePart[];
      readonly finish: FinishReason;
      /** Absent: the provider does not say. */
      readonly usage?: SceneUsage | undefined;
      /** Instead of finishing: report that it is overloaded, close the connection, or say no more. */
      readonly instead?: 'error' | 'cut' | 'hang' | undefined;
      /** The last call's arguments stop in the middle. */
      readonly lastCallCut?: boolean | undefined;
    }
  | { readonly refuse: ModelFailureKind; readonly retryAfterS?: number | undefined };

/** A short conversation with a provider, and what a model must report of it, whoever the provider is. */
export interface ModelScene {
  readonly name: string;
  /** One sentence about what must hold. */
  readonly claim: string;
  readonly turns: readonly SceneTurn[];
}

const USAGE: SceneUsage = { inputTokens: 120, cachedTokens: 100, outputTokens: 30, reasoningTokens: 0 };
const hello = { type: 'text', text: 'Grüß Gott, 😀.' } as const;
const half = { type: 'text', text: 'The pod' } as const;
const find = { type: 'tool-call', id: 'call_a', name: 'find_items', arguments: { kind: 'Pod', name: 'päy "x" 😀\n' } } as const;
const show = {
  type: 'tool-call',
  id: 'call_b',
  name: 'show_item',
  arguments: { id: 'a/b', deep: { list: [1, true, null, -2.5] } },
} as const;
const thought = { type: 'reasoning', text: 'Look first.', signature: 'c2lnbmF0dXJlLTE9PQ==' } as const;

/** Every scene a model is judged by. */
export const MODEL_SCENES: readonly ModelScene[] = [
  { name: 'text', claim: 'text arrives whole, with usage', turns: [{ parts: [hello], finish: 'stop', usage: USAGE }] },
  {
    name: 'parallel-tools',
    claim: 'parallel calls arrive whole and in order, their arguments in fragments',
    turns: [{ parts: [{ type: 'text', text: 'Looking.' }, find, show], finish: 'tool-calls', usage: USAGE }],
  },
  {
    name: 'reasoning',
    claim: 'reasoning goes back with its signature unchanged in the next turn, and the one after',
    turns: [
      { parts: [thought, find], finish: 'tool-calls', usage: { ...USAGE, reasoningTokens: 12 } },
      { parts: [{ ...thought, text: 'Again.', signature: 'c2lnbmF0dXJlLTI9PQ==' }, show], finish: 'tool-calls', usage: USAGE },
      { parts: [{ type: 'text', text: 'It is the pod.' }], finish: 'stop', usage: USAGE },
    ],
  },
  {
    name: 'refusal',
    claim: 'a refusal is an answer of its own kind',
    turns: [{ parts: [{ type: 'text', text: 'I cannot help with that.' }], finish: 'refusal', usage: USAGE }],
  },
  { name: 'length', claim: 'an answer that was cut at its limit says so', turns: [{ parts: [half], finish: 'length', usage: USAGE }] },
  {
    name: 'length-in-call',
    claim: 'a call that was cut at the limit is no call',
    turns: [{ parts: [half, find], finish: 'length', usage: USAGE, lastCallCut: true }],
  },
  {
    name: 'error-in-stream',
    claim: 'an error in mid-stream ends the stream as an error',
    turns: [{ parts: [half], finish: 'stop', instead: 'error' }],
  },
  { name: 'cut-stream', claim: 'a broken connection is not an answer', turns: [{ parts: [half], finish: 'stop', instead: 'cut' }] },
  { name: 'no-usage', claim: 'usage that was not given is unknown, not zero', turns: [{ parts: [hello], finish: 'stop' }] },
  { name: 'rate-limit', claim: 'a rate limit says how long to wait', turns: [{ refuse: 'rate-limit', retryAfterS: 7 }] },
  { name: 'overloaded', claim: 'an overloaded provider may be asked again', turns: [{ refuse: 'overloaded' }] },
  { name: 'quota', claim: 'an exhausted quota is not asked again', turns: [{ refuse: 'quota' }] },
  { name: 'permission', claim: 'a wrong key is not asked again', turns: [{ refuse: 'permission' }] },
  { name: 'not-found', claim: 'an unknown model is not asked again', turns: [{ refuse: 'not-found' }] },
  {
    name: 'context-overflow',
    claim: 'too long a conversation is told from other bad requests',
    turns: [{ refuse: 'context-overflow' }],
  },
  { name: 'invalid-request', claim: 'a bad request is not asked again', turns: [{ refuse: 'invalid-request' }] },
  { name: 'abort', claim: 'an aborted call stops at once and throws', turns: [{ parts: [half], finish: 'stop', instead: 'hang' }] },
];

/** The question of every scene. */
export const SCENE_REQUEST: ModelRequest = {
  messages: [
    { role: 'system', content: 'You look at clusters.' },
    { role: 'user', content: 'What is wrong with payment?' },
  ],
  tools: [
    {
      name: 'find_items',
      description: 'Finds items.',
      parameters: { type: 'object', properties: { kind: { type: 'string' }, name: { type: 'string' } } },
    },
    { name: 'show_item', description: 'Shows one item.', parameters: { type: 'object', properties: { id: { type: 'string' } } } },
  ],
  maxOutputTokens: 500,
};
