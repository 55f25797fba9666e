import { readFile } from 'node:fs/promises';
import { isAbsolute, relative, resolve } from 'node:path';
import { kubeconfigFiles } from '@tier0/cmdb';
import { Tier0Error } from '@tier0/core';
import { writeAtomically } from '@tier0/core/files';
import { parse } from 'yaml';
import type { Environment } from '../environment.ts';
import { type ConfigAnswers, clusterName, configText, neededVariables, parseDelivery } from '../init/config-text.ts';
import { branchOf, type GuessedForge, guessForge, repositoryAround, toHttpAddress } from '../init/guess-repository.ts';
import { PROGRAM } from '../program-name.ts';
import { FORGE_KINDS } from '../world/forge-from-options.ts';
import { kubeconfigFrom } from '../world/kubeconfig-from-options.ts';
import { type Command, parseOptions, refuseArguments } from './command.ts';
import { chosen } from './did-you-mean.ts';

const OPTIONS = {
  kubeconfig: { type: 'string' },
  context: { type: 'string' },
  name: { type: 'string' },
  repository: { type: 'string' },
  branch: { type: 'string' },
  path: { type: 'string' },
  forge: { type: 'string' },
  'forge-project': { type: 'string' },
  'forge-url': { type: 'string' },
  delivery: { type: 'string' },
  prometheus: { type: 'string' },
  file: { type: 'string', default: 'tier0.yaml' },
  yes: { type: 'boolean', short: 'y', default: false },
  force: { type: 'boolean', default: false },
} as const;

type InitOptions = ReturnType<typeof parseOptions<typeof OPTIONS>>['values'];

/** `tier0 init`: the configuration of `tier0 serve` from the kubeconfig, the repository and at most five answers. */
export const init: Command = {
  name: 'init',
  usage: `Usage: ${PROGRAM} init [options]

Writes tier0.yaml for "${PROGRAM} serve". What it can find out it does not ask; what it asks has an answer in brackets, taken by Enter.
Nothing is written before you say yes, and an input that ends is a no. It reads the kubeconfig and git's own settings, and sends nothing.

  --kubeconfig FILE    the cluster                                    ($KUBECONFIG, else ~/.kube/config)
  --context NAME       context of the kubeconfig                      (asked: its current one)
  --name NAME          name of the cluster in what tier0 writes       (that of the context)
  --repository URL     Git repository that declares it                (asked: the one around this folder)
  --branch NAME        branch it is reconciled from                   (that of a local repository, else main)
  --path FOLDER        folder of the repository that declares this cluster
  --forge KIND         local, github, gitlab, gitea                   (by the host of the repository, else local)
  --forge-project NAME owner/name there                               (by the address of the repository)
  --forge-url URL      API of a forge of your own                     (by the address of the repository)
  --delivery HOW       "flux NAMESPACE/NAME", "argocd NAMESPACE/NAME", rollout      (asked: rollout)
  --prometheus URL     where memory is read; none                     (asked: none)
  --file FILE          what is written                                (tier0.yaml)
  -y, --yes            ask nothing: options, else what is in brackets
  --force              with --yes: replace FILE if it is there

Exit code: 0 written, 1 not wanted, 2 could not.
Example: ${PROGRAM} init --yes --context production --repository ./fleet --prometheus http://prometheus.monitoring:9090`,
  async run(args, environment) {
    const { values, positionals } = parseOptions('init', args, OPTIONS);
    refuseArguments('init', positionals);
    const before = await textOf(values.file);
    if (values.yes && before !== undefined && !values.force) throw isThere(values.file);
    const answers = await findOut(values, environment);
    const text = configText(answers);
    if (!values.yes && !(await isWanted(text, { file: values.file, isThere: before !== undefined }, environment))) {
      environment.terminal.write('Nothing was written.\n');
      return 1;
    }
    await writeAtomically(resolve(values.file), text);
    environment.terminal.write(`${values.file} is written.\n`);
    const needed = neededVariables(answers);
    if (needed.length > 0) environment.terminal.write(`set before it is used:\n${needed.map((line) => `  ${line}\n`).join('')}`);
    const named = values.file === 'tier0.yaml' ? '' : ` --config ${values.file}`;
    environment.terminal.write(`next: ${PROGRAM} doctor${named}\nthen: ${PROGRAM} serve${named || ' --config tier0.yaml'}\n`);
    return 0;
  },
};

