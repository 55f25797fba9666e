import { describe, expect, test } from 'vitest';
import { createOpaEngine } from '../gatekeeper/opa.ts';
import type { RegoEngine } from '../gatekeeper/rego-engine.ts';
import { admissionRequests } from './admission-request.ts';
import { judgeAdmission } from './judge-admission.ts';
import { readAdmissionPolicies } from './read-policies.ts';

const REGO = `package k8srequiredlabels
violation[{"msg": msg}] {
  wanted := {label | label := input.parameters.labels[_]}
  given := {label | input.review.object.metadata.labels[label]}
  missing := wanted - given
  count(missing) > 0
  msg := sprintf("%v lacks %v", [input.review.kind.kind, missing])
}
`;
const template = (rego = REGO, more: object = {}) => ({
  apiVersion: 'templates.gatekeeper.sh/v1',
  kind: 'ConstraintTemplate',
  metadata: { name: 'k8srequiredlabels' },
  spec: { crd: { spec: { names: { kind: 'K8sRequiredLabels' } } }, targets: [{ target: 'admission.k8s.gatekeeper.sh', rego, ...more }] },
});
const constraint = (match: object = {}, more: object = {}) => ({
  apiVersion: 'constraints.gatekeeper.sh/v1beta1',
  kind: 'K8sRequiredLabels',
  metadata: { name: 'owner' },
  spec: { match, parameters: { labels: ['owner'] }, ...more },
});
const deployment = (labels: object = {}, namespace: string | undefined = 'shop') => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace, labels },
  spec: { template: { metadata: { labels }, spec: { containers: [] } } },
});

/** Refuses whatever it is asked about: what is tested with it is who is asked. */
const refusing: RegoEngine = { evaluate: () => ({ status: 'answered', violations: ['no'] }) };

function verdicts(
  objects: readonly object[],
  object: object,
  rego: () => RegoEngine | undefined,
  namespaceObject?: Readonly<Record<string, unknown>>,
) {
  const { policies, notEvaluated } = readAdmissionPolicies(objects as never, { complete: true, rego });
  const [request] = admissionRequests(object as never, undefined, { namespaceObject: () => namespaceObject });
  return { notEvaluated, results: request ? judgeAdmission(policies, request) : [] };
}

describe('constraints of Gatekeeper', () => {
  test.each<readonly [string, object, boolean]>([
    ['nothing said', {}, true],
    ['its kind', { kinds: [{ apiGroups: ['apps'], kinds: ['Deployment'] }] }, true],
    ['another group', { kinds: [{ apiGroups: [''], kinds: ['Deployment'] }] }, false],
    ['any kind', { kinds: [{ apiGroups: ['*'], kinds: ['*'] }] }, true],
    ['its namespace', { namespaces: ['shop'] }, true],
    ['a glob of namespaces', { namespaces: ['sh*'] }, true],
    ['another namespace', { namespaces: ['prod-*'] }, false],
    ['its namespace taken out', { excludedNamespaces: ['*op'] }, false],
    ['the scope of clusters', { scope: 'Cluster' }, false],
    ['the scope of namespaces', { scope: 'Namespaced' }, true],
    ['a label', { labelSelector: { matchLabels: { tier: 'web' } } }, false],
    ['a label of the namespace', { namespaceSelector: { matchLabels: { team: 'a' } } }, true],
    ['its name', { name: 'we*' }, true],
    ['another name', { name: 'api' }, false],
  ])('match %s', (_, match, isAsked) => {
    const namespace = { metadata: { name: 'shop', labels: { team: 'a' } } };
    const { results } = verdicts([template(), constraint(match)], deployment(), () => refusing, namespace);
    expect(results.length === 1).toBe(isAsked);
  });

  test('the action decides what a violation does', () => {
    for (const [action, enforcement] of [
      [undefined, 'deny'],
      ['deny', 'deny'],
      ['warn', 'warn'],
      ['dryrun', 'audit'],
      ['scoped', 'deny'],
    ] as const)
      expect(verdicts([template(), constraint({}, { enforcementAction: action })], deployment(), () => refusing).results[0]).toMatchObject({
        enforcement,
        outcome: 'violated',
      });
  });

  test('what cannot be known is not decided', () => {
    const { results } = verdicts(
      [template(), constraint({ namespaceSelector: { matchLabels: { team: 'a' } } })],
      deployment(),
      () => refusing,
    );
    expect(results[0]).toMatchObject({ outcome: 'undecided' });
    const failing: RegoEngine = { evaluate: () => ({ status: 'failed', reason: 'it broke' }) };
    expect(verdicts([template(), constraint()], deployment(), () => failing).results[0]).toMatchObject({
      outcome: 'undecided',
      message: 'it broke',
    });
  });

  test.each<readonly [string, readonly object[], RegExp]>([
    ['without opa', [template(), constraint()], /K8sRequiredLabels\/owner: it is written in Rego, and opa is not on PATH/],
    ['a constraint alone', [constraint()], /its ConstraintTemplate is not here/],
    ['a template alone', [template()], /no constraint of kind K8sRequiredLabels/],
    [
      'CEL in a template',
      [template(undefined, { rego: undefined, code: [{ engine: 'K8sNativeValidation', source: {} }] }), constraint()],
      /K8sNativeValidation is not evaluated/,
    ],
    ['other objects', [template('package a\nviolation[{"msg": "x"}] { data.inventory.cluster }'), constraint()], /data\.inventory/],
  ])('%s is named', (_, objects, reason) => {
    const { results, notEvaluated } = verdicts(objects, deployment(), () => undefined);
    expect([results, notEvaluated]).toEqual([[], [expect.stringMatching(reason)]]);
  });
});

const opa = createOpaEngine();

describe.skipIf(!opa)('evaluated by opa (skipped where opa is not on PATH)', () => {
  const engine = () => opa;

  test('a violation is told in its words, and what is right passes', () => {
    const objects = [template(), constraint()];
    expect(verdicts(objects, deployment(), engine).results[0]).toMatchObject({
      outcome: 'violated',
      message: 'Deployment lacks {"owner"}',
    });
    expect(verdicts(objects, deployment({ owner: 'a' }), engine).results[0]).toMatchObject({ outcome: 'passed' });
  });

  test('libraries and the newer syntax are read', () => {
    const rego = 'package a\nimport data.lib.names\nviolation contains {"msg": msg} if { names.bad(input.review.name); msg := "bad name" }';
    const libs = ['package lib.names\nbad(name) if name == "web"'];
    const code = [{ engine: 'Rego', source: { rego, libs, version: 'v1' } }];
    expect(verdicts([template(undefined, { rego: undefined, code }), constraint()], deployment(), engine).results[0]).toMatchObject({
      outcome: 'violated',
      message: 'bad name',
    });
  });

  test.each([
    ['the network', 'http.send({"method": "get", "url": "http://127.0.0.1:9"}).status_code == 200'],
    ['names of hosts', 'net.lookup_ip_addr("localhost")'],
    ['the environment', 'opa.runtime().env.HOME'],
    ['the clock', 'time.now_ns() > 0'],
    ['nothing that is Rego', 'no such thing'],
  ])('a policy that asks for %s is not decided', (_, body) => {
    const objects = [template(`package a\nviolation[{"msg": "x"}] { ${body} }`), constraint()];
    expect(verdicts(objects, deployment(), engine).results[0]).toMatchObject({
      outcome: 'undecided',
      message: expect.stringMatching(/^opa: /),
    });
  });
});
