import { readFile } from 'node:fs/promises';
import { createCmdb, createKubernetesSource, kubeconfigFiles } from '@tier0/cmdb';
import type { CallContext, CmdbReader } from '@tier0/core';
import { createHttpClient } from '@tier0/core/http';
import { POLICY_PATH, readPolicy } from '@tier0/gitops';
import { readConfigFile, readConfigText } from '../duty/config/read-config.ts';
import { readSecret } from '../duty/config/secret.ts';
import type { Environment } from '../environment.ts';
import { nothingRead } from '../operations/open-world.ts';
import { PROGRAM } from '../program-name.ts';
import { kubeconfigFrom } from '../world/kubeconfig-from-options.ts';
import { refuseCredentials, withMirror } from '../world/live-item.ts';
import { type CheckResult, check, warn, wrong } from './check.ts';
import { programVersion } from './program-version.ts';

/** What is examined. */
export interface DoctorOptions {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly repository?: string | undefined;
  readonly branch?: string | undefined;
  readonly prometheus?: string | undefined;
  readonly config: string;
}

/** Clocks may differ by this much before times in findings mislead, milliseconds. */
const CLOCK_SKEW_MS = 60_000;
/** Oldest Node that the packages run on: "engines" of their manifests. */
const OLDEST_NODE = [22, 19] as const;

/** Every check, in the order in which one stands on another. */
export async function examine(named: DoctorOptions, environment: Environment, context: CallContext): Promise<readonly CheckResult[]> {
  const options = { ...(await asConfigured(named)), ...withoutGaps(named) };
  return [
    ...(await examineMachine(environment, context)),
    ...(await examineCluster(options, environment, context)),
    ...(await examineRepository(options, environment, context)),
    await check('prometheus', () => prometheusAt(options.prometheus, context)),
    ...(await examineConfiguration(named.config, environment)),
  ].map((result) =>
    result.detail.startsWith(NOT_ASKED) ? { state: 'skipped' as const, name: result.name, detail: result.detail } : result,
  );
}

const NOT_ASKED = 'not looked at: ';

async function examineMachine({ variables }: Environment, context: CallContext): Promise<readonly CheckResult[]> {
  return [
    await check('node', () => nodeVersion(process.versions.node)),
    await check('git', () =>
      programVersion('git', ['--version'], context.signal).catch(() =>
        wrong('git is not on PATH.', 'Install git 2.38 or newer: repositories are read and written with it.'),
      ),
    ),
    await check('kubectl', () =>
      programVersion('kubectl', ['version', '--client'], context.signal).catch(() =>
        warn('kubectl is not on PATH.', 'Install kubectl: fields behind kustomizations are proved with "kubectl kustomize".'),
      ),
    ),
    await check('forge token', () =>
      variables.TIER0_FORGE_TOKEN
        ? 'TIER0_FORGE_TOKEN is set'
        : `${NOT_ASKED}there is no TIER0_FORGE_TOKEN; GitHub, GitLab and Gitea need it, the local forge does not`,
    ),
  ];
}

/** Pure. Throws for a Node that the packages do not run on. */
export function nodeVersion(version: string): string {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldest, oldestMinor] = OLDEST_NODE;
  if (major > oldest || (major === oldest && minor >= oldestMinor)) return version;
  return wrong(`Node ${version} is too old.`, `Install Node ${OLDEST_NODE.join('.')} or newer.`);
}

/** No kubeconfig at all is no fault: much works without a cluster. One that was named, or cannot be used, is. */
function withoutCluster(result: CheckResult, options: DoctorOptions): CheckResult {
  if (result.state !== 'failed' || options.kubeconfig !== undefined || !result.detail.startsWith('There is no kubeconfig')) return result;
  return { state: 'skipped', name: result.name, detail: `${NOT_ASKED}${result.detail} A cluster is named with --kubeconfig FILE` };
}

