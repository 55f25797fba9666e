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
