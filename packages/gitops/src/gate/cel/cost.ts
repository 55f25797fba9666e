import { CelError, type CelValue, isCelMap } from './values/value.ts';

/** What one expression may cost, and all expressions of one policy together: the API server's PerCallLimit and RuntimeCELCostBudget. */
export const CALL_LIMIT = 1_000_000;
export const POLICY_LIMIT = 10_000_000;

/** Cost of walking over one character or entry. */
const TRAVERSAL = 0.1;

/**
 * Adds up what an evaluation costs in the API server's units: 1 for a step, more for what is long. Source: cel-go's runtime cost and the
 * CostEstimator of k8s.io/apiserver/pkg/cel/library.
 */
export class CelCost {
  private spent = 0;
  readonly limit: number;
  constructor(limit: number = CALL_LIMIT) {
    this.limit = limit;
  }

  /** Units spent until now. */
  get total(): number {
    return this.spent;
  }

  /** Throws CelError when the limit is passed. */
  add(units: number): void {
    this.spent += units;
    if (this.spent > this.limit) throw new CelError('operation cancelled: actual cost limit exceeded');
  }

  addOperator(operator: string, left: CelValue, right: CelValue): void {
    this.add(operatorCost(operator, left, right));
  }

  addCall(name: string, args: readonly CelValue[]): void {
    this.add(callCost(name, args));
  }
}

function operatorCost(operator: string, left: CelValue, right: CelValue): number {
  if (operator === 'in') return Array.isArray(right) ? 1 + lengthOf(right) : 1;
  if (operator === '+' && typeof left === 'string') return 1 + Math.ceil((lengthOf(left) + lengthOf(right)) * TRAVERSAL);
  const isLong = typeof left === 'string' || Array.isArray(left) || isCelMap(left);
  return isLong ? 1 + Math.ceil(Math.min(lengthOf(left), lengthOf(right)) * TRAVERSAL) : 1;
}

function callCost(name: string, [first = null, second = null]: readonly CelValue[]): number {
  if (/^\.?(?:matches|find|findAll)$/.test(name)) return Math.ceil((lengthOf(first) + 1) * TRAVERSAL) * Math.ceil(lengthOf(second) * 0.25);
  if (name.startsWith('sets.')) return 1 + lengthOf(first) * lengthOf(second);
  const walks = (typeof first === 'string' || Array.isArray(first)) && !/^\.?size$/.test(name);
  return walks ? 1 + Math.ceil(lengthOf(first) * TRAVERSAL) : 1;
}

function lengthOf(value: CelValue): number {
  if (typeof value === 'string' || Array.isArray(value)) return value.length;
  return isCelMap(value) ? value.size : 1;
}
