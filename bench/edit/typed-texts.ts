import { type FieldPath, type JsonValue, readField } from '@tier0/core';
import { editYaml, findField, meantValue, typeAt, type ValueType } from '@tier0/gitops';
import { generateSites } from './generated-sites.ts';
import { createRandom } from './random.ts';

/** A text that a person types for a field, and what they mean by it. */
export interface TypedText {
  readonly source: string;
  readonly document: number;
  readonly path: FieldPath;
  readonly text: string;
  readonly as: ValueType | undefined;
  /** What is meant; undefined where no value can be, and only a refusal is right. */
  readonly meant: JsonValue | undefined;
}

/** Texts that look like something else to some reader. */
const TEXTS =
  'no|on|yes|off|y|N|true|False|null|~|Null|0640|0o17|0x1F|0b11|1_000|1.10|1.20|2.0|1e3|1E3|+5|-0|.5|1.|.inf|.NaN|12:30|190:20:30|2026-11-22|2001-12-14t21:59:43.10-05:00|<<|=|5|80|8080|0|-1|0.5|3.25|12345678901234567890|9007199254740993|nginx|1.27.3|v2|500m|1Gi|25%|a: b|x # y|[a]|{a|*x|&x|!t|%d|@h|`q`|it\'s|"q"|\\|- x|? y|: z| lead|trail |tab\tx|two\nlines|two\nlines\n||---|...|{{ .Values.x }}|日本|é\u2028b|😀|00|-|#|0x|0b|1__0|_1|1e|e3|1:2|60:00'.split(
    '|',
  );

/** Fields of a Deployment whose schema says what they are. */
const TYPED: readonly (readonly [FieldPath, 'string' | 'number' | 'boolean'])[] = [
  [['spec', 'replicas'], 'number'],
  [['spec', 'paused'], 'boolean'],
  [['spec', 'minReadySeconds'], 'number'],
  [['metadata', 'labels', 'version'], 'string'],
  [['metadata', 'annotations', 'note'], 'string'],
  [['spec', 'template', 'spec', 'containers', { key: 'name', value: 'web' }, 'image'], 'string'],
  [['spec', 'template', 'spec', 'hostNetwork'], 'boolean'],
  [['spec', 'template', 'spec', 'nodeSelector', 'gpu'], 'string'],
];

const DEPLOYMENT = `apiVersion: v1
kind: ConfigMap
metadata: {name: a}
data: {k: v}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {version: 1.9} # wrong type today
spec:
  replicas: 2
  paused: false
  template:
    spec:
      containers:
        - name: web
          image: web:1
`;

/** Typed texts for fields of generated documents and of a Kubernetes object, the same for the same seed. */
export function* typedTexts(seed: number, count: number): Generator<TypedText> {
  const random = createRandom(seed);
  const sites = generateSites(seed, count * 4, () => {});
  for (let made = 0; made < count; made++) {
    const text = random.pick(TEXTS);
    const as = random.chance(0.4) ? random.pick(['string', 'number', 'boolean', 'json'] as const) : undefined;
    if (random.chance(0.25)) {
      const [path, type] = random.pick(TYPED);
      yield { source: DEPLOYMENT, document: 1, path, text, as, meant: meantAs(text, as ?? type) };
      continue;
    }
    const site = nextScalar(sites);
    if (!site) return;
    const { source, document, path, old } = site;
    yield { source, document, path, text, as, meant: as ? meantAs(text, as) : meantBeside(text, old) };
  }
}

function nextScalar(sites: ReturnType<typeof generateSites>) {
  for (let next = sites.next(); !next.done; next = sites.next()) {
    const { old } = next.value;
    if (old === undefined || old === null || typeof old !== 'object') return next.value;
  }
  return undefined;
}

/** JSON numbers only: nothing else is a number to every reader. */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/;
const NUMBER_AS_WRITTEN = /^(?:-?[1-9]\d{0,14}|0|-?(?:0|[1-9]\d{0,9})\.\d{0,4}[1-9])$/;

function meantAs(text: string, type: ValueType): JsonValue | undefined {
  if (type === 'string') return text;
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : undefined;
  if (NUMBER.test(text)) return /^-?\d{16,}$/.test(text) ? undefined : Number(text);
  if (type === 'number') return undefined;
  return text === 'true' ? true : text === 'null' ? null : text === '"q"' ? 'q' : undefined;
}

/** Without a word about its type: a number stays a number where the text is written as one, everything else is text. */
function meantBeside(text: string, old: JsonValue | undefined): JsonValue | undefined {
  if (typeof old === 'boolean') return meantAs(text, 'boolean');
  if (typeof old !== 'number') return text;
  if (NUMBER_AS_WRITTEN.test(text)) return Number(text);
  return /^[-+.\d]/.test(text) ? text : undefined;
}

/** What tier0 makes of a typed text: the new file, or why there is none. */
export function typeIn({ source, document, path, text, as }: TypedText): { readonly text: string } | { readonly reason: string } {
  const found = findField(source, { path, document, create: true });
  if (found.status === 'refused') return found;
  const type = typeAt(found.object, path);
  const meant = meantValue(text, { as, now: found.value, plain: found.plain, schema: type.status === 'known' ? type.type : undefined });
  if (meant.status === 'unclear') return meant;
  const result = editYaml(source, { document, path, expectOld: found.value, value: meant.value });
  if (result.status === 'edited') return { text: result.text };
  if (result.status === 'no-change') return { text: source };
  return { reason: result.reason };
}

/** What a reader finds at the place, `undefined` where it cannot read the text. */
export function readBack(
  documents: readonly unknown[] | undefined,
  { document, path }: TypedText,
): { readonly value: unknown } | undefined {
  return documents && { value: readField(documents[document], path) };
}
