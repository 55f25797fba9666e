import { isJsonObject, type JsonObject, valueAt } from '../kubernetes-object.ts';
import { StatusError } from '../status-error.ts';
import { type AccessAttributes, type AccessRule, isAllowed } from './authorization.ts';
import { decodeBody } from './body.ts';
import { protobufFields, unwrapKubernetesProtobuf } from './protobuf.ts';

const READ_VERBS: ReadonlySet<string> = new Set(['get', 'list', 'watch']);
const ATTRIBUTE_FIELDS: readonly (readonly [number, string])[] = [
  [1, 'namespace'],
  [2, 'verb'],
  [3, 'group'],
  [4, 'version'],
  [5, 'resource'],
  [6, 'subresource'],
  [7, 'name'],
];

/** Reviews are the one thing the API takes by POST also when it is read-only. */
export function isAccessReview(path: string): boolean {
  return /^\/apis\/authorization\.k8s\.io\/v1\/(selfsubjectaccessreviews|selfsubjectrulesreviews|subjectaccessreviews)$/.test(path);
}

/** What the answer of a review depends on. */
interface ReviewContext {
  readonly contentType: string;
  readonly writable: boolean;
  readonly rules: readonly AccessRule[] | undefined;
  /** What others may do, by their names; who is not among them may nothing. */
  readonly users?: Readonly<Record<string, readonly AccessRule[]>> | undefined;
}

function attributesIn(spec: JsonObject, verb: string): AccessAttributes {
  const text = (name: string) => String(valueAt(spec, ['resourceAttributes', name]) ?? '');
  return {
    verb,
    group: text('group'),
    resource: text('resource'),
    subresource: text('subresource') || undefined,
    namespace: text('namespace') || undefined,
    name: text('name') || undefined,
  };
}

/** Answers what the server would do: reads are allowed, other verbs only on a writable cluster. */
export function reviewAccess(path: string, body: Buffer, context: ReviewContext): JsonObject {
  const { contentType, writable } = context;
  if (path.endsWith('selfsubjectrulesreviews')) return rulesReview(body, context);
  const ofOthers = path.endsWith('/subjectaccessreviews');
  const spec = contentType.includes('protobuf') ? specFromProtobuf(body) : specFromJson(body, contentType);
  const rules = ofOthers ? (context.users?.[String(valueAt(spec, ['user']) ?? '')] ?? []) : context.rules;
  const verb = String(valueAt(spec, ['resourceAttributes', 'verb']) ?? valueAt(spec, ['nonResourceAttributes', 'verb']) ?? '');
  const isPossible = writable || READ_VERBS.has(verb);
  const allowed = isPossible && (rules === undefined || isAllowed(rules, attributesIn(spec, verb)));
  return {
    kind: ofOthers ? 'SubjectAccessReview' : 'SelfSubjectAccessReview',
    apiVersion: 'authorization.k8s.io/v1',
    metadata: { creationTimestamp: null },
    spec,
    status: {
      allowed,
      reason: allowed ? 'the embedded cluster allows it' : isPossible ? 'no rule allows it' : 'the embedded cluster is read-only',
    },
  };
}

function specFromJson(body: Buffer, contentType: string): JsonObject {
  const spec = valueAt(decodeBody(body, contentType), ['spec']);
  if (!isJsonObject(spec)) throw new StatusError('Invalid', 'An access review needs a spec');
  return spec;
}

/** kubectl sends reviews as protobuf and does not fall back to JSON. */
function specFromProtobuf(body: Buffer): JsonObject {
  try {
    const spec = protobufFields(protobufFields(unwrapKubernetesProtobuf(body)).get(2) ?? new Uint8Array());
    const other = protobufFields(spec.get(2) ?? new Uint8Array());
    if (!spec.has(1)) return { nonResourceAttributes: { path: textOf(other.get(1)), verb: textOf(other.get(2)) } };
    const attributes = protobufFields(spec.get(1)!);
    const named = ATTRIBUTE_FIELDS.map(([number, name]) => [name, textOf(attributes.get(number))] as const);
    return { resourceAttributes: Object.fromEntries(named.filter(([, value]) => value !== '')) };
  } catch (error) {
    throw new StatusError('BadRequest', `error decoding protobuf: ${(error as Error).message}`);
  }
}

function textOf(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : Buffer.from(bytes).toString('utf8');
}

function rulesReview(body: Buffer, { contentType, writable, rules }: ReviewContext): JsonObject {
  const spec = contentType.includes('protobuf') ? {} : (valueAt(decodeBody(body, contentType), ['spec']) ?? {});
  const verbs = writable ? ['*'] : [...READ_VERBS];
  return {
    kind: 'SelfSubjectRulesReview',
    apiVersion: 'authorization.k8s.io/v1',
    metadata: { creationTimestamp: null },
    spec,
    status: {
      resourceRules: (rules ?? [{ verbs, apiGroups: ['*'], resources: ['*'] }]).map((rule) => ({
        verbs: [...rule.verbs],
        apiGroups: [...rule.apiGroups],
        resources: [...rule.resources],
      })),
      nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['*'] }],
      incomplete: false,
    },
  };
}
