import { type JsonValue, readField } from '@tier0/core';
import { groupKindOf, groupVersionOf } from '../../kubernetes/group-kind.ts';
import type { RegoEngine, RegoModule } from '../gatekeeper/rego-engine.ts';
import { isMap } from '../schema/schema-flaws.ts';
import type { AdmissionPolicy, Enforcement, PolicyVerdict } from './admission-policy.ts';
import type { AdmissionRequest } from './admission-request.ts';
import { labelsOf, list, matchSelector, nameOf, namespaceLabels, texts } from './match-resources.ts';
import { allOf, type Matching, matching } from './matching.ts';
import type { RestMapping } from './rest-mapping.ts';

type Fields = Readonly<Record<string, unknown>>;

const TEMPLATE = 'templates.gatekeeper.sh/ConstraintTemplate';
const CONSTRAINT_GROUP = 'constraints.gatekeeper.sh';

/** What is around constraints while they are read. */
export interface GatekeeperWorld {
  readonly objects: readonly Fields[];
  readonly mapping: RestMapping;
  /** Undefined: nothing here evaluates Rego. */
  readonly rego: RegoEngine | undefined;
}

/** Constraints that can be judged, and a line for each that cannot. */
export interface Constraints {
  readonly policies: readonly AdmissionPolicy[];
  readonly notEvaluated: readonly string[];
}

/** Whether an object is Gatekeeper's: a template, or a constraint. */
export function isOfGatekeeper(object: Fields): boolean {
  return groupKindOf(object) === TEMPLATE || groupVersionOf(object).group === CONSTRAINT_GROUP;
}

/** Kinds of constraints that templates among the objects define. */
export function constraintKinds(objects: readonly Fields[]): readonly string[] {
  return objects.filter((object) => groupKindOf(object) === TEMPLATE).map(kindOfTemplate);
}

function kindOfTemplate(template: Fields): string {
  return String(readField(template, ['spec', 'crd', 'spec', 'names', 'kind']) ?? '');
}

/** Reads the constraints of Gatekeeper with the templates that say what they mean. */
export function readConstraints(world: GatekeeperWorld): Constraints {
  const [policies, notEvaluated]: [AdmissionPolicy[], string[]] = [[], []];
  const templates = new Map(world.objects.filter((object) => groupKindOf(object) === TEMPLATE).map((one) => [kindOfTemplate(one), one]));
  const constraints = world.objects.filter((object) => groupVersionOf(object).group === CONSTRAINT_GROUP);
  for (const constraint of constraints) {
    const name = `${constraint.kind}/${nameOf(constraint)}`;
    const module = moduleOf(templates.get(String(constraint.kind)));
    const reason = typeof module === 'string' ? module : world.rego ? undefined : 'it is written in Rego, and opa is not on PATH';
    if (reason !== undefined) notEvaluated.push(`${name}: ${reason}; the cluster's own admission judges it`);
    else policies.push(policyOf(constraint, module as RegoModule, world));
  }
  for (const [kind, template] of templates)
    if (!constraints.some((constraint) => constraint.kind === kind))
      notEvaluated.push(`ConstraintTemplate/${nameOf(template)}: no constraint of kind ${kind} puts it into force`);
  return { policies, notEvaluated };
}

