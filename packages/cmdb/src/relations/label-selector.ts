import { entriesOf, isRecord, textMap, textOf } from '../kinds/kubernetes-object.ts';

/** Whether labels satisfy a selector; made once for each selector, asked for each object. */
export type LabelTest = (labels: Readonly<Record<string, string>>) => boolean;

/**
 * A test for a Kubernetes LabelSelector (`matchLabels` and `matchExpressions`, all of which must hold). An empty selector selects
 * everything; a missing one nothing, and so does one with an operator that is not known.
 */
export function labelTest(selector: unknown): LabelTest {
  if (!isRecord(selector)) return () => false;
  const equal = Object.entries(textMap(selector.matchLabels));
  const expressions = entriesOf(selector.matchExpressions).map(expressionTest);
  return (labels) => equal.every(([key, value]) => labels[key] === value) && expressions.every((holds) => holds(labels));
}

function expressionTest(expression: unknown): LabelTest {
  const key = isRecord(expression) ? textOf(expression.key) : undefined;
  if (!isRecord(expression) || key === undefined) return () => false;
  const values = new Set(entriesOf(expression.values));
  const tests: Readonly<Record<string, LabelTest>> = {
    In: (labels) => Object.hasOwn(labels, key) && values.has(labels[key]),
    NotIn: (labels) => !Object.hasOwn(labels, key) || !values.has(labels[key]),
    Exists: (labels) => Object.hasOwn(labels, key),
    DoesNotExist: (labels) => !Object.hasOwn(labels, key),
  };
  return tests[String(expression.operator)] ?? (() => false);
}

const REQUIREMENT = /^(!)?\s*([\w./-]+)\s*(?:(==|=|!=)\s*([\w.-]*)|\s(in|notin)\s*\(([^)]*)\))?$/;

/** A test for a selector as text, as `kubectl -l` takes it: `app=api,tier in (a, b),!legacy`. Undefined where it is not understood or empty. */
export function parseLabelSelector(text: string): LabelTest | undefined {
  const parts = text.split(/,(?![^(]*\))/).map((part) => part.trim());
  const tests = parts.map(requirementTest);
  return tests.every((test) => test !== undefined) ? (labels) => tests.every((holds) => holds(labels)) : undefined;
}

function requirementTest(part: string): LabelTest | undefined {
  const [, no, key, sign, value = '', word, list = ''] = REQUIREMENT.exec(part) ?? [];
  if (key === undefined || (no && (sign || word))) return undefined;
  const values = word ? list.split(',').map((entry) => entry.trim()) : [value];
  if (!sign && !word) return expressionTest({ key, operator: no ? 'DoesNotExist' : 'Exists' });
  return expressionTest({ key, operator: sign === '!=' || word === 'notin' ? 'NotIn' : 'In', values });
}
