import { CODES, type CodeEntry } from '@tier0/agents';
import { Tier0Error } from '@tier0/core';
import { PROGRAM } from '../program-name.ts';
import { type Command, parseOptions } from './command.ts';
import { didYouMean } from './did-you-mean.ts';
import { createAnswer } from './graph-answer.ts';

const TABLE: Readonly<Record<string, CodeEntry>> = CODES;
const LAYERS = ['what was written or is missing', 'what a container or an object does', 'what a workload does', 'what a Service does'];

/** `tier0 explain CODE`: what a finding means. */
export const explain: Command = {
  name: 'explain',
  usage: `Usage: ${PROGRAM} explain [CODE] [--output json]

Says what a code like ${Object.keys(CODES)[0]} of a diagnosis means, what it causes and what to do. Without CODE: lists all of them.

Exit code: 0 explained, 2 there is no such code.
Example: ${PROGRAM} explain ${Object.keys(CODES)[0]}`,
  async run(args, { terminal }) {
    const { values, positionals } = parseOptions('explain', args, { output: { type: 'string', short: 'o', default: 'text' } });
    const [code, ...others] = positionals;
    if (others.length > 0) throw invalid('Which code? Name exactly one.', `Run "${PROGRAM} explain ${code}".`);
    const shown = code === undefined ? Object.keys(TABLE).sort() : [knownCode(code)];
    if (values.output === 'json') {
      terminal.write(`${JSON.stringify(shown.map(asData), null, 2)}\n`);
      return 0;
    }
    if (values.output !== 'text') throw invalid(`--output is text or json, not "${values.output}".`, 'Choose one of them.');
    const answer = createAnswer(terminal);
    if (code === undefined) answer.rows(shown.map((each) => [each, TABLE[each]?.title ?? '']));
    else for (const each of shown) terminal.write(paragraphs(each));
    return 0;
  },
};

function knownCode(code: string): string {
  const known = Object.keys(TABLE);
  const found = known.find((each) => each.toLowerCase() === code.toLowerCase());
  if (found !== undefined) return found;
  throw invalid(`There is no code "${code}".`, `${didYouMean(code, known)}Run "${PROGRAM} explain" for the list.`);
}

function asData(code: string) {
  const { telling: _, ...entry } = TABLE[code] as CodeEntry;
  return { code, ...entry };
}

function paragraphs(code: string): string {
  const { title, severity, cause, depth, meaning, fix } = TABLE[code] as CodeEntry;
  const rows = [
    ['severity', severity],
    ['cause', cause],
    ['layer', `${depth}, ${LAYERS[depth]}; the lower explains the higher`],
    ['means', meaning],
    ['to do', fix],
  ];
  return `${code}  ${title}\n${rows.map(([label = '', text]) => `   ${label.padEnd(9)}${text}\n`).join('')}`;
}

function invalid(message: string, hint: string): Tier0Error {
  return new Tier0Error({ code: 'INVALID_INPUT', message, hint });
}
