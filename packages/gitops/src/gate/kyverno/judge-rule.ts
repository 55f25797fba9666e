import { readField } from '@tier0/core';
import { isMap } from '../schema/schema-flaws.ts';
import { conditionsHold } from './conditions.ts';
import { NotKnown, QueryError, UndecidableQuery } from './jmespath/query-value.ts';
import { searchData } from './jmespath/search.ts';
import { matchPattern } from './pattern.ts';
import { isExcluded, type PodSecurityExclusion, podSecurityFlaws } from './pod-security.ts';
import { type ContextSources, type RuleData, type RuleRequest, requestData, withContext, withElement } from './rule-data.ts';
import { substitute } from './substitute.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What is around a rule: its context's sources, and values that a test gives. */
export interface RuleWorld extends ContextSources {
  readonly values?: Fields | undefined;
}

/** What a rule says of a request. `skipped`: it does not speak about it. */
export type RuleVerdict =
  | { readonly outcome: 'passed' | 'skipped' }
  | { readonly outcome: 'violated' | 'undecided'; readonly message: string };

const DECIDED = ['pattern', 'anyPattern', 'deny', 'foreach', 'podSecurity'];

/** Why a rule of Kyverno is not evaluated here; undefined where it is. */
export function notJudged(rule: Fields): string | undefined {
  const other = ['mutate', 'generate', 'verifyImages'].find((part) => rule[part] !== undefined);
  if (!isMap(rule.validate)) return other ? `it is no validation but ${other}` : 'it validates nothing';
  const { validate } = rule;
  if (DECIDED.some((part) => validate[part] !== undefined)) return undefined;
  const kind = ['manifests', 'assert'].find((part) => validate[part] !== undefined);
  return `its validation by ${kind ?? 'an unknown part'} is not evaluated here`;
}

/**
 * Judges a request by a rule of Kyverno: context, preconditions, then pattern, deny conditions, foreach or the Pod
 * Security Standards. What Kyverno would make an error of,
 * and what cannot be told here, is undecided: that denies.
 */
export function judgeRule(rule: Fields, request: RuleRequest, world: RuleWorld): RuleVerdict {
  const validate = isMap(rule.validate) ? rule.validate : {};
  return decided(() => {
    const data = withContext(requestData(request, world.values), rule.context, world);
    if (!conditionsHold(rule.preconditions, data)) return { outcome: 'skipped' };
    return judgeValidation(validate, { data, subject: searchData('request.object', data), message: validate.message, nesting: 0, world });
  });
}

function decided(judge: () => RuleVerdict): RuleVerdict {
  try {
    return judge();
  } catch (error) {
    if (error instanceof UndecidableQuery || error instanceof QueryError) return { outcome: 'undecided', message: error.message };
    throw error;
  }
}

interface Place {
  readonly data: RuleData;
  /** What patterns are matched against: the object, or the element of a foreach. */
  readonly subject: unknown;
  readonly message: unknown;
  readonly nesting: number;
  readonly world: RuleWorld;
}

function judgeValidation(validate: Fields, place: Place): RuleVerdict {
  if (validate.deny !== undefined) return judgeDeny(validate.deny, place);
  if (validate.pattern !== undefined) return judgePatterns([validate.pattern], place);
  if (Array.isArray(validate.anyPattern)) return judgePatterns(validate.anyPattern, place);
  if (Array.isArray(validate.foreach)) return judgeLists(validate.foreach.filter(isMap), place);
  if (isMap(validate.podSecurity)) return judgePodSecurity(validate.podSecurity, place);
  throw new QueryError('the rule has no pattern, no deny conditions, no foreach and no podSecurity');
}

function judgeDeny(deny: unknown, { data, message }: Place): RuleVerdict {
  const conditions = isMap(deny) ? deny.conditions : undefined;
  return conditionsHold(conditions, data)
    ? { outcome: 'violated', message: messageOf(message, data, 'its deny conditions hold') }
    : { outcome: 'passed' };
}