async function examineCluster(options: DoctorOptions, environment: Environment, context: CallContext): Promise<readonly CheckResult[]> {
  const files = kubeconfigFiles({ file: options.kubeconfig, variables: environment.variables }).join(', ');
  let text = '';
  const looked = await check('kubeconfig', async () => {
    text = await kubeconfigFrom(options.kubeconfig, environment, options.context);
    return files;
  });
  const config = withoutCluster(looked, options);
  const after = (reason: string) =>
    (['API server', 'permissions', 'clock'] as const).map((name) => ({ state: 'skipped' as const, name, detail: reason }));
  if (config.state !== 'ok') return [config, ...after('there is no kubeconfig to use')];
  let reader: CmdbReader | undefined;
  const reached = await check('API server', async () => {
    const cmdb = createCmdb({ sources: [createKubernetesSource({ kubeconfig: text, context: options.context, cluster: 'cluster' })] });
    const report = await cmdb.refresh(context);
    if (report.items === 0) throw nothingRead(report);
    reader = cmdb.reader();
    return `${report.items} items were read`;
  });
  if (reader === undefined) return [config, reached, ...after('the API server could not be read').slice(1)];
  const read = reader;
  return [
    config,
    reached,
    await check('permissions', () => permissionsIn(read)),
    await check('clock', () => clockOf(read.at, context.now())),
  ];
}

function permissionsIn(reader: CmdbReader): string {
  const rows = reader.slices().flatMap((slice) => slice.coverage);
  const refused = [...new Set(rows.filter((row) => row.state === 'forbidden').map((row) => row.kind))];
  const failed = [...new Set(rows.filter((row) => row.state === 'failed').map((row) => `${row.kind} (${row.reason ?? 'failed'})`))];
  if (refused.length > 0)
    warn(
      `"list" is refused for ${refused.join(', ')}.`,
      'Apply docs/guides/read-only-access.yaml: "kubectl apply -f" makes a role that may read them.',
    );
  if (failed.length > 0)
    warn(`Could not be listed: ${failed.join(', ')}.`, 'Look into the log of the API server, or of the extension that serves the kind.');
  return `"list" is allowed for ${new Set(rows.map((row) => row.kind)).size} kinds`;
}

/** Pure. `at` is the server's clock, ISO 8601. */
export function clockOf(at: string, nowMs: number): string {
  const skewMs = Math.abs(Date.parse(at) - nowMs);
  if (skewMs <= CLOCK_SKEW_MS) return 'agrees with that of the API server to the minute';
  return warn(
    `This machine and the API server differ by ${Math.round(skewMs / 1000)} s.`,
    'Set both by NTP: "since when" is told by the clock of the server.',
  );
}

async function examineRepository(
  { repository, branch = 'main' }: DoctorOptions,
  environment: Environment,
  context: CallContext,
): Promise<readonly CheckResult[]> {
  const names = ['repository', 'branch', 'CODEOWNERS', 'policy.yaml'] as const;
  const after = (from: number, reason: string) => names.slice(from).map((name) => ({ state: 'skipped' as const, name, detail: reason }));
  if (repository === undefined) return after(0, 'not looked at: name it with --repository URL');
  const results: CheckResult[] = [];
  results.push(
    await check('repository', async () => {
      refuseCredentials(repository);
      await withMirror(repository, environment, async (mirror) => {
        await mirror.fetch(context);
        results.push(...(await examineBranch(mirror, branch, context)));
      });
      return repository;
    }),
  );
  const [last] = results.slice(-1);
  return last && results.length > 1 ? [last, ...results.slice(0, -1)] : [...results, ...after(1, 'the repository could not be read')];
}

type Mirror = Parameters<Parameters<typeof withMirror>[2]>[0];

