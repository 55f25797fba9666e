import { listAt, textAt } from '../workload/read-object.ts';

/** Whether a label selector of the API (`matchLabels`, `matchExpressions`) selects the labels. None at all selects nothing. */
export function matchesSelector(selector: unknown, labels: Readonly<Record<string, string>>): boolean {
  if (typeof selector !== 'object' || selector === null) return false;
  const equal = (selector as { readonly matchLabels?: unknown }).matchLabels;
  const isEqual = typeof equal !== 'object' || equal === null || Object.entries(equal).every(([key, value]) => labels[key] === value);
  return isEqual && listAt(selector, 'matchExpressions').every((expression) => matchesExpression(expression, labels));
}

function matchesExpression(expression: unknown, labels: Readonly<Record<string, string>>): boolean {
  const value = labels[textAt(expression, 'key') ?? ''];
  const values = listAt(expression, 'values').map(String);
  switch (textAt(expression, 'operator')) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    default:
      return value === undefined;
  }
}
