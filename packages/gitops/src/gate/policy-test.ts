import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { Tier0Error } from '@tier0/core';
import { readYaml } from '../edit/yaml-source.ts';
import { readManifests } from '../kubernetes/manifests.ts';
import type { AdmissionPolicy } from './admission/admission-policy.ts';
import { admissionRequests, type RequestOptions } from './admission/admission-request.ts';
import { type AdmissionResult, judgeAdmission } from './admission/judge-admission.ts';
import { list, nameOf, texts } from './admission/match-resources.ts';
import { readAdmissionPolicies } from './admission/read-policies.ts';
import { createOpaEngine } from './gatekeeper/opa.ts';
import { filesOf, inDefaultNamespace, kyvernoValues } from './kyverno-values.ts';
import { isMap } from './schema/schema-flaws.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What a policy says of an object: `skip` where it does not speak about it. */
export type PolicyWord = 'pass' | 'fail' | 'skip' | 'error';

/** One expectation of a fixture, and what came of it. */
export interface PolicyTestResult {
  /** File that states the expectation, relative to the tested folder. */
  readonly file: string;
  /** Policy, with its rule where it has rules; `all policies` for the folders `allow` and `deny`. */
  readonly policy: string;
  /** `Deployment/web`. */
  readonly resource: string;
  readonly expected: PolicyWord;
  readonly found: PolicyWord;
  /** Why, where a policy said something. */
  readonly message: string;
}

/** Results in the order of the files, and what was not evaluated. */
export interface PolicyTestReport {
  readonly results: readonly PolicyTestResult[];
  readonly notEvaluated: readonly string[];
}

/**
 * Runs policies against their fixtures. A folder is laid out in one of two ways, at any depth:
 * - `kyverno-test.yaml` in the format of the Kyverno CLI (`policies`, `resources`, `results` with `pass`, `fail` or `skip`);
 * - policies beside the folders `allow/` and `deny/`, whose objects every policy must let in, or at least one must refuse.
 *
 * Throws NOT_FOUND for a folder without fixtures, INVALID_INPUT for a file that cannot be read.
 */
export async function runPolicyTests(directory: string): Promise<PolicyTestReport> {
  const files = (await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []))
    .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const reports: PolicyTestReport[] = [];
  for (const file of files.filter((path) => /(?:^|[/\\])kyverno-test\.ya?ml$/.test(path)))
    reports.push(await runKyvernoTest(directory, file));
  const homes = new Set(files.filter((path) => /[/\\](?:allow|deny)[/\\][^/\\]+$/.test(path)).map((path) => dirname(dirname(path))));
  for (const home of homes) reports.push(await runFolders(directory, home, files));
  if (reports.length === 0) {
    throw new Tier0Error({
      code: 'NOT_FOUND',
      message: `There are no policy tests in ${directory}.`,
      hint: 'Put objects into the folders allow/ and deny/ beside the policies, or write a kyverno-test.yaml.',
    });
  }
  return {
    results: reports.flatMap((report) => report.results),
    notEvaluated: [...new Set(reports.flatMap((report) => report.notEvaluated))],
  };
}

async function runFolders(root: string, home: string, files: readonly string[]): Promise<PolicyTestReport> {
  const world = await objectsIn(files.filter((file) => dirname(file) === home));
  const { policies: all, notEvaluated } = readAdmissionPolicies(world, { evenUnbound: true, complete: true, rego: createOpaEngine });
  // A binding without Deny refuses nothing; Kyverno's policies are written to be enforced some day, and are tested so.
  const policies = all.filter(({ name, enforcement }) => enforcement === 'deny' || !name.startsWith('ValidatingAdmissionPolicy/'));
  const results: PolicyTestResult[] = [];
  for (const [folder, expected] of [
    ['allow', 'pass'],
    ['deny', 'fail'],
  ] as const) {
    for (const file of files.filter((path) => dirname(path) === join(home, folder))) {
      for (const object of await objectsIn([file])) {
        const { word, message } = judgeAll(policies, object, { namespaceObject: namespaceIn(world) });
        // A policy that does not speak about an object lets it in.
        const found = expected === 'pass' && word === 'skip' ? 'pass' : word;
        results.push({ file: relative(root, file), policy: 'all policies', resource: subjectOf(object), expected, found, message });
      }
    }
  }
  return { results, notEvaluated };
}

