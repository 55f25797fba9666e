import { listAt, mapAt, textAt } from './read-object.ts';

type Labels = Readonly<Record<string, string>>;

/** Whether labels satisfy a plain map such as a Service's selector. An empty map is satisfied by all. */
export function hasLabels(labels: Labels, wanted: Labels): boolean {
  for (const key in wanted) if (labels[key] !== wanted[key]) return false;
  return true;
}

/** Whether labels satisfy a LabelSelector (`matchLabels` and `matchExpressions`). An empty selector is satisfied by all. */
export function matchesSelector(labels: Labels, selector: unknown): boolean {
  if (!hasLabels(labels, mapAt(selector, 'matchLabels'))) return false;
  return listAt(selector, 'matchExpressions').every((expression) => matchesExpression(labels, expression));
}

function matchesExpression(labels: Labels, expression: unknown): boolean {
  const value = labels[textAt(expression, 'key') ?? ''];
  const values = listAt(expression, 'values');
  switch (textAt(expression, 'operator')) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}

/** Whether a LabelSelector asks for nothing, and so means everything. */
export function isEmptySelector(selector: unknown): boolean {
  return Object.keys(mapAt(selector, 'matchLabels')).length === 0 && listAt(selector, 'matchExpressions').length === 0;
}

/** Whether a LabelSelector that may be missing selects the labels: none at all selects nothing. */
export function selects(selector: unknown, labels: Labels): boolean {
  return typeof selector === 'object' && selector !== null && matchesSelector(labels, selector);
}
