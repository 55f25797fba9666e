import {
  collectTurn,
  createAnthropicModel,
  createGoogleModel,
  createOpenAiChatModel,
  createOpenAiResponsesModel,
  recordModel,
  textOf,
} from '@tier0/agents/models';
import { type LanguageModel, modelError, Tier0Error } from '@tier0/core';
import { writeAtomically } from '@tier0/core/files';
import type { Environment } from '../environment.ts';
import { PROGRAM } from '../program-name.ts';
import { type Command, parseOptions } from './command.ts';

const OPTIONS = {
  wire: { type: 'string', default: 'openai-chat' },
  url: { type: 'string' },
  model: { type: 'string' },
  out: { type: 'string' },
} as const;

/** `tier0 record-model QUESTION`. */
export const recordModelCommand: Command = {
  name: 'record-model',
  usage: `Usage: ${PROGRAM} record-model QUESTION --model NAME --out FILE [options]

Asks a model and keeps the answer as it came over the wire, without secrets and without the key. A test plays it by createRecordedModel.

  --wire NAME          openai-chat, openai-responses, anthropic or google  (openai-chat)
  --url URL            base address; needed for openai-chat
  --model NAME         the model
  --out FILE           where the cassette is written

The key is read from OPENAI_API_KEY, ANTHROPIC_API_KEY or GEMINI_API_KEY.

Example: ${PROGRAM} record-model "Say hello." --url http://127.0.0.1:11434/v1 --model qwen3 --out hello.json`,
  async run(args, environment) {
    const { values, positionals } = parseOptions('record-model', args, OPTIONS);
    const question = positionals.join(' ');
    if (question === '' || values.model === undefined || values.out === undefined) throw incomplete();
    const model = recordModel(modelOf(values, environment));
    const context = { signal: environment.signal, now: Date.now };
    const turn = await collectTurn(model.generate({ messages: [{ role: 'user', content: question }], maxOutputTokens: 1_024 }, context));
    await writeAtomically(values.out, `${JSON.stringify(model.cassette(context), null, 1)}\n`);
    if (turn.state === 'failed') throw modelError(turn.failure);
    environment.terminal.write(`${textOf(turn.message)}\n`);
    environment.stderr(`tier0: recorded in ${values.out}\n`);
    return 0;
  },
};

function incomplete(): Tier0Error {
  return new Tier0Error({
    code: 'INVALID_INPUT',
    message: 'A question, --model and --out are needed.',
    hint: `Run "${PROGRAM} record-model --help" for an example.`,
  });
}

interface Wanted {
  readonly wire: string;
  readonly url?: string | undefined;
  readonly model?: string | undefined;
}

function modelOf({ wire, url, model = '' }: Wanted, { variables }: Environment): LanguageModel {
  if (wire === 'anthropic') return createAnthropicModel({ model, baseUrl: url, apiKey: variables.ANTHROPIC_API_KEY });
  if (wire === 'google') return createGoogleModel({ model, baseUrl: url, apiKey: variables.GEMINI_API_KEY });
  if (wire === 'openai-responses') return createOpenAiResponsesModel({ model, baseUrl: url, apiKey: variables.OPENAI_API_KEY });
  if (wire === 'openai-chat' && url !== undefined) return createOpenAiChatModel({ model, baseUrl: url, apiKey: variables.OPENAI_API_KEY });
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: wire === 'openai-chat' ? 'The wire openai-chat needs --url.' : `There is no wire "${wire}".`,
    hint: 'Wires: openai-chat (with --url), openai-responses, anthropic, google.',
  });
}
