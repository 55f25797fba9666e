import { type KubernetesObject, valueAt } from './kubernetes-object.ts';
import { StatusError } from './status-error.ts';

/** Whether an object is meant. */
export type Selector = (object: KubernetesObject) => boolean;

const SET_BASED = /^([^\s!=,()]+)\s+(in|notin)\s+\(([^()]*)\)$/;
const EQUALITY = /^([^\s!=,()]+)\s*(==|=|!=)\s*([^\s!=,()]*)$/;
const EXISTENCE = /^(!?)\s*([^\s!=,()]+)$/;

/** Selector from `labelSelector=`: `=`, `==`, `!=`, `in`, `notin`, `key` and `!key`, joined by commas. */
export function parseLabelSelector(text: string): Selector {
  const requirements = splitOutsideParentheses(text).map(parseLabelRequirement);
  return (object) => requirements.every((holds) => holds(object.metadata.labels ?? {}));
}

type LabelRequirement = (labels: Readonly<Record<string, string>>) => boolean;

function parseLabelRequirement(text: string): LabelRequirement {
  const set = SET_BASED.exec(text);
  if (set)
    return inSet(
      set[1]!,
      set[3]!.split(',').map((value) => value.trim()),
      set[2] === 'in',
    );
  const equality = EQUALITY.exec(text);
  if (equality) return inSet(equality[1]!, [equality[3]!], equality[2] !== '!=');
  const existence = EXISTENCE.exec(text);
  if (existence) return (labels) => Object.hasOwn(labels, existence[2]!) === (existence[1] === '');
  throw new StatusError('BadRequest', `unable to parse requirement: found '${text}', expected: a label selector`);
}

function inSet(key: string, values: readonly string[], wanted: boolean): LabelRequirement {
  return (labels) => (Object.hasOwn(labels, key) && values.includes(labels[key]!)) === wanted;
}

function splitOutsideParentheses(text: string): readonly string[] {
  return text
    .split(/,(?![^()]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/**
 * Selector from `fieldSelector=`: dotted paths compared as text, an absent field counting as empty.
 * More generous than a real API server, which knows a few fields for each kind and answers 400 to others.
 */
export function parseFieldSelector(text: string): Selector {
  const requirements = text
    .split(',')
    .filter((part) => part.trim() !== '')
    .map(parseFieldRequirement);
  return (object) => requirements.every((holds) => holds(object));
}

function parseFieldRequirement(text: string): Selector {
  const equality = /^([^=!]+)(==|=|!=)(.*)$/.exec(text.trim());
  if (!equality) throw new StatusError('BadRequest', `invalid selector: '${text}'; can't understand '${text}'`);
  const path = equality[1]!.trim().split('.');
  return (object) => (String(valueAt(object, path) ?? '') === equality[3]!.trim()) === (equality[2] !== '!=');
}

/** Selector from `spec.selector` of a Deployment, ReplicaSet or Service (a bare map of labels). */
export function matchesLabels(labels: Readonly<Record<string, string>> | undefined, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([key, value]) => labels?.[key] === value);
}
