import type { CallContext, ModelFailure, ModelRequest } from '@tier0/core';
import { collectTurn } from '../collect-turn.ts';
import { createOpenAiChatModel, type OpenAiChatModelOptions } from './openai-chat.ts';
import type { OpenAiChatQuirks } from './quirks.ts';

/** What a server can do and cannot, found by asking it. */
export type ProbeResult =
  | { readonly state: 'answers'; readonly quirks: OpenAiChatQuirks }
  | { readonly state: 'silent'; readonly failure: ModelFailure };

const HELLO: ModelRequest = {
  messages: [
    { role: 'system', content: 'Answer with one word.' },
    { role: 'user', content: 'Hello?' },
  ],
  maxOutputTokens: 16,
};
const NO_TOOL: ModelRequest = {
  ...HELLO,
  tools: [{ name: 'look', description: 'Looks.', parameters: { type: 'object', properties: {} } }],
  toolChoice: 'none',
};
const SCHEMA: ModelRequest = {
  ...HELLO,
  responseSchema: { type: 'object', properties: { word: { type: 'string' } }, required: ['word'], additionalProperties: false },
};

/** Ways of asking the same, from OpenAI's own to the plainest. The first that is taken tells the quirks. */
const PLAIN: readonly OpenAiChatQuirks[] = [
  {},
  { maxCompletionTokens: true },
  { noUsage: true },
  { noSystemRole: true },
  { noUsage: true, noSystemRole: true },
];

/** Asks a server at most eight short questions and says in what it differs. A model name is never looked at. */
export async function probeOpenAiChat(options: OpenAiChatModelOptions, context: CallContext): Promise<ProbeResult> {
  const taken = async (quirks: OpenAiChatQuirks, request: ModelRequest): Promise<ModelFailure | undefined> => {
    const turn = await collectTurn(createOpenAiChatModel({ ...options, quirks }).generate(request, context));
    return turn.state === 'failed' ? turn.failure : undefined;
  };
  let failure: ModelFailure | undefined;
  for (const plain of PLAIN) {
    failure = await taken(plain, HELLO);
    if (failure?.kind === 'invalid-request') continue;
    if (failure) return { state: 'silent', failure };
    const noToolChoice = (await taken(plain, NO_TOOL))?.kind === 'invalid-request' ? { noToolChoice: true } : {};
    const noSchema = (await taken(plain, SCHEMA))?.kind === 'invalid-request' ? { noSchema: true } : {};
    return { state: 'answers', quirks: { ...plain, ...noToolChoice, ...noSchema } };
  }
  return { state: 'silent', failure: failure as ModelFailure };
}
