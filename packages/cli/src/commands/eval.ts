import { readdir } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { Tier0Error } from '@tier0/core';
import {
  createDotAiTool,
  createHolmesTool,
  createK8sgptTool,
  createKubectlAiTool,
  createKubernetesMcpTool,
  createWarningsBaseline,
  runEvaluation,
  verifyRun,
} from '@tier0/eval';
import type { Environment } from '../environment.ts';
import { createTier0Tool } from '../evaluation/tier0-tool.ts';
import { REPOSITORY_ROOT } from '../repository-root.ts';
import { CLEAR_LINE } from '../terminal/outlet.ts';
import { versionOf } from '../version.ts';
import { modelFromOptions } from '../world/model-from-options.ts';
import { type Command, parseOptions } from './command.ts';

const USAGE = `Usage: npm run eval -- [options]            (or: pnpm tier0 eval [options])

Compares operations tools on evidence (a weighted scorecard) and on outcomes (recorded incidents). The two are never averaged.
Tools that are not installed are shown as not run, with how to add them.

  --scenario NAME     one recorded scenario; may be given more than once       (all under scenarios/)
  --repeats N         how often each tool answers each scenario               (3)
  --seed N            seed of every random draw                               (1)
  --dot-ai URL        a running dot-ai server; its token in DOT_AI_AUTH_TOKEN. It must read the cluster at --cluster-port
  --cluster-port N    fixed port of the recorded cluster, for servers that were started before
  --model URL         OpenAI-compatible API for tier0's second opinion; key in TIER0_MODEL_API_KEY
  --out DIR           where index.html, report.md, report.json and trials.jsonl go  (out/eval)
  --verify FILE       recompute every number of an earlier run from its trials.jsonl

A k8sgpt binary on PATH takes part by itself.`;

/** `tier0 eval`: the tool comparison. */
export const evaluate: Command = {
  name: 'eval',
  summary: 'compare operations tools on evidence and on recorded incidents',
  usage: USAGE,
  async run(args, environment) {
    const { values } = parseOptions('eval', args, {
      scenario: { type: 'string', multiple: true },
      repeats: { type: 'string', default: '3' },
      seed: { type: 'string', default: '1' },
      'dot-ai': { type: 'string' },
      'cluster-port': { type: 'string' },
      model: { type: 'string' },
      'model-name': { type: 'string' },
      out: { type: 'string', default: 'out/eval' },
      verify: { type: 'string' },
    });
    const say = (line: string) => environment.terminal.write(`${line}\n`);
    if (values.verify !== undefined) {
      const verdict = await verifyRun(values.verify);
      say(verdict.sound ? `sound: ${verdict.trials.length} trials, every number recomputed` : `not sound:\n${verdict.problems.join('\n')}`);
      return verdict.sound ? 0 : 1;
    }
    const { variables } = environment;
    const model = modelFromOptions({ url: values.model, name: values['model-name'], apiKey: variables.TIER0_MODEL_API_KEY });
    const { report, files } = await runEvaluation({
      tools: [
        createTier0Tool({ version: await versionOf(), model }),
        createWarningsBaseline(),
        createK8sgptTool({ searchPath: variables.PATH ?? '' }),
        createDotAiTool({ url: values['dot-ai'], token: variables.DOT_AI_AUTH_TOKEN }),
        createHolmesTool(),
        createKubectlAiTool(),
        createKubernetesMcpTool(),
      ],
      scenarios: await scenarioFolders(values.scenario),
      outDirectory: resolve(values.out),
      repeats: wholeNumber('repeats', values.repeats),
      seed: wholeNumber('seed', values.seed),
      clusterPort: values['cluster-port'] === undefined ? undefined : wholeNumber('cluster-port', values['cluster-port']),
      now: () => Date.now(),
      signal: environment.signal,
      onProgress: tellProgress(environment),
    });
    for (const line of summaryOf(report)) say(line);
    say(
      `\n  files  ${Object.values(files)
        .map((file) => relative(process.cwd(), file))
        .join('  ')}`,
    );
    return 0;
  },
};

type Report = Awaited<ReturnType<typeof runEvaluation>>['report'];

/** Both tracks for a terminal, one below the other and never averaged. */
function summaryOf({ scorecard, arena }: Report): readonly string[] {
  const incidents = arena.summary.tools.map(({ tool, exact, falseAlarms, findingsPerRootCause }) => {
    const solved = `${exact.solved} of ${exact.incidents} exact`;
    const alarms = `false alarms ${falseAlarms.raised} of ${falseAlarms.trials}`;
    return `  ${tool.padEnd(22)} ${solved.padEnd(16)} ${alarms.padEnd(22)} ${findingsPerRootCause.toFixed(1)} findings a cause`;
  });
  const rated = scorecard.entries.map(({ tool, total, coverage, stability }) => {
    const [first, last] = stability.place;
    const place = first === last ? `${first}` : `${first}-${last}, tie`;
    return `  ${tool.id.padEnd(22)} ${total.toFixed(2)} stars       place ${place.padEnd(10)} coverage ${Math.round(100 * coverage)} %`;
  });
  const notRun = arena.manifest.tools.flatMap((tool) => (tool.notRun ? [`  ${tool.name.padEnd(22)} not run: ${tool.notRun.reason}`] : []));
  return [
    'What it does: recorded incidents, root cause against truth',
    ...incidents,
    ...notRun,
    '',
    'What it can show: capabilities by evidence, weighted',
    ...rated,
  ];
}

async function scenarioFolders(names: readonly string[] | undefined): Promise<readonly string[]> {
  const home = join(REPOSITORY_ROOT, 'scenarios');
  if (names) return names.map((name) => (/[/\\]/.test(name) ? resolve(name) : join(home, name)));
  const entries = await readdir(home, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(home, entry.name))
    .sort();
}

function wholeNumber(option: string, text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 0) return number;
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: `--${option} takes a whole number, not "${text}".`,
    hint: 'Run "pnpm tier0 eval --help" to see the options.',
  });
}

/** On a terminal each trial takes the line of the one before; elsewhere every hundredth is told, and what is no trial. */
function tellProgress({ stderr, terminal }: Environment): (line: string) => void {
  return (line) => {
    const [, number, total] = /^(\d+)\/(\d+) /.exec(line) ?? [];
    if (number === undefined) stderr(`${line}\n`);
    else if (terminal.colour) stderr(`${CLEAR_LINE}${line.slice(0, terminal.width - 1)}${number === total ? '\n' : ''}`);
    else if (Number(number) % 100 === 0 || number === total) stderr(`${line}\n`);
  };
}
