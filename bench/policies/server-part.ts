import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { admissionRequests, judgeAdmission, manifestFlaws, readAdmissionPolicies } from '@tier0/gitops';
import { restMapping } from '../../packages/gitops/src/gate/admission/rest-mapping.ts';
import { BROKEN_MANIFESTS, SOUND_MANIFESTS } from '../../packages/gitops/src/gate/fixtures/broken-manifests.ts';
import { broken, MORE_MANIFESTS } from './manifests.ts';
import { type DryRuns, isClusterThere, kubectl, openDryRuns } from './server.ts';
import { objectsIn, PARAMETER_KIND, type PolicyCase, policyCases, updated } from './tuples.ts';
import { verdictRecord } from './verdict-record.ts';

type Fields = Readonly<Record<string, unknown>>;

/** How often tier0 and the API server agree. */
export interface Agreement {
  asked: number;
  right: number;
  letIn: number;
  refused: number;
  undecided: number;
  readonly differences: string[];
  readonly reasons: Map<string, number>;
}

/** One verdict, for the record. */
interface Recorded {
  readonly subject: string;
  readonly server: boolean;
  readonly said: string;
  readonly tier0: string;
  readonly message: string;
}

export function newAgreement(): Agreement {
  return { asked: 0, right: 0, letIn: 0, refused: 0, undecided: 0, differences: [], reasons: new Map() };
}

/** Asks a real API server about generated policies and about sound and broken manifests; undefined where no cluster answers. */
export async function askServer(seed: number, count: number, out: string | undefined) {
  if (!isClusterThere()) return undefined;
  const cases = policyCases(seed, count);
  const dryRuns = openDryRuns();
  try {
    install(cases);
    const tuples = await askTuples(cases, dryRuns, out);
    const manifests = await askManifests(dryRuns);
    return { tuples, manifests };
  } finally {
    dryRuns.close();
    uninstall(cases);
  }
}

/** Manifests are asked about where no policy of the bench is: what a policy refuses first, the server's validation never sees. */
const MANIFESTS = 'vap-manifests';
const NO_POLICIES: Fields = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: MANIFESTS } };

/** Everything lives in namespaces `vap-<n>`, and every binding reaches its own only. */
function install(cases: readonly PolicyCase[]): void {
  uninstall(cases);
  const list = (items: readonly Fields[]) => ({ apiVersion: 'v1', kind: 'List', items });
  kubectl(['apply', '-f', '-'], list([PARAMETER_KIND, NO_POLICIES, ...cases.map(({ namespace }) => namespace)]));
  kubectl(['wait', '--for=condition=Established', 'crd/limits.vap.example', '--timeout=30s']);
  kubectl(['apply', '-f', '-'], list(cases.flatMap(({ params, id }) => [...params, ...standing(id)])));
  for (const { policy, binding } of cases) {
    const answer = kubectl(['create', '-f', '-'], list([policy]));
    if (answer.ok) kubectl(['create', '-f', '-'], list([binding]));
    else
      process.stderr.write(
        `the API server does not take policy ${JSON.stringify((policy.metadata as Fields).name)}: ${answer.stderr.slice(0, 200)}\n`,
      );
  }
}

/** Objects that are updated: they have to be there. */
function standing(namespace: string): readonly Fields[] {
  return objectsIn(namespace).filter(({ kind, metadata }) => kind === 'ConfigMap' || (metadata as Fields).name === 'none');
}

function uninstall(cases: readonly PolicyCase[]): void {
  const names = cases.map(({ id }) => id);
  kubectl(['delete', 'validatingadmissionpolicybinding', '--ignore-not-found', '--wait=false', ...names]);
  kubectl(['delete', 'validatingadmissionpolicy', '--ignore-not-found', '--wait=false', ...names]);
  kubectl(['delete', 'crd', '--ignore-not-found', 'limits.vap.example']);
  kubectl(['delete', 'namespace', '--ignore-not-found', '--wait=true', '--timeout=120s', MANIFESTS, ...names]);
}

