import { runCel } from '../../packages/gitops/src/gate/cel/expression.ts';
import { showValue } from '../../packages/gitops/src/gate/cel/testing/show-value.ts';
import { toCel } from '../../packages/gitops/src/gate/cel/values/value.ts';
import { spreadOf } from '../frame/measure.ts';
import { readOptions } from '../frame/options.ts';
import { publish, type Row, toRecord } from '../frame/record.ts';
import { askOracle, sameAnswer } from './cel-oracle.ts';
import { isConstraintLibrary, onConstraints } from './constraints-part.ts';
import { type Expectations, isControlLibrary, onControls, onKyvernoTests } from './data-part.ts';
import { expressions, OBJECT } from './expressions.ts';
import { askKyverno } from './kyverno-part.ts';
import { onPods } from './pods-part.ts';
import { type Agreement, askServer } from './server-part.ts';

const options = readOptions(['part', 'seed', 'cases', 'out']);
const parts = options.value('part')?.split(',') ?? (options.data === undefined ? ['cel', 'server'] : ['data']);
const rows: Row[] = [];
const notes: string[] = [];

if (parts.includes('cel')) onCel();
if (parts.includes('kyverno')) onKyverno();
if (parts.includes('server') || parts.includes('oracle')) await onServer();
if (parts.includes('data') && options.data !== undefined) await onData(options.data);
publish(toRecord('policies', { rows, ratios: [], notes, peers: [] }), options.json);

function row(measure: string, value: number, unit: string, n: number): void {
  rows.push({ measure, subject: 'tier0', unit, ...spreadOf([value]), n });
}

/** Every function and operator of CEL, beside the API server's own implementation. */
function onCel(): void {
  const all = expressions();
  const answers = askOracle(all, OBJECT);
  if (!answers) {
    notes.push("Go is not here or could not build bench/policies/cel-oracle: the API server's CEL was not asked.");
    return;
  }
  const object = toCel(OBJECT);
  const asked = all.flatMap((expression, index) => {
    const answer = answers[index];
    return answer && answer.refused === undefined ? [{ expression, answer }] : [];
  });
  const different = asked.filter(({ expression, answer }) => {
    const result = runCel(expression, new Map([['object', object]]));
    return !sameAnswer(answer, result.status === 'error' ? undefined : showValue(result.value));
  });
  row('CEL: expressions that compile', asked.length, 'expressions', all.length);
  row('CEL: another value', different.length, 'expressions', asked.length);
  notes.push(
    ...different.slice(0, 20).map(({ expression, answer }) => `CEL: ${expression}: the API server says ${JSON.stringify(answer)}`),
  );
}

/** Kyverno's JMESPath and condition operators, beside Kyverno's own code. */
function onKyverno(): void {
  const found = askKyverno(options.value('out'));
  if (!found) {
    notes.push(
      'TIER0_KYVERNO_ORACLE names no program (bench/policies/kyverno-oracle, built in a checkout of Kyverno): Kyverno was not asked.',
    );
    return;
  }
  row('Kyverno: questions', found.asked, 'questions', found.asked);
  row('Kyverno: not decided', found.undecided, 'questions', found.asked);
  row('Kyverno: another answer', found.different.length, 'questions', found.asked - found.undecided);
  notes.push(...found.different.slice(0, 20).map((line) => `Kyverno: ${line}`));
}

/** Generated policies and manifests, beside a real API server. */
async function onServer(): Promise<void> {
  const found = await askServer(options.count('seed', 1), options.count('cases', 80), options.value('out'));
  if (!found) {
    notes.push('No cluster answers (KUBECONFIG, and TIER0_KUBECTL where kubectl needs a way to it): the API server was not asked.');
    return;
  }
  report('server: (policy, binding, parameter, object, operation)', found.tuples);
  report(`server: manifests of ${found.manifests.kinds} kinds`, found.manifests);
}

function report(over: string, agreement: Agreement): void {
  const decided = agreement.asked - agreement.undecided;
  row(`${over}: asked`, agreement.asked, 'verdicts', agreement.asked);
  row(`${over}: decided`, decided, 'verdicts', agreement.asked);
  row(`${over}: equal, of what is decided`, decided === 0 ? 0 : agreement.right / decided, 'share', decided);
  row(`${over}: let in, and the server refuses`, agreement.letIn, 'verdicts', decided);
  row(`${over}: refused, and the server takes it`, agreement.refused, 'verdicts', decided);
  notes.push(...agreement.differences.slice(0, 40).map((difference) => `${over}: ${difference}`));
  notes.push(...[...agreement.reasons].sort((a, b) => b[1] - a[1]).map(([reason, count]) => `not decided: ${count} x ${reason}`));
}

/** Other people's own tests: kyverno/policies, kubescape/cel-admission-library, gatekeeper-library, or the pods of k8s.io/pod-security-admission. */
async function onData(root: string): Promise<void> {
  const pods = onPods(root);
  if (pods) {
    row('data: pods of the Pod Security Standards', pods.pods, 'pods', pods.pods);
    row('data: pods let in, and Kubernetes refuses them', pods.letIn.length, 'pods', pods.pods);
    row('data: pods refused, and Kubernetes takes them', pods.refused.length, 'pods', pods.pods);
    notes.push(...[...pods.letIn, ...pods.refused].slice(0, 20));
    return;
  }
  const isLibrary = isControlLibrary(root);
  const areConstraints = isConstraintLibrary(root);
  const found: Expectations = areConstraints ? onConstraints(root) : isLibrary ? onControls(root) : await onKyvernoTests(root);
  const over = areConstraints ? 'data: samples of constraints' : isLibrary ? 'data: tests of controls' : 'data: kyverno-test.yaml';
  const evaluated = found.right + found.wrong;
  const skipped = [...found.notEvaluated.values()].reduce((sum, count) => sum + count, 0);
  row(`${over}: evaluated`, evaluated, 'expectations', evaluated + skipped);
  row(`${over}: right, of what is evaluated`, evaluated === 0 ? 0 : found.right / evaluated, 'share', evaluated);
  row(`${over}: let in, and must be refused`, found.letIn, 'expectations', evaluated);
  row(`${over}: not evaluated`, skipped, 'expectations', evaluated + skipped);
  notes.push(...found.differences.slice(0, 20));
  notes.push(...[...found.notEvaluated].sort((a, b) => b[1] - a[1]).map(([reason, count]) => `not evaluated: ${count} x ${reason}`));
}
