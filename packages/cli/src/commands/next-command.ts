import type { DiagnosisDocument } from '@tier0/agents';
import type { JsonValue } from '@tier0/core';
import { PROGRAM } from '../program-name.ts';

/** What was read, as the next command has to name it again. */
export interface ReadFrom {
  readonly snapshot?: string | undefined;
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
}

/** What to type after a diagnosis: the first fix of the first cause as a pull request, and what its code means. Empty without a cause. */
export function nextCommands({ rootCauses }: DiagnosisDocument, from: ReadFrom): readonly string[] {
  const [cause] = rootCauses;
  if (cause === undefined) return [];
  const explained = `${PROGRAM} explain ${cause.code}`;
  const [remedy] = cause.remedies;
  const [edit, ...others] = remedy?.edits ?? [];
  if (remedy === undefined || edit === undefined) return [explained];
  // What one field does not say is proposed as a whole, which needs the cluster itself.
  if (others.length > 0 || edit.value === undefined || edit.withheld)
    return [...(from.snapshot === undefined ? [wholeRemedy(from)] : []), explained];
  const { kind, namespace = '-', name } = edit.item;
  const words = [`${kind}/${namespace}/${name}`, edit.path, spoken(edit.value), '--repository', 'URL', ...placeOf(from)];
  const why = ['--as', 'ACCOUNT', '--why', remedy.title];
  return [`${PROGRAM} propose ${[...words, ...why].map(quoted).join(' ')} --dry-run`, explained];
}

function wholeRemedy(from: ReadFrom): string {
  return [`${PROGRAM} run`, '--repository', 'URL', ...placeOf(from).map(quoted), '--dry-run'].join(' ');
}

function placeOf({ snapshot, kubeconfig, context }: ReadFrom): readonly string[] {
  if (snapshot !== undefined) return ['--manifests', snapshot];
  return [...(kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig]), ...(context === undefined ? [] : ['--context', context])];
}

function spoken(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** As a POSIX shell reads it as one word: names and values come from a cluster. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