async function examineBranch(mirror: Mirror, branch: string, context: CallContext): Promise<readonly CheckResult[]> {
  const commit = await mirror.resolve(branch, context);
  const found = await check('branch', () =>
    commit === undefined
      ? wrong(`There is no branch "${branch}".`, 'Name the branch the cluster is reconciled from with --branch.')
      : `${branch} at ${commit.slice(0, 12)}`,
  );
  if (commit === undefined)
    return [
      found,
      ...['CODEOWNERS', 'policy.yaml'].map((name) => ({ state: 'skipped' as const, name, detail: 'there is no such branch' })),
    ];
  const file = async (path: string) => await mirror.readFile(commit, path, context);
  return [
    found,
    await check('CODEOWNERS', async () => {
      for (const path of ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS']) if ((await file(path)) !== undefined) return path;
      return warn('There is no CODEOWNERS file.', 'Write .github/CODEOWNERS: it says who may approve which folder.');
    }),
    await check('policy.yaml', async () => {
      if ((await file(POLICY_PATH)) === undefined) {
        return warn(
          `There is no ${POLICY_PATH}.`,
          'Write one: it says which changes are allowed and who approves them; without it the built-in policy holds.',
        );
      }
      const reading = await readPolicy(mirror, commit, context);
      if (reading.status === 'malformed')
        return wrong(`${reading.reason}.`, 'Correct it on the branch: until then every change is denied.');
      return `${POLICY_PATH} is in order`;
    }),
  ];
}

async function prometheusAt(url: string | undefined, context: CallContext): Promise<string> {
  if (url === undefined) return `${NOT_ASKED}name it with --prometheus URL; without it no forecasts are made`;
  if (!/^https?:\/\//.test(url)) return wrong(`"${url}" is no address of HTTP.`, 'Write it like http://prometheus.monitoring:9090.');
  const client = createHttpClient({
    name: 'Prometheus',
    baseUrl: url,
    timeoutMs: PROMETHEUS_MS,
    retry: { attempts: 2 },
    hints: {
      unauthorised: 'Name an address that answers without credentials, or a proxy that adds them.',
      forbidden: 'Name an address that answers without credentials, or a proxy that adds them.',
      notFound: 'Name the address below which /api/v1/query answers.',
      unreachable: 'From outside the cluster: "kubectl port-forward -n monitoring svc/prometheus 9090".',
    },
  });
  const found = await countOf(client, 'count(container_memory_working_set_bytes)', context);
  if (found === undefined)
    return wrong(`${url} does not answer as Prometheus does.`, 'Name the address below which /api/v1/query answers.');
  if (found === 0)
    return warn(`${url} has no container_memory_working_set_bytes.`, "Scrape the kubelet's /metrics/cadvisor: forecasts are made from it.");
  return `${url} has memory of ${found} containers`;
}

const PROMETHEUS_MS = 10_000;

/** The one value of an instant query, 0 where there is none; undefined for what is no answer of Prometheus. */
async function countOf(client: ReturnType<typeof createHttpClient>, query: string, context: CallContext): Promise<number | undefined> {
  const answer = await client.send({ path: '/api/v1/query', query: { query } }, context);
  try {
    const { data } = JSON.parse(answer.text()) as {
      readonly data?: { readonly result?: readonly { readonly value?: readonly unknown[] }[] };
    };
    if (!Array.isArray(data?.result)) return undefined;
    return Number(data.result[0]?.value?.[1] ?? 0);
  } catch {
    return undefined;
  }
}

/** What the first cluster of the configuration names, for what was not named; nothing of a configuration that cannot be read. */
async function asConfigured({ config }: DoctorOptions): Promise<Omit<DoctorOptions, 'config'>> {
  const known = await readConfigFile(config).catch(() => undefined);
  const [cluster] = known?.clusters ?? [];
  if (cluster === undefined) return { branch: 'main' };
  const { kubeconfig, context, repository, prometheus } = cluster;
  return { kubeconfig, context, repository: repository.url, branch: repository.branch, prometheus: prometheus?.url };
}

function withoutGaps(named: DoctorOptions): DoctorOptions {
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined)) as unknown as DoctorOptions;
}

/** The file, and every secret that it names. */
async function examineConfiguration(file: string, { variables }: Environment): Promise<readonly CheckResult[]> {
  const own = await check('tier0.yaml', () => configurationIn(file));
  const config = await readConfigFile(file).catch(() => undefined);
  if (config === undefined) return [own];
  const references = config.clusters.flatMap(({ name, repository, forge }) => [
    ...(repository.authorization === undefined ? [] : [{ what: `authorization of ${name}`, reference: repository.authorization }]),
    ...(forge.kind === 'local' ? [] : [{ what: `forge token of ${name}`, reference: forge.token }]),
  ]);
  const secrets = references.map(({ what, reference }) =>
    check(what, async () => {
      await readSecret(reference, variables);
      return 'is there';
    }),
  );
  return [own, ...(await Promise.all(secrets))];
}

async function configurationIn(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined)
    return `${NOT_ASKED}there is no ${file}; "${PROGRAM} init" writes one, "${PROGRAM} config example" prints one to begin with`;
  const reading = readConfigText(text);
  if (reading.status === 'read') return `${file} is in order`;
  const [flaw] = reading.flaws;
  return wrong(
    `${file}${flaw?.line === undefined ? '' : `:${flaw.line}`}: ${flaw?.path}: ${flaw?.message}`,
    `Correct it; "${PROGRAM} config check ${file}" lists everything.`,
  );
}
