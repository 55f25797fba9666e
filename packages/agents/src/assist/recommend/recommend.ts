import type { CallContext, JsonValue, LanguageModel, PatternLibrary } from '@tier0/core';
import { stringify } from 'yaml';
import { askForJson } from '../../models/structured-output.ts';
import { RECOMMEND } from '../prompts/recommend.ts';
import { BLUEPRINTS, type Blueprints } from './blueprints.ts';
import { type Intent, IntentSchema } from './intent.ts';
import { type IntentDefaults, type IntentReading, readIntent, toReading, withDefaults } from './read-intent.ts';
import { type BlueprintObject, type Facts, renderBlueprint } from './render.ts';
import { type ContainerSize, toQuantities } from './size-container.ts';

/** What somebody wants to run, and by what it is written and judged. */
export interface Wish {
  readonly text: string;
  /** Says what is wrong with manifests: the gate's schema check, the organisation's policies. One line each; none: they may be shown. */
  readonly validate: (objects: readonly BlueprintObject[], context: CallContext) => Promise<readonly string[]>;
  /** The organisation's own, by workload. Where it has none: `BLUEPRINTS`. */
  readonly blueprints?: Blueprints | undefined;
  /** Labels and further facts that every object of the organisation carries. */
  readonly house?: House | undefined;
  /** Sizes from metrics. Absent: guesses, and it is said. */
  readonly size?: ContainerSize | undefined;
  /** Asked what is known about the software of the image. */
  readonly patterns?: PatternLibrary | undefined;
  /** Only reads the wish where no form fits; it writes nothing that is shown. */
  readonly model?: LanguageModel | undefined;
}