/** Every answer: an option, else a person's, else what is most likely. */
async function findOut(values: InitOptions, environment: Environment): Promise<ConfigAnswers> {
  const ask = async (given: string | undefined, question: string, likely: string): Promise<string> => {
    if (given !== undefined) return given;
    if (values.yes) return likely;
    return (await environment.ask(`${question} [${likely}] `)).trim() || likely;
  };
  const known = await contextsOf(values.kubeconfig, environment);
  const context = await ask(values.context, `Which cluster? ${known.names.join(', ')}`, known.current);
  chosen({ name: 'The context', given: context, known: known.names });
  const around = await repositoryAround('.', environment.signal);
  const named = await ask(values.repository, 'Which Git repository declares it? A path or an http(s) URL', around ?? '');
  if (named === '') throw missing('Which repository declares the cluster?', 'Name it with --repository: a path or an http(s) URL.');
  const repository = addressFor(toHttpAddress(named), values.file);
  const how = await ask(values.delivery, 'How do merged changes get there? flux NAMESPACE/NAME, argocd NAMESPACE/NAME, rollout', 'rollout');
  const prometheus = await ask(values.prometheus, 'Where is Prometheus? A URL', 'none');
  return {
    name: values.name ?? clusterName(context),
    kubeconfig: known.fileOf(context),
    context,
    repository,
    branch: values.branch ?? (await branchOf(named, environment.signal)),
    path: values.path,
    forge: forgeOf(values, repository),
    delivery: parseDelivery(how),
    prometheus: prometheus === 'none' ? undefined : prometheus,
  };
}

interface KnownContexts {
  readonly names: readonly string[];
  readonly current: string;
  /** Absolute path of the file that names the context. */
  readonly fileOf: (context: string) => string;
}

/** Contexts of all files that kubectl would take. Throws NOT_FOUND and INVALID_INPUT. */
async function contextsOf(file: string | undefined, environment: Environment): Promise<KnownContexts> {
  const contextNames = (text: string) => {
    const { contexts = [] } = (parse(text) ?? {}) as { readonly contexts?: readonly { readonly name?: unknown }[] };
    return contexts.map(({ name }) => String(name));
  };
  const all = await kubeconfigFrom(file, environment);
  const names = contextNames(all);
  const [first] = names;
  if (first === undefined)
    throw missing('The kubeconfig has no context.', 'Make one: "kubectl config set-context NAME --cluster C --user U".');
  const current = String((parse(all) as Record<string, unknown>)['current-context'] ?? '');
  const files = kubeconfigFiles({ file, variables: environment.variables }).map((path) => resolve(path));
  const texts = await Promise.all(files.map(async (path) => ({ path, names: contextNames((await textOf(path)) ?? '') })));
  return {
    names,
    current: names.includes(current) ? current : first,
    fileOf: (context) => texts.find((one) => one.names.includes(context))?.path ?? files[0] ?? '',
  };
}

/** A path counts from the folder of the configuration, as "tier0 serve" reads it; a URL is taken as it is. */
function addressFor(repository: string, file: string): string {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(repository) || isAbsolute(repository)) return repository;
  return relative(resolve(file, '..'), resolve(repository)) || '.';
}

function forgeOf(values: InitOptions, repository: string): GuessedForge {
  const guessed = guessForge(repository);
  const kind = values.forge === undefined ? guessed.kind : chosen({ name: '--forge', given: values.forge, known: FORGE_KINDS });
  if (kind === 'local') return { kind };
  const project = values['forge-project'] ?? guessed.project ?? projectIn(repository);
  if (project === undefined) throw missing(`--forge ${kind} needs --forge-project.`, 'Write it like shop/infra.');
  const url = values['forge-url'] ?? (kind === guessed.kind ? guessed.url : undefined);
  if (kind === 'gitea' && url === undefined) throw missing('--forge gitea needs --forge-url.', 'Write it like https://HOST/api/v1.');
  return { kind, project, ...(url === undefined ? {} : { url }) };
}

function projectIn(repository: string): string | undefined {
  const path = URL.parse(repository)
    ?.pathname.replace(/^\/|\/$/g, '')
    .replace(/\.git$/, '');
  return path?.includes('/') ? path : undefined;
}

async function isWanted(
  text: string,
  { file, isThere }: { readonly file: string; readonly isThere: boolean },
  { terminal, ask }: Environment,
): Promise<boolean> {
  terminal.write(`\n${text}\n`);
  const answer = await ask(
    isThere ? `${file} is there already: replace it with this? yes or no [no] ` : `Write this to ${file}? yes or no [no] `,
  );
  return /^y(es)?$/i.test(answer.trim());
}

async function textOf(file: string): Promise<string | undefined> {
  return await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
}

function isThere(file: string): Tier0Error {
  return new Tier0Error({
    code: 'CONFLICT',
    message: `${file} is there already.`,
    hint: 'Write to another one with --file, or replace it with --force.',
  });
}

function missing(message: string, hint: string): Tier0Error {
  return new Tier0Error({ code: 'INVALID_INPUT', message, hint });
}