interface Tuple {
  readonly one: PolicyCase;
  readonly object: Fields;
  readonly before: Fields | undefined;
}

async function askTuples(cases: readonly PolicyCase[], dryRuns: DryRuns, out: string | undefined): Promise<Agreement> {
  // The policy controller needs a moment; the server compiles a policy when it sees it.
  await pause(15_000);
  const there = new Set(
    kubectl(['get', 'validatingadmissionpolicybinding', '-o', 'name'])
      .stdout.split('\n')
      .map((line) => line.split('/').at(-1)),
  );
  const tuples = cases.filter(({ id }) => there.has(id)).flatMap(tuplesOf);
  const verdicts: Recorded[] = [];
  for (const tuple of tuples) verdicts.push(await askTuple(tuple, dryRuns));
  // A parameter or a policy may not have reached the server's cache yet: where we differ it is asked once more, later.
  if (verdicts.some(isDifferent)) await pause(20_000);
  for (const [index, tuple] of tuples.entries())
    if (isDifferent(verdicts[index] as Recorded)) verdicts[index] = await askTuple(tuple, dryRuns);
  const agreement = newAgreement();
  for (const verdict of verdicts) count(agreement, verdict);
  if (out) {
    mkdirSync(out, { recursive: true });
    writeFileSync(join(out, 'tuples.json'), `${JSON.stringify({ cases, verdicts })}\n`);
    writeFileSync(join(out, 'api-server-tuples.json'), `${JSON.stringify(verdictRecord(cases, verdicts, standing))}\n`);
  }
  return agreement;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function tuplesOf(one: PolicyCase): readonly Tuple[] {
  return [
    ...objectsIn(one.id).map((object) => ({ one, object, before: undefined })),
    ...standing(one.id).map((before) => ({ one, object: updated(before), before })),
  ];
}

function isDifferent({ server, tier0 }: Recorded): boolean {
  return tier0 !== 'undecided' && server !== (tier0 === 'allowed');
}

async function askTuple({ one, object, before }: Tuple, dryRuns: DryRuns): Promise<Recorded> {
  const answer = await dryRuns.ask(before ? 'PUT' : 'POST', object, pathOf(object, before !== undefined));
  const { word, message } = ours(one, object, before);
  const name = `${object.kind}/${(object.metadata as Fields).name}`;
  const server = answer.accepted || !answer.message.includes('ValidatingAdmissionPolicy');
  return { subject: `${one.id} ${before ? 'UPDATE' : 'CREATE'} ${name}`, server, said: answer.message, tier0: word, message };
}

function ours(one: PolicyCase, object: Fields, before: Fields | undefined): { readonly word: string; readonly message: string } {
  const { policies } = readAdmissionPolicies([PARAMETER_KIND, one.namespace, one.policy, one.binding, ...one.params], { complete: true });
  const [request] = admissionRequests(object, before, { namespaceObject: () => one.namespace });
  const results = request ? judgeAdmission(policies, request).filter(({ enforcement }) => enforcement === 'deny') : [];
  const worst = results.find(({ outcome }) => outcome === 'violated') ?? results.find(({ outcome }) => outcome === 'undecided');
  return { word: worst ? worst.outcome : 'allowed', message: worst?.message ?? '' };
}

function count(agreement: Agreement, verdict: Recorded): void {
  const { subject, server, said, tier0, message } = verdict;
  agreement.asked++;
  if (tier0 === 'undecided') {
    agreement.undecided++;
    const reason = message
      .replace(/^.*resulted in error: /, '')
      .replace(/"[^"]*"/g, '_')
      .slice(0, 70);
    agreement.reasons.set(reason, (agreement.reasons.get(reason) ?? 0) + 1);
  } else if (!isDifferent(verdict)) agreement.right++;
  else {
    if (server) agreement.refused++;
    else agreement.letIn++;
    agreement.differences.push(`${subject}: server ${server ? 'takes it' : said}; tier0 ${tier0} ${message}`);
  }
}

const mapping = restMapping([]);

function pathOf(object: Fields, named: boolean): string {
  const [group = '', version = ''] = String(object.apiVersion).includes('/')
    ? String(object.apiVersion).split('/')
    : ['', String(object.apiVersion)];
  const metadata = (object.metadata ?? {}) as Fields;
  const served = mapping.of(group, String(object.kind));
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const place = served?.namespaced === false ? '' : `/namespaces/${metadata.namespace ?? 'default'}`;
  return `${root}${place}/${served?.resource ?? 'unknown'}${named ? `/${metadata.name}` : ''}`;
}

/** Sound and broken manifests of many kinds: what our schemas and lints say, and what the server's validation says. */
async function askManifests(dryRuns: DryRuns): Promise<Agreement & { readonly kinds: number }> {
  const namespace = MANIFESTS;
  const agreement = newAgreement();
  const manifests = [
    ...SOUND_MANIFESTS.map((object) => ({ name: `sound ${object.kind}`, object })),
    ...BROKEN_MANIFESTS.map(({ name, object }) => ({ name, object })),
    ...MORE_MANIFESTS.flatMap((object) => [{ name: `sound ${object.kind}`, object }, ...broken(object)]),
  ].map(({ name, object }) => ({ name, object: placed(object, namespace) }));
  const kinds = new Set<string>();
  kubectl(['create', 'serviceaccount', 'web', '-n', namespace]);
  for (const { name, object } of manifests) {
    const answer = await dryRuns.ask('POST', object, pathOf(object, false));
    // What the cluster lacks (an account, a class, a scope) is no flaw of the manifest.
    const server = answer.accepted || /error looking up service account|no PriorityClass|already exists/.test(answer.message);
    // A probe of a port that nobody declared is admitted and never succeeds: that is the kubelet's business.
    const flaws = manifestFlaws(object).filter(
      ({ rule, path }) => rule !== 'undefined-reference' || !/Probe\.(?:httpGet|tcpSocket)\.port$/.test(path),
    );
    kinds.add(String(object.kind));
    const tier0 = flaws.length > 0 ? 'violated' : 'allowed';
    count(agreement, { subject: name, server, said: answer.message, tier0, message: flaws[0]?.message ?? '' });
  }
  return { ...agreement, kinds: kinds.size };
}

function placed(object: Fields, namespace: string): Fields {
  const [group = '', version] = String(object.apiVersion).includes('/') ? String(object.apiVersion).split('/') : ['', object.apiVersion];
  if (!version || mapping.of(group, String(object.kind))?.namespaced === false) return object;
  const metadata = (object.metadata ?? {}) as Fields;
  return { ...object, metadata: { ...metadata, namespace } };
}

/** Fields of the object as the server stored it (in a dry run) that our defaults do not have, or have otherwise. */
export function differingDefaults(stored: unknown, object: unknown, path = ''): readonly string[] {
  if (isDeepStrictEqual(stored, object)) return [];
  if (Array.isArray(stored) && Array.isArray(object) && stored.length === object.length) {
    return stored.flatMap((entry, index) => differingDefaults(entry, object[index], `${path}[${index}]`));
  }
  const maps = [stored, object].every((one) => typeof one === 'object' && one !== null && Object.getPrototypeOf(one) === Object.prototype);
  if (!maps)
    return [
      `${path}: server ${JSON.stringify(stored)}, tier0 ${object === undefined ? 'nothing' : typeof object === 'object' ? String(JSON.stringify(object)) : object}`,
    ];
  const [left, right] = [stored as Fields, object as Fields];
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].flatMap((key) =>
    differingDefaults(left[key], right[key], `${path}.${key}`),
  );
}
