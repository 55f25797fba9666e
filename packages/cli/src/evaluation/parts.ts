import { existsSync, statSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Tier0Error } from '@tier0/core';
import {
  composeStacks,
  diffReports,
  manifestEntry,
  problemText,
  readBuildingBlocks,
  readReport,
  recordAnswers,
  recordWorlds,
  stackText,
  validateFile,
  verifyRun,
} from '@tier0/eval';
import { parseOptions } from '../commands/command.ts';
import type { Environment } from '../environment.ts';
import { PROGRAM } from '../program-name.ts';
import { contestantsOf } from './contestants.ts';
import { RUN_OPTIONS, scenarioFolders } from './run-options.ts';

/** A part of `tier0 eval` besides the run itself. Returns the exit code. */
export type EvalPart = (args: readonly string[], environment: Environment) => Promise<number>;

/** The parts by their word. */
export const EVAL_PARTS: Readonly<Record<string, EvalPart>> = { tools: listTools, validate, record, verify, diff, stack };

/** What every tool is, whether it runs here, and what it needs. */
async function listTools(args: readonly string[], { terminal, variables }: Environment): Promise<number> {
  const { values } = parseOptions('eval', args, RUN_OPTIONS);
  const { tools } = await contestantsOf(values, variables);
  for (const tool of tools) {
    const { id, name, version, kind, asked, model, note, notRun } = await manifestEntry(tool);
    const state = notRun === undefined ? 'runs here' : 'not run';
    terminal.write(
      `${id.padEnd(24)} ${state.padEnd(10)} ${name} ${version} (${kind}${asked === 'evidence' ? ', asked for evidence only' : ''}${model === undefined ? '' : `, model ${model}`})\n`,
    );
    if (note !== undefined) terminal.write(`${' '.repeat(25)}${note}\n`);
    if (notRun !== undefined) terminal.write(`${' '.repeat(25)}${notRun.reason} ${notRun.howToAdd}\n`);
  }
  return 0;
}

/** Everything that is wrong in files that people write, line by line. Exit code 1 when there is anything. */
async function validate(args: readonly string[], { terminal }: Environment): Promise<number> {
  const { positionals } = parseOptions('eval', args, {});
  if (positionals.length === 0) throw noName('validate', 'Name one or more YAML files.');
  let count = 0;
  for (const file of positionals) {
    const problems = await validateFile(file);
    for (const problem of problems) terminal.write(`${problemText(problem)}\n`);
    if (problems.length === 0) terminal.write(`${file}: nothing is wrong\n`);
    count += problems.length;
  }
  return count === 0 ? 0 : 1;
}

/** Recomputes every number of a run. Exit code 1 when something does not hold. */
async function verify(args: readonly string[], { terminal }: Environment): Promise<number> {
  const { positionals } = parseOptions('eval', args, {});
  const [place] = positionals;
  if (place === undefined) throw noName('verify', 'Name the folder of a run, or its trials.jsonl.');
  const verdict = await verifyRun(inFolder(place, 'trials.jsonl'));
  terminal.write(
    verdict.sound ? `sound: ${verdict.trials.length} trials, every number recomputed\n` : `not sound:\n${verdict.problems.join('\n')}\n`,
  );
  return verdict.sound ? 0 : 1;
}

/** What became different between two reports. Exit code 1 when something is worse. */
async function diff(args: readonly string[], { terminal }: Environment): Promise<number> {
  const { positionals } = parseOptions('eval', args, {});
  const [before, after] = positionals;
  if (before === undefined || after === undefined) throw noName('diff', 'Name two reports, or the folders they are in.');
  const { lines, isWorse } = diffReports(
    await readReport(inFolder(before, 'report.json')),
    await readReport(inFolder(after, 'report.json')),
  );
  terminal.write(lines.length === 0 ? 'no difference\n' : `${lines.join('\n')}\n`);
  return isWorse ? 1 : 0;
}

/** Which building blocks cover the needs with the least integration. */
async function stack(args: readonly string[], { terminal }: Environment): Promise<number> {
  const { values } = parseOptions('eval', args, { need: { type: 'string', multiple: true }, blocks: { type: 'string' } });
  const known = await readBuildingBlocks(values.blocks);
  const ids = known.needs.map(({ id }) => id);
  const asked = values.need ?? ids;
  const unknown = asked.find((id) => !ids.includes(id));
  if (unknown !== undefined) {
    throw new Tier0Error({ code: 'INVALID_INPUT', message: `There is no need "${unknown}".`, hint: `Needs: ${ids.join(', ')}.` });
  }
  for (const one of composeStacks(known, asked)) terminal.write(`${stackText(one, known.needs)}\n`);
  return 0;
}

const RECORD_OPTIONS = {
  ...RUN_OPTIONS,
  save: { type: 'string' },
  machine: { type: 'string' },
  command: { type: 'string' },
  worlds: { type: 'string' },
  answers: { type: 'string', default: 'k8sgpt.json' },
  id: { type: 'string', default: 'k8sgpt' },
  version: { type: 'string' },
  date: { type: 'string' },
  about: { type: 'string', default: '' },
} as const;

/** Answers as a recording: of a tool that runs here on the scenarios, or of k8sgpt as they were written down beside recorded worlds. */
async function record(args: readonly string[], environment: Environment): Promise<number> {
  const { values } = parseOptions('eval', args, RECORD_OPTIONS);
  const { save, machine, command, worlds } = values;
  if (save === undefined || machine === undefined)
    throw noName('record', 'Give --save FILE and --machine TEXT: a recording says where it was made.');
  const date = values.date ?? new Date().toISOString().slice(0, 10);
  const recording =
    worlds === undefined
      ? await recordTool(values, environment, { machine, date, command })
      : await recordWorlds({
          directory: resolve(worlds),
          answerFile: values.answers,
          recording: {
            tool: { id: values.id, name: values.id, version: values.version ?? 'unknown' },
            date,
            machine,
            command: command ?? 'unknown',
            worlds: values.about,
          },
        });
  await mkdir(dirname(resolve(save)), { recursive: true });
  await writeFile(resolve(save), `${JSON.stringify(recording, null, 1)}\n`);
  environment.terminal.write(`${save}: ${recording.entries.length} answers of ${recording.tool.name} ${recording.tool.version}\n`);
  return 0;
}

async function recordTool(
  values: Parameters<typeof contestantsOf>[0],
  { variables, signal }: Environment,
  {
    machine,
    date,
    command = `${PROGRAM} eval record`,
  }: { readonly machine: string; readonly date: string; readonly command?: string | undefined },
) {
  const { tools } = await contestantsOf(values, variables);
  const [tool, ...more] = tools;
  if (tool === undefined || more.length > 0) throw noName('record', 'Give --only ID: one tool is recorded at a time.');
  return await recordAnswers({ tool, scenarios: await scenarioFolders(values), machine, date, command, signal });
}

/** A folder stands for the file of that name in it. */
function inFolder(place: string, name: string): string {
  return existsSync(place) && statSync(place).isDirectory() ? join(place, name) : place;
}

function noName(part: string, hint: string): Tier0Error {
  return new Tier0Error({ code: 'INVALID_INPUT', message: `"${PROGRAM} eval ${part}" needs more to go on.`, hint });
}
