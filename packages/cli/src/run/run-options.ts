import { resolve } from 'node:path';
import { Tier0Error } from '@tier0/core';
import { parseOptions, refuseArguments } from '../commands/command.ts';
import { asksForJson, OUTPUT_OPTIONS } from '../commands/output-form.ts';
import { requestTimeoutMs } from '../commands/request-timeout.ts';
import { PROGRAM } from '../program-name.ts';
import { type ForgeOptions, parseForgeOptions } from '../world/forge-from-options.ts';

/** What `tier0 run` looks at, and how far it goes. */
export interface RunOptions {
  /** Path of a kubeconfig file. Default: the one kubectl would take. */
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  /** Name of the cluster in item ids. */
  readonly cluster: string;
  /** URL or path of the Git repository that declares the cluster. */
  readonly repository: string;
  readonly branch: string;
  /** Folder of the repository that declares this cluster. */
  readonly path?: string | undefined;
  readonly forge: ForgeOptions;
  /** Account that opens pull requests; it can never approve them. */
  readonly author?: string | undefined;
  readonly prometheus?: string | undefined;
  /** Milliseconds one request to the cluster may take. Default 30,000. */
  readonly requestTimeoutMs?: number | undefined;
  readonly catalog?: string | undefined;
  readonly patterns?: string | undefined;
  readonly modelUrl?: string | undefined;
  readonly modelName?: string | undefined;
  /** Show the change; write nothing outside `out`. */
  readonly dryRun: boolean;
  /** Keep looking, every this many seconds. 0: look once. */
  readonly everySeconds: number;
  readonly json: boolean;
  readonly out: string;
}

export const RUN_USAGE = `Usage: ${PROGRAM} run --repository URL [options]

Looks at a real cluster once (reading only), finds what is wrong or about to be, and proposes the fix as a pull request. It stops there:
people, the forge and your reconciler do the rest.

  --kubeconfig FILE    cluster to read; needs get and list only          ($KUBECONFIG, else ~/.kube/config)
  --context NAME       context of the kubeconfig                        (its current one)
  --cluster NAME       name of the cluster in what tier0 writes         (cluster)
  --repository URL     Git repository that declares the cluster: a path, file:// or http(s) URL
  --branch NAME        branch the cluster is reconciled from            (main)
  --path FOLDER        folder of the repository that declares this cluster
  --forge KIND         where pull requests are kept: local (refs of the repository), github, gitlab, gitea  (local)
  --forge-project NAME owner/name of the repository on that forge
  --forge-url URL      API of a forge of your own; token in TIER0_FORGE_TOKEN
  --author ACCOUNT     account the token belongs to; it can never approve    (tier0-bot)
  --request-timeout T  how long one request to the cluster may take     (30s)
  --prometheus URL     where memory is read; without it forecasts are not made
  --catalog FILE       Backstage catalog; default: catalog-info.yaml files in the repository
  --patterns FILE      known causes and remedies beside the built-in ones
  --model URL          OpenAI-compatible API for a second opinion; key in TIER0_MODEL_API_KEY
  --model-name NAME    model to ask there                               (default)
  --dry-run            show the change, push nothing
  --every SECONDS      keep looking                                     (once)
  -o, --output FORM    text, or json: one object a line                 (text)
  --out DIR            where records, audit, mirror and what the CMDB saw are kept  (out/run)

The value of an HTTP Authorization header for the repository is read from TIER0_GIT_AUTHORIZATION.
Exit code: 0 nothing found, 1 something found, 2 could not look.`;

/** Reads the options. Throws INVALID_INPUT. */
export function parseRunOptions(args: readonly string[]): RunOptions {
  const { values, positionals } = parseOptions('run', args, {
    kubeconfig: { type: 'string' },
    context: { type: 'string' },
    cluster: { type: 'string', default: 'cluster' },
    repository: { type: 'string' },
    branch: { type: 'string', default: 'main' },
    path: { type: 'string' },
    forge: { type: 'string', default: 'local' },
    'forge-project': { type: 'string' },
    'forge-url': { type: 'string' },
    author: { type: 'string' },
    prometheus: { type: 'string' },
    'request-timeout': { type: 'string' },
    catalog: { type: 'string' },
    patterns: { type: 'string' },
    model: { type: 'string' },
    'model-name': { type: 'string' },
    'dry-run': { type: 'boolean', default: false },
    every: { type: 'string', default: '0' },
    ...OUTPUT_OPTIONS,
    out: { type: 'string', default: 'out/run' },
  });
  refuseArguments('run', positionals);
  if (!values.repository) throw missing('--repository URL', 'which Git repository declares it');
  for (const [option, url] of [
    ['repository', values.repository],
    ['forge-url', values['forge-url']],
    ['prometheus', values.prometheus],
    ['model', values.model],
  ] as const) {
    if (url !== undefined) refuseCredentials(option, url);
  }
  const everySeconds = Number(values.every);
  if (!Number.isFinite(everySeconds) || everySeconds < 0) throw missing('--every SECONDS', 'a number of seconds');
  return {
    kubeconfig: values.kubeconfig === undefined ? undefined : resolve(values.kubeconfig),
    context: values.context,
    cluster: values.cluster,
    repository: /^[a-z][a-z0-9+.-]*:\/\//i.test(values.repository) ? values.repository : resolve(values.repository),
    branch: values.branch,
    path: values.path,
    forge: parseForgeOptions(values),
    author: values.author,
    prometheus: values.prometheus,
    requestTimeoutMs: requestTimeoutMs(values['request-timeout']),
    catalog: values.catalog,
    patterns: values.patterns,
    modelUrl: values.model,
    modelName: values['model-name'],
    dryRun: values['dry-run'],
    everySeconds,
    json: asksForJson(values),
    out: resolve(values.out),
  };
}

/** Before anything is printed or stored: a URL that holds credentials is refused, without repeating it. */
function refuseCredentials(option: string, url: string): void {
  if (!/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*@/i.test(url)) return;
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: `The URL of --${option} holds credentials; it is not repeated here.`,
    hint: 'Leave them out of the URL. TIER0_GIT_AUTHORIZATION, TIER0_FORGE_TOKEN and TIER0_MODEL_API_KEY are read from the environment.',
  });
}

function missing(option: string, what: string): Tier0Error {
  return new Tier0Error({
    code: 'INVALID_INPUT',
    message: `"${PROGRAM} run" needs ${option}: ${what}.`,
    hint: `Run "${PROGRAM} run --help" for all options.`,
  });
}
