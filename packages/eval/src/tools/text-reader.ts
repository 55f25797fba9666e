import type { LanguageModel, ModelEvent, ModelRequest } from '@tier0/core';
import { causeOfText } from './cause-of-text.ts';

/** Id of the scripted model: it changes when what it says changes. */
export const TEXT_READER = 'scripted-reader-2';

/**
 * The scripted model: no language model, but one published rule that reads what a tool shows it. Every tool gets the same one, so that a run without
 * a key tells what the tool puts before a model and loses on the way, and nothing about how clever a model is. It takes each described object
 * apart at its heading, maps the first telling line to a cause with the wordings that every tool's text is read with, and answers in the form it was
 * asked for: JSON, a sentence with the evidence ids in square brackets, or the telling line itself.
 */
export function createTextReader(): LanguageModel {
  return {
    name: 'scripted',
    model: TEXT_READER,
    async *generate(request, { signal }): AsyncIterable<ModelEvent> {
      signal.throwIfAborted();
      const text = answerTo(request);
      yield { type: 'text', text };
      yield { type: 'usage', usage: { inputTokens: tokensOf(textOf(request)), outputTokens: tokensOf(text) } };
      yield { type: 'finish', reason: 'stop' };
    },
  };
}

/** Four characters a token, the usual rule of thumb. */
function tokensOf(text: string): number {
  return Math.ceil(text.length / 4);
}

function textOf({ messages }: ModelRequest): string {
  return messages.map((message) => ('content' in message ? message.content : '')).join('\n');
}

function answerTo({ messages }: ModelRequest): string {
  const instructions = messages.flatMap((message) => (message.role === 'system' ? [message.content] : [])).join('\n');
  const shown = messages.flatMap((message) => (message.role === 'user' ? [message.content] : [])).join('\n');
  if (instructions.includes('"rootCauses"')) return JSON.stringify({ rootCauses: readObjects(shown) });
  return citedLine(shown);
}

const HEADING = /^# ([A-Za-z]+)\/(\S+)(?: in namespace (\S+))?$/;

interface ReadCause {
  readonly cause: string;
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly why: string;
}

function readObjects(shown: string): readonly ReadCause[] {
  const read = shown.split(/^(?=# )/m).flatMap((part): readonly ReadCause[] => {
    const [, kind, name, namespace] = HEADING.exec(part.split('\n')[0] ?? '') ?? [];
    const lines = part.split('\n').filter((line) => causeOfText(line) !== undefined);
    // That a rollout ran out of time is said beside every reason why.
    const why = lines.find((line) => causeOfText(line) !== 'rollout-deadline-exceeded') ?? lines[0];
    if (kind === undefined || name === undefined || why === undefined) return [];
    return [{ cause: causeOfText(why)!, kind, namespace, name, why: why.trim().slice(0, 300) }];
  });
  return [...new Map(read.map((one) => [`${one.cause} ${one.namespace} ${one.name}`, one])).values()];
}

/** The first line that names a cause, with the ids that stand in it: how an explanation cites. */
function citedLine(shown: string): string {
  const line = shown.split('\n').find((one) => / at .*evidence /.test(one)) ?? '';
  const [, said = '', ids = ''] = /^(.*); evidence (.*)$/.exec(line) ?? [];
  const cites = ids.split(', ').filter((id) => id !== '');
  if (cites.length === 0) return tellingLine(shown) ?? 'Nothing was shown that could be explained.';
  return `${said.trim()} ${cites.map((id) => `[${id}]`).join(' ')}.`;
}

/** The first line that maps to a cause, for who asks without a form. */
function tellingLine(shown: string): string | undefined {
  return shown
    .split('\n')
    .find((line) => causeOfText(line) !== undefined)
    ?.trim()
    .slice(0, 300);
}
