import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { CassetteSchema, createRecordedModel, recordModel } from '@tier0/agents/models';
import { type LanguageModel, Tier0Error } from '@tier0/core';
import { createTextReader, type ModelBudget, type TokenPrice } from '@tier0/eval';
import type { Environment } from '../environment.ts';
import { modelFromOptions } from '../world/model-from-options.ts';
import { type RunValues, wholeNumber } from './run-options.ts';

/** Who answers for the tools that have a model. */
export interface ModelMode {
  /** `scripted`: a published rule, no key. `recorded`: what a model once answered. `live`: a model that is asked now. */
  readonly mode: 'scripted' | 'recorded' | 'live';
  readonly model: LanguageModel;
  /** Writes down what the model said; does nothing unless that was asked for. */
  save(): Promise<void>;
}

/** Repeats below which luck and skill of a live model cannot be told apart. */
const LIVE_REPEATS = 5;
const SCRIPTED_REPEATS = 2;
/** Tokens of a live run when no limit was given. */
const LIVE_TOKENS = 5_000_000;

/** The model that the options ask for. Throws INVALID_INPUT when a live one is not named, NOT_FOUND without the cassette. */
export async function modelModeOf(values: RunValues, variables: Environment['variables']): Promise<ModelMode> {
  const { model: url, 'model-name': name, cassette } = values;
  const keep = { save: async () => {} };
  if (url !== undefined && name === undefined) throw unnamed();
  const live = modelFromOptions({ url, name, apiKey: variables.TIER0_MODEL_API_KEY });
  if (live !== undefined && cassette !== undefined) return recording(live, resolve(cassette));
  if (live !== undefined) return { mode: 'live', model: live, ...keep };
  if (cassette !== undefined) return { mode: 'recorded', model: createRecordedModel(await readCassette(resolve(cassette))), ...keep };
  return { mode: 'scripted', model: createTextReader(), ...keep };
}

function recording(live: LanguageModel, file: string): ModelMode {
  const model = recordModel(live);
  return {
    mode: 'live',
    model,
    async save() {
      await mkdir(dirname(file), { recursive: true });
      const cassette = model.cassette({ signal: new AbortController().signal, now: Date.now });
      await writeFile(file, `${JSON.stringify(cassette)}\n`, { mode: 0o600 });
    },
  };
}

async function readCassette(file: string) {
  if (!existsSync(file)) {
    throw new Tier0Error({
      code: 'NOT_FOUND',
      message: `There is no cassette ${file}.`,
      hint: 'Record one: run once with --model URL --model-name ID and the same --cassette FILE.',
    });
  }
  const parsed = CassetteSchema.safeParse(safeJson(await readFile(file, 'utf8')));
  if (parsed.success) return parsed.data;
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: `${file} is no cassette: ${parsed.error.issues[0]?.path.join('.') || 'the document'}: ${parsed.error.issues[0]?.message}.`,
    hint: 'Record it again.',
  });
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Trials of each tool on each scenario: as asked, else 2, with a live model 5 and never fewer. Throws INVALID_INPUT. */
export function repeatsOf({ repeats }: Pick<RunValues, 'repeats'>, mode: ModelMode['mode']): number {
  if (repeats === undefined) return mode === 'live' ? LIVE_REPEATS : SCRIPTED_REPEATS;
  const count = wholeNumber('repeats', repeats);
  if (mode !== 'live' || count >= LIVE_REPEATS) return count;
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: `${count} repeats of a live model say nothing: it answers otherwise each time.`,
    hint: `Leave --repeats out (${LIVE_REPEATS}), and name fewer scenarios with --scenario to spend less.`,
  });
}

/** What the models may use in all. A live run always has a limit. Throws INVALID_INPUT for a limit in money without a price. */
export function budgetOf(
  {
    'max-tokens': tokens,
    'max-usd': usd,
    price,
  }: { readonly 'max-tokens'?: string; readonly 'max-usd'?: string; readonly price?: string | undefined },
  mode: ModelMode['mode'],
): ModelBudget {
  if (usd !== undefined && price === undefined) {
    throw new Tier0Error({
      code: 'INVALID_INPUT',
      message: 'A limit in US dollars needs a price.',
      hint: 'Give --price INPUT,OUTPUT in US dollars for a million tokens, e.g. --price 3,15, or a limit in --max-tokens.',
    });
  }
  const maxTokens = tokens === undefined ? (mode === 'live' ? LIVE_TOKENS : undefined) : wholeNumber('max-tokens', tokens);
  return { maxTokens, maxUsd: usd === undefined ? undefined : amount('max-usd', usd) };
}

/** `3,15` as a price. Throws INVALID_INPUT. */
export function priceOf(text: string | undefined): TokenPrice | undefined {
  if (text === undefined) return undefined;
  const parts = text.split(',');
  if (parts.length !== 2) throw noAmount('price', text);
  return { input: amount('price', parts[0]!), output: amount('price', parts[1]!) };
}

function amount(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value;
  throw noAmount(option, text);
}

function noAmount(option: string, text: string): Tier0Error {
  return new Tier0Error({
    code: 'INVALID_INPUT',
    message: `--${option} takes US dollars, not "${text}".`,
    hint: option === 'price' ? 'Write input and output, for a million tokens each: --price 3,15.' : 'Write e.g. --max-usd 2.50.',
  });
}

function unnamed(): Tier0Error {
  return new Tier0Error({
    code: 'INVALID_INPUT',
    message: 'A live model must be named, so that the report says which it was.',
    hint: 'Add --model-name with the id of the model as its provider spells it, with its date where it has one.',
  });
}
