import { resolve } from 'node:path';
import { type FixLesson, learnFromFix, type ToldFix } from '@tier0/agents/patterns';
import { type CallContext, type Forge, Tier0Error } from '@tier0/core';
import { hostedForge, parseForgeOptions } from '../world/forge-from-options.ts';

/** What is learned from, as the command line says it. */
export interface LearnValues {
  readonly pullRequest: string;
  readonly repository: string;
  readonly cause?: string | undefined;
  readonly resolved?: 'yes' | 'no' | undefined;
  readonly forge?: string | undefined;
  readonly 'forge-project'?: string | undefined;
  readonly 'forge-url'?: string | undefined;
  readonly token: string | undefined;
}

/** Founds a pattern on a pull request: what a forge says about it, where one is named, and what the clone says it changed. */
export async function lessonFrom(values: LearnValues, context: CallContext): Promise<FixLesson> {
  const { pullRequest, cause, resolved } = values;
  const told = values.forge === undefined ? undefined : await askForge(forgeOf({ ...values, forge: values.forge }), pullRequest, context);
  const ended = resolved === undefined ? {} : { resolved: resolved === 'yes' };
  return await learnFromFix({ repository: resolve(values.repository), pullRequest, cause, told, ...ended }, context);
}

function forgeOf(values: LearnValues & { readonly forge: string }): Forge {
  const { kind, ...rest } = parseForgeOptions(values);
  if (kind !== 'local') return hostedForge({ kind, ...rest }, values.token);
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: 'Pull requests of the local forge are merged in the repository itself.',
    hint: 'Leave --forge out: the clone says everything.',
  });
}

/** What the forge knows of a merged pull request. Throws INVALID_INPUT for one that is not merged. */
async function askForge(forge: Forge, named: string, context: CallContext): Promise<ToldFix> {
  const number = Number(/^[#!]?(\d{1,9})$/.exec(named)?.[1]);
  if (!Number.isSafeInteger(number)) {
    throw new Tier0Error({
      code: 'INVALID_INPUT',
      message: `"${named}" is no number of a pull request.`,
      hint: 'Name its number, or leave --forge out to learn from a commit.',
    });
  }
  const { state, title, body, url } = await forge.read(number, context);
  if (state.status !== 'merged') {
    throw new Tier0Error({
      code: 'INVALID_INPUT',
      message: `Pull request ${number} is ${state.status}, not merged.`,
      hint: 'Only what was merged has been tried; learn from it when it is.',
    });
  }
  const later = await forge.find({ status: 'merged' }, context);
  const isRevert = (other: { readonly title: string; readonly body: string }) =>
    other.title === `Revert "${title}"` || new RegExp(`^Reverts? \\S*[#!]${number}\\b`, 'm').test(other.body);
  return { commit: state.commit, title, body, url, reverted: later.some((other) => other.number > number && isRevert(other)) };
}
