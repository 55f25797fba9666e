import type { DeploymentPatternRecord, KnowledgeKind, PolicyRecord } from './document.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A policy, when an object is one: of Kyverno, or a ValidatingAdmissionPolicy. */
export function policyOf(object: Fields): PolicyRecord | undefined {
  const group = text(object.apiVersion).split('/')[0];
  const kind = text(object.kind);
  const name = text(fields(object.metadata).name);
  const spec = fields(object.spec);
  if (group === 'admissionregistration.k8s.io' && kind === 'ValidatingAdmissionPolicy') {
    return { language: 'validating-admission-policy', name, rules: list(spec.validations).map(expressionOf) };
  }
  if (group !== 'kyverno.io' && group !== 'policies.kyverno.io') return undefined;
  if (!/Policy$/.test(kind)) return undefined;
  const rules = [...list(spec.rules).map(ruleOf), ...list(spec.validations).map(expressionOf)];
  const action = text(spec.validationFailureAction) || list(spec.validationActions).map(String).join(',');
  return { language: 'kyverno', name, rules, ...(action === '' ? {} : { enforced: /enforce|deny/i.test(action) }) };
}

/** A policy that people wrote down in words: every item of its lists, and every sentence that demands something, is a rule. */
export function plainPolicy(name: string, body: string): PolicyRecord {
  const rules = body
    .split('\n')
    .map((line) => line.replace(/^\s*(?:[-*+]|\d+[.)])\s+/, '').trim())
    .filter((line) => /\b(must|shall|should|may only|never|always|required?|forbidden|not allowed|at least|at most)\b/i.test(line));
  return { language: 'plain', name, rules };
}

/** A deployment pattern from fields: the object of a YAML file, or front matter. */
export function deploymentPatternOf(object: Fields): DeploymentPatternRecord | undefined {
  if (text(object.kind).toLowerCase().replaceAll('-', '') !== 'deploymentpattern') return undefined;
  const spec = Object.keys(fields(object.spec)).length > 0 ? fields(object.spec) : object;
  const manifest = text(spec.manifest);
  const named = list(spec.parameters).map((one) => (typeof one === 'string' ? one : text(fields(one).name)));
  return {
    intent: text(spec.intent),
    whenToUse: texts(spec.whenToUse ?? spec.when_to_use ?? spec['when-to-use']),
    manifest,
    parameters: [...new Set([...named.filter(Boolean), ...parametersIn(manifest)])],
    constraints: texts(spec.constraints),
  };
}

/** A deployment pattern from prose: sections called intent, when to use, constraints, and the first block of YAML. */
export function deploymentPatternIn(body: string): DeploymentPatternRecord {
  const manifest = /```ya?ml\s*\n([\s\S]*?)```/.exec(body)?.[1] ?? '';
  const under = (heading: RegExp) => sectionUnder(body, heading);
  return {
    intent: under(/^(intent|purpose|goal)\b/i).join(' '),
    whenToUse: under(/^(when|use it when|applies)\b/i),
    manifest,
    parameters: parametersIn(manifest),
    constraints: under(/^(constraints?|limits?|requirements?)\b/i),
  };
}

const KIND_FOLDERS: readonly (readonly [pattern: RegExp, kind: KnowledgeKind])[] = [
  [/post-?mortems?|retrospectives?/i, 'post-mortem'],
  [/run-?books?|playbooks?|\bsops?\b/i, 'runbook'],
  [/incidents?/i, 'incident'],
  [/policies|policy/i, 'policy'],
  [/deployment-?patterns?|blueprints?/i, 'deployment-pattern'],
];

/** What a document is for: what it says itself, else the nearest folder that says it, else its headings. */
export function kindOf(metadata: Fields, path: string, headings: readonly string[]): KnowledgeKind {
  const said = text(metadata.kind ?? metadata.type)
    .toLowerCase()
    .replaceAll(/[\s_]+/g, '-');
  const own = KIND_FOLDERS.find(([, kind]) => kind === said || kind.replace('-', '') === said.replaceAll('-', ''));
  if (own) return own[1];
  for (const part of path.split('/').reverse()) {
    const found = KIND_FOLDERS.find(([pattern]) => pattern.test(part));
    if (found) return found[1];
  }
  const all = headings.join('\n').toLowerCase();
  if (/\b(lessons learned|root cause|timeline)\b/.test(all)) return 'post-mortem';
  return /\b(mitigation|diagnosis|troubleshooting|steps|resolution)\b/.test(all) ? 'runbook' : 'note';
}

function sectionUnder(body: string, heading: RegExp): readonly string[] {
  const found: string[] = [];
  let inside = false;
  for (const line of body.replace(/```[\s\S]*?```/g, '').split('\n')) {
    const title = /^#{1,6}\s+(.*)$/.exec(line)?.[1];
    if (title !== undefined) inside = heading.test(title.trim());
    else if (inside && line.trim() !== '') found.push(line.replace(/^\s*(?:[-*+]|\d+[.)])\s+/, '').trim());
  }
  return found;
}

function parametersIn(manifest: string): readonly string[] {
  return [
    ...new Set([...manifest.matchAll(/\$\{([A-Za-z_][\w.-]*)\}|\{\{\s*\.?([A-Za-z_][\w.]*)\s*\}\}/g)].map((m) => m[1] ?? m[2] ?? '')),
  ];
}

function ruleOf(rule: unknown): string {
  const { name, validate } = fields(rule);
  return [text(name), text(fields(validate).message)].filter(Boolean).join(': ');
}

function expressionOf(validation: unknown): string {
  const { expression, message } = fields(validation);
  return [text(message), text(expression)].filter(Boolean).join(': ');
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function texts(value: unknown): readonly string[] {
  return typeof value === 'string' ? [value] : list(value).map(text).filter(Boolean);
}