async function runKyvernoTest(root: string, file: string): Promise<PolicyTestReport> {
  const [document] = await documentsIn(file);
  const test = isMap(document) ? document : {};
  const home = dirname(file);
  const named = (key: string) => filesOf(test, key).map((path) => join(home, path));
  const resources = (await objectsIn(named('resources'))).map(inDefaultNamespace);
  const policyObjects = [...(await objectsIn(named('policies'))), ...(await objectsIn(named('paramResources')))];
  const [values] = await Promise.all(named('variables').map(documentsIn));
  const [userInfo] = await Promise.all(named('userinfo').map(documentsIn));
  const given = kyvernoValues(test, { values: isMap(values?.[0]) ? values[0] : {}, userInfo: userInfo?.[0], resources });
  const { policies, notEvaluated } = readAdmissionPolicies(policyObjects, { evenUnbound: true, complete: true, rego: createOpaEngine });
  const results = list(test.results).flatMap((row) => {
    const chosen = policies.filter((policy) => isNamed(policy, row));
    const policy = String(row.policy ?? '')
      .split('/')
      .at(-1);
    return resourcesOf(row, resources).map((resource): PolicyTestResult => {
      const object = resource.object && nameOf(resource.object);
      const options = {
        ...given,
        defaults: false,
        operation: given.operation(policy ?? '', object ?? ''),
        values: given.values(policy ?? '', object ?? ''),
      };
      const { word, message } = resource.object
        ? judgeAll(chosen, resource.object, options)
        : { word: 'error' as const, message: 'there is no such resource' };
      return {
        file: relative(root, file),
        policy: [row.policy, row.rule].filter(Boolean).join('/'),
        resource: resource.name,
        expected: wordOf(row.result),
        found: chosen.length === 0 ? 'error' : word,
        message: chosen.length === 0 ? whyMissing(row, notEvaluated) : message,
      };
    });
  });
  return { results, notEvaluated: [...notEvaluated, ...given.notUsed.map((line) => `${relative(root, file)}: ${line}`)] };
}

/** Why no policy was asked for an expectation. */
function whyMissing(row: Fields, notEvaluated: readonly string[]): string {
  const name = String(row.policy ?? '')
    .split('/')
    .at(-1);
  const rule = String(row.rule ?? '').replace(/^autogen-(?:cronjob-)?/, '');
  const line = notEvaluated.find((one) => one.includes(`/${name}/${rule}`) || one.includes(`/${name}: `));
  return line ? line.replace(/^[^:]*: /, '') : 'there is no such policy';
}

function isNamed(policy: AdmissionPolicy, row: Fields): boolean {
  const [, name, rule] = policy.name.split('/');
  const wanted = String(row.policy ?? '')
    .split('/')
    .at(-1);
  return (
    name === wanted && (rule === undefined || row.rule === undefined || String(row.rule).replace(/^autogen-(?:cronjob-)?/, '') === rule)
  );
}

function resourcesOf(row: Fields, resources: readonly Fields[]): readonly { readonly name: string; readonly object: Fields | undefined }[] {
  const names = [...texts(row.resources), ...(typeof row.resource === 'string' ? [row.resource] : [])];
  const ofKind = resources.filter((object) => row.kind === undefined || object.kind === row.kind);
  if (names.length === 0) return ofKind.map((object) => ({ name: subjectOf(object), object }));
  return names.map((name) => {
    const [short, namespace] = name.split('/').reverse();
    const object = ofKind.find(
      (candidate) =>
        nameOf(candidate) === short &&
        (namespace === undefined || (isMap(candidate.metadata) && candidate.metadata.namespace === namespace)),
    );
    return { name: object ? subjectOf(object) : name, object };
  });
}

/** The worst word of all policies on an object and on the pods it will make. */
function judgeAll(
  policies: readonly AdmissionPolicy[],
  object: Fields,
  options: RequestOptions,
): { readonly word: PolicyWord; readonly message: string } {
  // The Kyverno CLI takes an update for one that changes nothing.
  const before = options.operation === 'UPDATE' ? object : undefined;
  const results = admissionRequests(object, before, options).flatMap((request) => judgeAdmission(policies, request));
  const worst = (outcome: AdmissionResult['outcome']) => results.find((result) => result.outcome === outcome);
  const violated = worst('violated');
  if (violated) return { word: 'fail', message: `${violated.policy}: ${violated.message}` };
  const undecided = worst('undecided');
  if (undecided) return { word: 'error', message: `${undecided.policy}: ${undecided.message}` };
  return worst('passed') ? { word: 'pass', message: '' } : { word: 'skip', message: 'no policy speaks about it' };
}

function namespaceIn(world: readonly Fields[]): (name: string) => Fields | undefined {
  return (name) => world.find((object) => object.kind === 'Namespace' && object.apiVersion === 'v1' && nameOf(object) === name);
}

function wordOf(value: unknown): PolicyWord {
  return value === 'pass' || value === 'fail' || value === 'skip' ? value : 'error';
}

function subjectOf(object: Fields): string {
  return `${object.kind}/${nameOf(object)}`;
}

async function objectsIn(files: readonly string[]): Promise<readonly Fields[]> {
  const texts = new Map<string, string>();
  for (const file of files) texts.set(file, await readText(file));
  const reading = readManifests(texts);
  if (reading.unreadable[0]) throw unreadable(reading.unreadable[0]);
  return reading.manifests.map((manifest) => manifest.object);
}

async function documentsIn(file: string): Promise<readonly unknown[]> {
  const reading = readYaml(await readText(file));
  if (reading.status === 'unreadable') throw unreadable(`${file} is ${reading.reason}`);
  return reading.source.values;
}

async function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause) => {
    throw new Tier0Error({
      code: 'INVALID_INPUT',
      message: `${file} cannot be read.`,
      hint: 'A test names its files relative to itself.',
      cause,
    });
  });
}

function unreadable(message: string): Tier0Error {
  return new Tier0Error({ code: 'INVALID_INPUT', message: `${message}.`, hint: 'Mend the file and run the tests again.' });
}

/** Whether every expectation was met. */
export function allMet(report: PolicyTestReport): boolean {
  return report.results.every((result) => result.expected === result.found);
}
