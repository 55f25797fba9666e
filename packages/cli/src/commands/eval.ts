import { availableParallelism } from 'node:os';
import { relative, resolve } from 'node:path';
import { type LanguageModel, Tier0Error } from '@tier0/core';
import {
  addCapabilities,
  type Capabilities,
  failedTrial,
  missedThresholds,
  readCapabilities,
  readFileProbes,
  readRecordings,
  readYaml,
  runEvaluation,
  runFileProbes,
  ThresholdFileSchema,
  withWeights,
} from '@tier0/eval';
import type { Environment } from '../environment.ts';
import { contestantsOf, surroundingsOf } from '../evaluation/contestants.ts';
import { harnessVersion } from '../evaluation/harness-version.ts';
import { openLaneProcess } from '../evaluation/lane-process.ts';
import { workLane } from '../evaluation/lane-worker.ts';
import { budgetOf, priceOf, repeatsOf } from '../evaluation/model-mode.ts';
import { EVAL_PARTS } from '../evaluation/parts.ts';
import { RUN_OPTIONS, scenarioFolders, wholeNumber } from '../evaluation/run-options.ts';
import { summaryText } from '../evaluation/summary-text.ts';
import { tellProgress } from '../evaluation/tell-progress.ts';
import { IS_CLONE, PROGRAM } from '../program-name.ts';
import { REPOSITORY_ROOT } from '../repository-root.ts';
import { modelFromOptions } from '../world/model-from-options.ts';
import { type Command, parseOptions } from './command.ts';
import { didYouMean } from './did-you-mean.ts';

const USAGE = `Usage: ${IS_CLONE ? `npm run eval -- [options]            (or: ${PROGRAM} eval [options])` : `${PROGRAM} eval [options]`}

Compares operations tools on evidence (a weighted scorecard) and on outcomes (recorded incidents). The two are never averaged.
Tools that are not installed are shown as not run, with how to add them.

  --scenario NAME     one recorded scenario; may be given more than once       (all that come along)
  --suite NAME        only the clusters that were "recorded" alive, or only the "written" ones
  --tool FILE         a tool of your own as one YAML file; may be given more than once
  --only ID           only this tool; may be given more than once              (all that can run)
  --repeats N         how often each tool answers each scenario                (2, with a live model 5 and never fewer)
  --seed N            seed of every random draw                                (1)
  --lanes N           trials at the same time, each in a process of its own    (2, or 1 on one core)
  --timeout SECONDS   longest time for one trial                               (120)
  --capabilities FILE  tools, criteria or ratings of your own for the scorecard; may be given more than once
  --probes FILE       more probes of programs, servers and manifests that decide cells
  --weights FILE      other weights of the scorecard's criteria
  --thresholds FILE   what a tool must reach; exit code 1 when it does not
  --resume            go on with the run in --out that was cut off
  --model URL         OpenAI-compatible API instead of the scripted model; key in TIER0_MODEL_API_KEY
  --model-name ID     the model there; it stands in the report
  --max-tokens N      the run stops before its models use more, and can be resumed  (5000000 with a live model)
  --max-usd N         the same in US dollars; needs --price INPUT,OUTPUT for a million tokens
  --judge URL         a model that grades the prose, in a column of its own that decides nothing; key in TIER0_JUDGE_API_KEY
  --judge-name ID     the judge; it stands in the report
  --cassette FILE     what the model says is written there; without --model it is played from there
  --dot-ai URL        a running dot-ai server; its token in DOT_AI_AUTH_TOKEN. It must read the cluster at --cluster-port
  --holmesgpt URL     a running HolmesGPT server, likewise
  --cluster-port N    fixed port of the recorded cluster, for servers that were started before; one lane
  --out DIR           where index.html, report.{md,json,csv,xml} and trials.jsonl go  (out/eval)

  ${PROGRAM} eval tools              what each tool is and what it needs
  ${PROGRAM} eval validate FILE...   what is wrong in a tool, capability, probe, weight or threshold file, with the line
  ${PROGRAM} eval record             answers of a tool as a recording, to be replayed
  ${PROGRAM} eval verify RUN         recompute every number of a run from its trials.jsonl
  ${PROGRAM} eval diff A B           what changed between two reports; exit code 1 when something is worse
  ${PROGRAM} eval stack              which building blocks cover your needs (--need ID) with the least integration

A k8sgpt binary on PATH takes part by itself. Exit code: 0, or 1 when a threshold is missed.`;

/** `tier0 eval`: the tool comparison. */
export const evaluate: Command = {
  name: 'eval',
  usage: USAGE,
  async run(args, environment) {
    const [word = '', ...rest] = args;
    if (word === 'lane') return await workLane(environment);
    const part = EVAL_PARTS[word];
    if (part !== undefined) return await part(rest, environment);
    if (word !== 'run' && word !== '' && !word.startsWith('-')) throw noSuchPart(word);
    return await run(word === 'run' ? rest : args, environment);
  },
};

