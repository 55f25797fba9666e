import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { type JsonValue, writeField } from '@tier0/core';
import { admissionRequests, judgeAdmission, readAdmissionPolicies, runPolicyTests } from '@tier0/gitops';
import { parse, parseAllDocuments } from 'yaml';

type Fields = Readonly<Record<string, unknown>>;

/** How many expectations of other people's own tests are met. */
export interface Expectations {
  right: number;
  wrong: number;
  /** Of the wrong ones: let in, and must be refused. */
  letIn: number;
  readonly notEvaluated: Map<string, number>;
  readonly differences: string[];
}

export function newExpectations(): Expectations {
  return { right: 0, wrong: 0, letIn: 0, notEvaluated: new Map(), differences: [] };
}

/** Every `kyverno-test.yaml` below a folder. */
export async function onKyvernoTests(root: string): Promise<Expectations> {
  const found = newExpectations();
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter(({ name }) => /^kyverno-test\.ya?ml$/.test(name));
  for (const folder of [...new Set(files.map(({ parentPath }) => parentPath))].sort()) {
    const report = await runPolicyTests(folder).catch((error: Error) => error);
    if (report instanceof Error) {
      skip(found, `the test cannot be read: ${report.message.replace(/.*\/|`[^`]*`/g, '').slice(0, 60)}`);
      continue;
    }
    for (const result of report.results) {
      const text = `${relative(root, folder)} ${result.policy} ${result.resource}: ${result.found}, expected ${result.expected}; ${result.message}`;
      if (result.found === 'error') skip(found, result.message.replace(/.*resulted in error: /, '').replace(/["'][^"']*["']/g, '_'));
      else tally(found, result.expected === 'fail', result.expected === result.found, text);
    }
  }
  return found;
}

/** Counts an expectation that is not evaluated, by its reason. */
export function skip(found: Expectations, reason: string): void {
  found.notEvaluated.set(reason, (found.notEvaluated.get(reason) ?? 0) + 1);
}

/** Counts an expectation that is evaluated; a difference is kept. */
export function tally(found: Expectations, mustRefuse: boolean, met: boolean, text: string): void {
  if (met) found.right++;
  else {
    found.wrong++;
    if (mustRefuse) found.letIn++;
    found.differences.push(text);
  }
}

interface ControlTest {
  readonly name: string;
  readonly template: string;
  readonly expected: 'pass' | 'fail' | 'warn';
  readonly param_template?: string;
  readonly binding_template?: string;
  readonly field_change_list?: readonly string[];
}

/** Kubescape's library: a control has a policy and tests that change a template object field by field. */
export function onControls(root: string): Expectations {
  const found = newExpectations();
  const files = readdirSync(join(root, 'controls'), { recursive: true, withFileTypes: true }).filter(({ name }) => name === 'tests.json');
  for (const folder of files.map(({ parentPath }) => parentPath).sort()) {
    const policies = objectsIn(join(folder, 'policy.yaml'));
    for (const test of JSON.parse(readFileSync(join(folder, 'tests.json'), 'utf8')) as readonly ControlTest[]) {
      const configuration = objectsIn(join(root, 'test-resources', test.param_template ?? 'default-control-configuration.yaml'));
      onControl({ policies, configuration, test, root, folder }, found);
    }
  }
  return found;
}

interface Control {
  readonly policies: readonly Fields[];
  readonly configuration: readonly Fields[];
  readonly test: ControlTest;
  readonly root: string;
  readonly folder: string;
}

function onControl({ policies, configuration, test, root, folder }: Control, found: Expectations): void {
  const file = join(root, 'test-resources', test.template);
  if (!existsSync(file)) {
    skip(found, 'the template is not there');
    return;
  }
  const object = changed(parse(readFileSync(file, 'utf8')) as JsonValue, test.field_change_list ?? []) as Fields;
  const bindings = policies
    .filter(({ kind }) => kind === 'ValidatingAdmissionPolicy')
    .map(({ metadata }) =>
      bindingFor(String((metadata as Fields).name), configuration[0], test.binding_template?.includes('warn') ? 'Warn' : 'Deny'),
    );
  const { policies: read } = readAdmissionPolicies([...policies, ...bindings, ...configuration], { complete: true });
  const [request] = admissionRequests(object, undefined, { namespaceObject: (name) => ({ metadata: { name } }), namespace: 'default' });
  const results = request ? judgeAdmission(read, request) : [];
  if (!results.some(({ outcome }) => outcome === 'violated')) {
    const open = results.find(({ outcome }) => outcome === 'undecided');
    if (open) {
      skip(found, open.message.replace(/.*resulted in error: /, '').slice(0, 80));
      return;
    }
  }
  const violated = results.find(({ outcome }) => outcome === 'violated');
  const word = violated ? (violated.enforcement === 'deny' ? 'fail' : 'warn') : 'pass';
  tally(
    found,
    test.expected === 'fail',
    word === test.expected,
    `${relative(root, folder)}: ${test.name}: ${word} ${results.map(({ message }) => message).join(' ')}`,
  );
}

function bindingFor(policyName: string, configuration: Fields | undefined, action: string): Fields {
  const name = (configuration?.metadata as Fields | undefined)?.name;
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: policyName },
    spec: { policyName, validationActions: [action], paramRef: { name, parameterNotFoundAction: 'Deny' } },
  };
}

function changed(object: JsonValue, changes: readonly string[]): JsonValue {
  return changes.reduce<JsonValue>((now, change) => {
    const at = change.indexOf('=');
    const path = change
      .slice(0, at)
      .split('.')
      .map((step) => (/^\[\d+\]$/.test(step) ? Number(step.slice(1, -1)) : step));
    return writeField(now, path, jsonOrText(change.slice(at + 1))) as JsonValue;
  }, object);
}

function jsonOrText(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text;
  }
}

function objectsIn(file: string): readonly Fields[] {
  if (!existsSync(file)) return [];
  return parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS() as Fields);
}

/** Whether a folder is laid out as Kubescape's library. */
export function isControlLibrary(root: string): boolean {
  return existsSync(join(root, 'controls')) && existsSync(join(root, 'test-resources')) && dirname(root) !== root;
}
