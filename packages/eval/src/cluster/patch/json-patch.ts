import { isJsonObject } from '../kubernetes-object.ts';
import { StatusError } from '../status-error.ts';
import { isSameJson } from './same-json.ts';

/** RFC 6902 on a copy of `target`. */
export function applyJsonPatch(target: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw new StatusError('BadRequest', 'error decoding patch: a JSON patch is an array of operations');
  const holder = { document: structuredClone(target) };
  for (const operation of patch) applyOperation(holder, operation);
  return holder.document;
}

function applyOperation(holder: { document: unknown }, operation: unknown): void {
  if (!isJsonObject(operation) || typeof operation.path !== 'string') throw invalid(operation, 'an operation needs op and path');
  const steps = ['document', ...pointerSteps(operation.path)];
  switch (operation.op) {
    case 'add':
      put(holder, steps, { value: operation.value, operation, insert: true });
      break;
    case 'replace':
      read(holder, steps, operation);
      put(holder, steps, { value: operation.value, operation, insert: false });
      break;
    case 'remove':
      remove(holder, steps, operation);
      break;
    case 'test':
      if (!isSameJson(read(holder, steps, operation), operation.value)) throw invalid(operation, `testing value ${operation.path} failed`);
      break;
    case 'move':
    case 'copy': {
      const from = ['document', ...pointerSteps(String(operation.from))];
      const value = structuredClone(read(holder, from, operation));
      if (operation.op === 'move') remove(holder, from, operation);
      put(holder, steps, { value, operation, insert: true });
      break;
    }
    default:
      throw invalid(operation, `unexpected kind: ${String(operation.op)}`);
  }
}

function pointerSteps(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function read(holder: unknown, steps: readonly string[], operation: unknown): unknown {
  let current = holder;
  for (const step of steps) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, step)) throw invalid(operation, 'missing value at path');
    current = (current as Record<string, unknown>)[step];
  }
  return current;
}

function put(
  holder: unknown,
  steps: readonly string[],
  { value, operation, insert }: { readonly value: unknown; readonly operation: unknown; readonly insert: boolean },
): void {
  const parent = read(holder, steps.slice(0, -1), operation);
  const step = steps.at(-1)!;
  if (Array.isArray(parent)) {
    const index = step === '-' ? parent.length : Number(step);
    if (!Number.isInteger(index) || index < 0 || index > parent.length) throw invalid(operation, `invalid index ${step}`);
    parent.splice(index, insert ? 0 : 1, value);
  } else if (isJsonObject(parent) && step !== '__proto__') (parent as Record<string, unknown>)[step] = value;
  else throw invalid(operation, 'missing container at path');
}

function remove(holder: unknown, steps: readonly string[], operation: unknown): void {
  read(holder, steps, operation);
  const parent = read(holder, steps.slice(0, -1), operation);
  if (Array.isArray(parent)) parent.splice(Number(steps.at(-1)), 1);
  else delete (parent as Record<string, unknown>)[steps.at(-1)!];
}

function invalid(operation: unknown, why: string): StatusError {
  const path = isJsonObject(operation) ? String(operation.path) : '?';
  return new StatusError('Invalid', `the server rejected our request due to an error in our request: ${path}: ${why}`);
}