/** What an organisation wants of everything. */
export interface House {
  /** Values may have placeholders: `{ "cost-centre": "$(team)" }`. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly defaults?: IntentDefaults | undefined;
}

/** Manifests that passed, or why there are none. What did not pass is not shown: somebody would apply it. */
export type Recommendation =
  | {
      readonly state: 'recommended';
      readonly intent: Intent;
      readonly readBy: 'forms' | 'model';
      readonly objects: readonly BlueprintObject[];
      readonly yaml: string;
      /** What was decided without being asked for, and words that were not understood. */
      readonly assumptions: readonly string[];
      /** What is known about this software, with the ids of patterns. */
      readonly known: readonly string[];
    }
  | { readonly state: 'unclear'; readonly problems: readonly string[] }
  | { readonly state: 'refused'; readonly intent: Intent; readonly flaws: readonly string[] };

/** Reads a wish, writes its manifests by a blueprint, sizes them, and shows them only when nothing is held against them. */
export async function recommend(wish: Wish, context: CallContext): Promise<Recommendation> {
  const { reading, readBy } = await read(wish, context);
  if (reading.state === 'unclear') return reading;
  const { intent, unread } = reading;
  const facts = factsOf(intent, wish);
  const blueprint = wish.blueprints?.[intent.workload] ?? BLUEPRINTS[intent.workload];
  const objects = renderBlueprint(blueprint, facts).map((object) => furnished(object, wish.house, facts));
  const flaws = await wish.validate(objects, context);
  if (flaws.length > 0) return { state: 'refused', intent, flaws };
  return {
    state: 'recommended',
    intent,
    readBy,
    objects,
    yaml: objects.map((object) => stringify(object, { lineWidth: 0 })).join('---\n'),
    assumptions: assumptionsOf(intent, wish, unread),
    known: await knownOf(intent, wish, context),
  };
}

interface Read {
  readonly reading: IntentReading;
  readonly readBy: 'forms' | 'model';
}

async function read({ text, house, model }: Wish, context: CallContext): Promise<Read> {
  const formed = readIntent(text, house?.defaults);
  if (formed.state === 'read' || !model) return { reading: formed, readBy: 'forms' };
  const messages = [
    { role: 'system' as const, content: RECOMMEND.text },
    { role: 'user' as const, content: text.slice(0, 2_000) },
  ];
  const answer = await askForJson({ model, messages, schema: SaidSchema, maxOutputTokens: 400 }, context);
  if (answer.state !== 'answered') return { reading: formed, readBy: 'forms' };
  return { reading: saidOnly(toReading(withDefaults(answer.value, house?.defaults ?? {})), text), readBy: 'model' };
}

/** What a model reads: a namespace that was not said is left to the house. */
const SaidSchema = IntentSchema.extend({ namespace: IntentSchema.shape.namespace.unwrap().optional() });

/** A model may order what was said and not add to it: an image or a host that does not stand in the wish is its own. */
function saidOnly(reading: IntentReading, text: string): IntentReading {
  if (reading.state !== 'read') return reading;
  const { image, host, name } = reading.intent;
  const invented = [image, host, name].filter((word) => word !== undefined && !text.toLowerCase().includes(word.toLowerCase()));
  return invented.length === 0 ? reading : { state: 'unclear', problems: [`not said: ${invented.join(', ')}`] };
}

const GUESS = { cpuRequest: '100m', memoryRequest: '128Mi', memoryLimit: '256Mi' };

function factsOf(intent: Intent, { size }: Wish): Facts {
  const { replicas = intent.workload === 'web' || intent.workload === 'worker' ? 2 : 1, maxReplicas, port, health } = intent;
  return {
    ...intent,
    ...(size ? toQuantities(size) : GUESS),
    replicas,
    fixedReplicas: maxReplicas === undefined ? replicas : undefined,
    several: replicas > 1 ? true : undefined,
    healthPort: health === undefined ? undefined : port,
    tcpPort: health === undefined ? port : undefined,
  };
}

/** With the labels and annotations of the house, on the object and on the pods it makes. */
function furnished(object: BlueprintObject, house: House | undefined, facts: Facts): BlueprintObject {
  if (!house?.labels && !house?.annotations) return object;
  const [given = {}] = renderBlueprint([{ labels: { ...house.labels }, annotations: { ...house.annotations } }], facts);
  const add = (value: JsonValue, key: string): JsonValue => {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
    const entries = Object.entries(value).map(([name, entry]) => [name, add(entry as JsonValue, name)] as const);
    const made = Object.fromEntries(entries);
    return key === 'metadata' ? withMarks(made, given) : made;
  };
  return add(object, '') as BlueprintObject;
}

function withMarks(metadata: Readonly<Record<string, JsonValue>>, given: BlueprintObject): JsonValue {
  const join = (key: 'labels' | 'annotations') => ({ ...(given[key] as object), ...(metadata[key] as object | undefined) });
  const annotations = join('annotations');
  return { ...metadata, labels: join('labels'), ...(Object.keys(annotations).length > 0 ? { annotations } : {}) } as JsonValue;
}

function assumptionsOf(intent: Intent, { size }: Wish, unread: readonly string[]): readonly string[] {
  const { workload, replicas, health, host, namespace } = intent;
  const runsOn = workload === 'web' || workload === 'worker';
  return [
    ...(unread.length > 0 ? [`not understood, and without effect: ${unread.join(' ')}`] : []),
    ...(namespace === 'default' ? ['namespace "default"'] : []),
    ...(runsOn && replicas === undefined ? ['2 replicas'] : []),
    ...(size ? size.notes : ['requests and limits are a guess: no metrics were read']),
    ...(size && size.days < 14 ? [`requests and limits rest on ${size.days} days`] : []),
    ...((workload === 'web' || workload === 'store') && health === undefined
      ? ['it is ready when its port is open: no health path was named']
      : []),
    ...(host === undefined ? [] : [`a certificate for ${host} is in Secret ${intent.name}-tls`]),
    `the image runs as user 10001 and writes to /tmp only${workload === 'store' ? ' and /data' : ''}`,
  ];
}

async function knownOf({ image }: Intent, { patterns, text }: Wish, context: CallContext): Promise<readonly string[]> {
  if (!patterns) return [];
  const [, name = '', version = ''] = /([^/:@]+)(?::([^@]+))?(?:@.*)?$/.exec(image) ?? [];
  const found = await patterns.search({ software: { [name]: version }, text }, context);
  return found
    .filter(({ pattern }) => pattern.signature.software === name)
    .slice(0, 5)
    .map(({ pattern }) => `${pattern.id}: ${pattern.title} (${pattern.fix})`);
}