/** The Rego of a template, or why there is none to evaluate. */
function moduleOf(template: Fields | undefined): RegoModule | string {
  if (!template) return 'its ConstraintTemplate is not here';
  const [target] = list(readField(template, ['spec', 'targets']));
  const engines = list(target?.code);
  const source = engines.find(({ engine }) => engine === 'Rego')?.source;
  const holder = isMap(source) ? source : (target ?? {});
  if (typeof holder.rego !== 'string')
    return engines.length > 0
      ? `its engine ${engines.map(({ engine }) => engine).join(', ')} is not evaluated here`
      : 'its template holds no Rego';
  const module: RegoModule = { rego: holder.rego, libs: texts(holder.libs), version: holder.version === 'v1' ? 'v1' : 'v0' };
  const asks = [module.rego, ...module.libs].find((text) => /\bdata\.inventory\b|\bdata\[/.test(text));
  if (asks !== undefined) return 'it asks for other objects of the cluster (data.inventory)';
  return module;
}

function policyOf(constraint: Fields, module: RegoModule, { mapping, rego }: GatekeeperWorld): AdmissionPolicy {
  const match = readField(constraint, ['spec', 'match']);
  const parameters = readField(constraint, ['spec', 'parameters']) ?? {};
  const { group } = groupVersionOf(constraint);
  return {
    name: `${constraint.kind}/${nameOf(constraint)}`,
    enforcement: enforcementOf(readField(constraint, ['spec', 'enforcementAction'])),
    match: (request) => matchConstraint(isMap(match) ? match : {}, request, mapping),
    failurePolicy: 'Fail',
    conditions: [],
    variables: [],
    validations: [],
    resource: ({ object }) => mapping.of(groupVersionOf(object).group, String(object.kind)) ?? mapping.of(group, String(object.kind)),
    judge: (request) => judgeByRego(rego as RegoEngine, module, { review: reviewOf(request), parameters: parameters as JsonValue }),
  };
}

function enforcementOf(action: unknown): Enforcement {
  return action === 'warn' ? 'warn' : action === 'dryrun' ? 'audit' : 'deny';
}

function judgeByRego(
  rego: RegoEngine,
  module: RegoModule,
  input: { readonly review: Fields; readonly parameters: JsonValue },
): PolicyVerdict {
  const answer = rego.evaluate(module, input);
  if (answer.status === 'failed') return { outcome: 'undecided', message: answer.reason };
  return answer.violations.length === 0 ? { outcome: 'passed' } : { outcome: 'violated', message: answer.violations.join('; ') };
}

/** The request as Gatekeeper hands it to Rego. */
function reviewOf({ object, oldObject, operation, namespace, namespaceObject, userInfo }: AdmissionRequest): Fields {
  const { group, version } = groupVersionOf(object);
  return {
    kind: { group, version, kind: object.kind },
    name: nameOf(object),
    operation,
    object,
    ...(namespace === undefined ? {} : { namespace }),
    ...(oldObject === undefined ? {} : { oldObject }),
    ...(userInfo === undefined ? {} : { userInfo }),
    ...(namespaceObject === undefined ? {} : { _unstable: { namespace: namespaceObject } }),
  };
}

/** `spec.match` of a constraint: every part that is given must hold; none given, it is about everything. */
function matchConstraint(match: Fields, request: AdmissionRequest, mapping: RestMapping): Matching {
  const { object, namespace } = request;
  const { group } = groupVersionOf(object);
  const kinds = list(match.kinds);
  const isNamespaced = mapping.of(group, String(object.kind))?.namespaced;
  const name = typeof match.name === 'string' ? match.name : undefined;
  return allOf(
    matching(kinds.length === 0 || kinds.some((one) => has(texts(one.apiGroups), group) && has(texts(one.kinds), String(object.kind)))),
    matchScope(match.scope, isNamespaced),
    matchNamespaces(texts(match.namespaces), { namespace, isNamespaced, isExclusion: false }),
    matchNamespaces(texts(match.excludedNamespaces), { namespace, isNamespaced, isExclusion: true }),
    matching(name === undefined || request.generatedName || fits(name, nameOf(object))),
    matchSelector(match.labelSelector, labelsOf(object), undefined),
    matchNamespaceLabels(match.namespaceSelector, request, isNamespaced),
  );
}

function matchScope(scope: unknown, isNamespaced: boolean | undefined): Matching {
  if (scope !== 'Namespaced' && scope !== 'Cluster') return 'yes';
  return isNamespaced === undefined
    ? { unknown: 'whether its kind is namespaced is not known' }
    : matching(isNamespaced === (scope === 'Namespaced'));
}

interface NamespaceQuestion {
  readonly namespace: string | undefined;
  readonly isNamespaced: boolean | undefined;
  readonly isExclusion: boolean;
}

/** Names and globs of namespaces; cluster-scoped objects are in none, so that no list is about them. */
function matchNamespaces(names: readonly string[], { namespace, isNamespaced, isExclusion }: NamespaceQuestion): Matching {
  if (names.length === 0 || isNamespaced === false) return 'yes';
  if (namespace === undefined) return { unknown: 'its namespace is not known' };
  return matching(names.some((name) => fits(name, namespace)) !== isExclusion);
}

function matchNamespaceLabels(selector: unknown, request: AdmissionRequest, isNamespaced: boolean | undefined): Matching {
  if (!isMap(selector) || isNamespaced === false) return 'yes';
  const missing = request.namespaceObject === undefined ? 'the labels of its namespace are not known' : undefined;
  return matchSelector(selector, namespaceLabels(request), missing);
}

function has(wanted: readonly string[], found: string): boolean {
  return wanted.length === 0 || wanted.includes('*') || wanted.includes(found);
}

/** `*` at the beginning or the end stands for anything. */
function fits(pattern: string, name: string): boolean {
  const middle = pattern.replace(/^\*|\*$/g, '');
  if (pattern.startsWith('*') && pattern.endsWith('*')) return name.includes(middle);
  return pattern.startsWith('*') ? name.endsWith(middle) : pattern.endsWith('*') ? name.startsWith(middle) : name === pattern;
}
