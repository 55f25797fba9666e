import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { admissionRequests, judgeAdmission, manifestFlaws, readAdmissionPolicies } from '@tier0/gitops';
import { restMapping } from '../../packages/gitops/src/gate/admission/rest-mapping.ts';
import { BROKEN_MANIFESTS, SOUND_MANIFESTS } from '../../packages/gitops/src/gate/fixtures/broken-manifests.ts';
import { type DryRuns, isClusterThere, kubectl, openDryRuns } from './server.ts';
import { objectsIn, type PolicyCase, policyCases, updated } from './tuples.ts';

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
  readonly policy: string;
  readonly object: string;
  readonly operation: string;
  readonly server: boolean;
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

/** Everything lives in namespaces `vap-<n>`, and every binding reaches its own only. */
function install(cases: readonly PolicyCase[]): void {
  uninstall(cases);
  const list = (items: readonly Fields[]) => ({ apiVersion: 'v1', kind: 'List', items });
  kubectl(['apply', '-f', '-'], list(cases.map(({ namespace }) => namespace)));
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
  kubectl(['delete', 'namespace', '--ignore-not-found', '--wait=true', '--timeout=120s', ...names]);
}

async function askTuples(cases: readonly PolicyCase[], dryRuns: DryRuns, out: string | undefined): Promise<Agreement> {
  // The policy controller needs a moment; the server compiles a policy when it sees it.
  await new Promise((resolve) => setTimeout(resolve, 15_000));
  const there = new Set(
    kubectl(['get', 'validatingadmissionpolicybinding', '-o', 'name'])
      .stdout.split('\n')
      .map((line) => line.split('/').at(-1)),
  );
  const agreement = newAgreement();
  const recorded: Recorded[] = [];
  for (const one of cases.filter(({ id }) => there.has(id))) {
    for (const object of objectsIn(one.id)) {
      recorded.push(await askTuple(one, { object, before: undefined }, { dryRuns, agreement }));
    }
    for (const before of standing(one.id)) recorded.push(await askTuple(one, { object: updated(before), before }, { dryRuns, agreement }));
  }
  if (out) {
    mkdirSync(out, { recursive: true });
    writeFileSync(join(out, 'tuples.json'), `${JSON.stringify({ cases, verdicts: recorded })}\n`);
  }
  return agreement;
}

interface Asking {
  readonly dryRuns: DryRuns;
  readonly agreement: Agreement;
}

async function askTuple(
  one: PolicyCase,
  { object, before }: { readonly object: Fields; readonly before: Fields | undefined },
  { dryRuns, agreement }: Asking,
): Promise<Recorded> {
  const answer = await dryRuns.ask(before ? 'PUT' : 'POST', object, pathOf(object, before !== undefined));
  const server = answer.accepted || !answer.message.includes('ValidatingAdmissionPolicy');
  const { word, message } = ours(one, object, before);
  const name = `${object.kind}/${(object.metadata as Fields).name}`;
  const operation = before ? 'UPDATE' : 'CREATE';
  count(
    agreement,
    { server, tier0: word },
    `${one.id} ${operation} ${name}: server ${server ? 'takes it' : answer.message}; tier0 ${word} ${message}`,
    message,
  );
  return { policy: one.id, object: name, operation, server, tier0: word, message: answer.message };
}

function ours(one: PolicyCase, object: Fields, before: Fields | undefined): { readonly word: string; readonly message: string } {
  const { policies } = readAdmissionPolicies([one.namespace, one.policy, one.binding, ...one.params], { complete: true });
  const [request] = admissionRequests(object, before, { namespaceObject: () => one.namespace });
  const results = request ? judgeAdmission(policies, request).filter(({ enforcement }) => enforcement === 'deny') : [];
  const worst = results.find(({ outcome }) => outcome === 'violated') ?? results.find(({ outcome }) => outcome === 'undecided');
  return { word: worst ? worst.outcome : 'allowed', message: worst?.message ?? '' };
}

function count(
  agreement: Agreement,
  { server, tier0 }: { readonly server: boolean; readonly tier0: string },
  text: string,
  message: string,
): void {
  agreement.asked++;
  if (tier0 === 'undecided') {
    agreement.undecided++;
    const reason = message
      .replace(/^.*resulted in error: /, '')
      .replace(/"[^"]*"/g, '_')
      .slice(0, 70);
    agreement.reasons.set(reason, (agreement.reasons.get(reason) ?? 0) + 1);
  } else if (server === (tier0 === 'allowed')) agreement.right++;
  else {
    if (server) agreement.refused++;
    else agreement.letIn++;
    agreement.differences.push(text);
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
  const namespace = 'vap-0';
  const agreement = newAgreement();
  const manifests = [
    ...SOUND_MANIFESTS.map((object) => ({ name: `sound ${object.kind}`, object })),
    ...BROKEN_MANIFESTS.map(({ name, object }) => ({ name, object })),
  ].map(({ name, object }) => ({ name, object: placed(object, namespace) }));
  const kinds = new Set<string>();
  for (const { name, object } of manifests) {
    const answer = await dryRuns.ask('POST', object, pathOf(object, false));
    // What the cluster lacks (an account, a class, a scope) is no flaw of the manifest; what another policy of the bench says neither.
    const server =
      answer.accepted || /ValidatingAdmissionPolicy|error looking up service account|no PriorityClass|already exists/.test(answer.message);
    const flaws = manifestFlaws(object);
    kinds.add(String(object.kind));
    const text = `${name} (${object.kind}): server ${server ? 'takes it' : answer.message}; tier0 ${flaws[0]?.message ?? 'takes it'}`;
    count(agreement, { server, tier0: flaws.length > 0 ? 'violated' : 'allowed' }, text, flaws[0]?.message ?? '');
  }
  return { ...agreement, kinds: kinds.size };
}

function placed(object: Fields, namespace: string): Fields {
  const metadata = (object.metadata ?? {}) as Fields;
  return metadata.namespace === undefined ? object : { ...object, metadata: { ...metadata, namespace } };
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