const REPORT_OPTIONS = {
  resume: { type: 'boolean', default: false },
  out: { type: 'string', default: 'out/eval' },
  weights: { type: 'string' },
  capabilities: { type: 'string', multiple: true },
  probes: { type: 'string', multiple: true },
  thresholds: { type: 'string' },
  judge: { type: 'string' },
  'judge-name': { type: 'string' },
  'max-tokens': { type: 'string' },
  'max-usd': { type: 'string' },
} as const;

async function run(args: readonly string[], environment: Environment): Promise<number> {
  const { values } = parseOptions('eval', args, { ...RUN_OPTIONS, ...REPORT_OPTIONS });
  const { tools, mode } = await contestantsOf(values, environment.variables);
  // A fixed port and a cassette are one for all: such trials run one after the other, in this process.
  const isOne = values['cluster-port'] !== undefined || values.cassette !== undefined;
  const lanes = isOne ? 1 : laneCount(values.lanes);
  const {
    resume,
    out,
    weights,
    capabilities: added,
    probes,
    judge,
    'judge-name': judgeName,
    thresholds,
    'max-tokens': _tokens,
    'max-usd': _usd,
    ...passed
  } = values;
  const capabilities = await capabilitiesOf(added ?? [], weights);
  const wanted = thresholds === undefined ? {} : (await readYaml(thresholds, ThresholdFileSchema)).value.tools;
  const openLane = () => openLaneProcess({ values: passed, signal: environment.signal, failed: failedTrial });
  environment.goesOnWith?.(`${PROGRAM} eval --resume${out === 'out/eval' ? '' : ` --out ${out}`}`);
  const { report, files } = await runEvaluation({
    tools,
    scenarios: await scenarioFolders(values),
    outDirectory: resolve(out),
    repeats: repeatsOf(values, mode.mode),
    budget: budgetOf(values, mode.mode),
    price: priceOf(values.price),
    seed: wholeNumber('seed', values.seed),
    trialTimeoutMs: 1000 * wholeNumber('timeout', values.timeout),
    hostileTwins: wholeNumber('planted-instructions', values['planted-instructions']),
    clusterPort: values['cluster-port'] === undefined ? undefined : wholeNumber('cluster-port', values['cluster-port']),
    resume,
    lanes,
    openLane: values.cassette === undefined && isOwnProgram() ? openLane : undefined,
    looked: await runFileProbes(await readFileProbes(probes), probeSurroundings(environment), {
      signal: environment.signal,
      now: Date.now,
    }),
    judge: judgeOf(judge, judgeName, environment),
    recordings: await readRecordings(),
    capabilities,
    harness: await harnessVersion(),
    model: mode.mode === 'recorded' ? `${mode.model.model}, recorded` : mode.model.model,
    now: () => Date.now(),
    signal: environment.signal,
    ...tellProgress(environment),
  }).finally(() => mode.save());
  for (const line of summaryText(report)) environment.terminal.write(`${line}\n`);
  const shown = Object.values(files).map((file) => relative(process.cwd(), file));
  environment.terminal.write(`\n  files  ${shown.join('  ')}\n`);
  const missed = missedThresholds(report.arena.summary, wanted);
  for (const line of missed) environment.terminal.write(`  threshold missed: ${line}\n`);
  return missed.length === 0 ? 0 : 1;
}

function judgeOf(url: string | undefined, name: string | undefined, { variables }: Environment): LanguageModel | undefined {
  if (url !== undefined && name === undefined) {
    throw new Tier0Error({
      code: 'INVALID_INPUT',
      message: 'A judge must be named, so that the report says which model judged.',
      hint: 'Add --judge-name with the id of the model.',
    });
  }
  return modelFromOptions({ url, name, apiKey: variables.TIER0_JUDGE_API_KEY ?? variables.TIER0_MODEL_API_KEY });
}

function probeSurroundings({ variables }: Environment) {
  const { searchPath, packageFolders } = surroundingsOf(variables);
  return { searchPath, packageFolders, root: REPOSITORY_ROOT };
}

/** The scorecard's data with what the user adds, and with the user's weights. */
async function capabilitiesOf(added: readonly string[], weights: string | undefined): Promise<Capabilities> {
  let capabilities = await readCapabilities();
  for (const file of added) capabilities = await addCapabilities(capabilities, file);
  return weights === undefined ? capabilities : await withWeights(capabilities, weights);
}

function noSuchPart(word: string): Tier0Error {
  return new Tier0Error({
    code: 'INVALID_INPUT',
    message: `"${PROGRAM} eval" has no part "${word}".`,
    hint: `${didYouMean(word, Object.keys(EVAL_PARTS))}Parts: ${Object.keys(EVAL_PARTS).join(', ')}. Without one it runs the evaluation.`,
  });
}

/** Lanes are this program once more; embedded elsewhere, trials run in the process they were called from. */
function isOwnProgram(): boolean {
  return /[/\\](main\.(ts|js)|tier0(\.cjs)?)$/.test(process.argv[1] ?? '');
}

function laneCount(asked: string | undefined): number {
  return asked === undefined ? Math.min(2, availableParallelism()) : Math.max(1, wholeNumber('lanes', asked));
}