function judgePatterns(patterns: readonly unknown[], { data, subject, message }: Place): RuleVerdict {
  const verdicts = patterns.map((pattern) => matchPattern(subject, substitute(pattern, data)));
  if (verdicts.includes('matched')) return { outcome: 'passed' };
  const different = verdicts.find((verdict) => typeof verdict === 'object');
  if (!different) return { outcome: 'skipped' };
  return { outcome: 'violated', message: messageOf(message, data, different.differs) };
}

/** Paths of the pod, or of the template that pods are made from, in the kinds that have one. */
const PODS: readonly (readonly string[])[] = [[], ['spec', 'template'], ['spec', 'jobTemplate', 'spec', 'template']];

function judgePodSecurity(podSecurity: Fields, { data, subject, message }: Place): RuleVerdict {
  const { level, version = 'latest', exclude } = podSecurity;
  const minor = version === 'latest' || version === '' ? Number.POSITIVE_INFINITY : Number(/^v?1\.(\d+)$/.exec(String(version))?.[1]);
  if (level !== 'privileged' && level !== 'baseline' && level !== 'restricted') throw new QueryError(`podSecurity has no level ${level}`);
  if (Number.isNaN(minor)) throw new QueryError(`podSecurity has no version ${version}`);
  const pod = PODS.map((path) => readField(subject, [...path])).find(
    (one) => isMap(readField(one, ['spec'])) && Array.isArray(readField(one, ['spec', 'containers'])),
  );
  if (!isMap(pod)) return { outcome: 'skipped' };
  const exclusions = (Array.isArray(exclude) ? exclude.filter(isMap) : []).map(exclusionOf);
  const [flaw] = podSecurityFlaws(pod, level, minor).filter((one) => !isExcluded(one, exclusions));
  if (!flaw) return { outcome: 'passed' };
  return { outcome: 'violated', message: `${messageOf(message, data, `Pod Security ${level}`)} (${flaw.control}: ${flaw.message})` };
}

function exclusionOf({ controlName, images, restrictedField, values }: Fields): PodSecurityExclusion {
  if (restrictedField !== undefined || values !== undefined)
    throw new UndecidableQuery(`an exclusion of podSecurity by restrictedField (${restrictedField}) is not evaluated here`);
  return { controlName: String(controlName), images: Array.isArray(images) ? images.map(String) : [] };
}

function messageOf(message: unknown, data: RuleData, otherwise: string): string {
  if (typeof message !== 'string' || message.trim() === '') return otherwise;
  try {
    return String(substitute(message.trim(), data));
  } catch {
    return message.trim();
  }
}

/** Every element of every list: one that is violated decides, then one that is undecided. */
function judgeLists(lists: readonly Fields[], place: Place): RuleVerdict {
  const verdicts = lists.flatMap((foreach) =>
    elementsOf(foreach, place).map((element, index) => judgeElement(foreach, { element, index }, place)),
  );
  const worst = (outcome: RuleVerdict['outcome']) => verdicts.find((verdict) => verdict.outcome === outcome);
  return worst('violated') ?? worst('undecided') ?? worst('passed') ?? { outcome: 'skipped' };
}

/** A list that cannot be worked out has no elements, to Kyverno; what is no list is one element. */
function elementsOf(foreach: Fields, { data }: Place): readonly unknown[] {
  try {
    const found = searchData(String(foreach.list), data);
    return Array.isArray(found) ? found : [found];
  } catch (error) {
    if (error instanceof QueryError) return [];
    throw error;
  }
}

function judgeElement(
  foreach: Fields,
  { element, index }: { readonly element: unknown; readonly index: number },
  place: Place,
): RuleVerdict {
  if (element === null) return { outcome: 'skipped' };
  if (element instanceof NotKnown) return { outcome: 'undecided', message: `${element.what} is not known here` };
  return decided(() => {
    const data = withContext(withElement(place.data, element, { index, nesting: place.nesting }), foreach.context, place.world);
    if (!conditionsHold(foreach.preconditions, data)) return { outcome: 'skipped' };
    const isScoped = typeof foreach.elementScope === 'boolean' ? foreach.elementScope : isMap(element);
    return judgeValidation(foreach, { ...place, data, subject: isScoped ? element : place.subject, nesting: place.nesting + 1 });
  });
}
