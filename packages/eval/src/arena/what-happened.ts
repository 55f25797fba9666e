import type { Scenario, SubjectRef } from '../scenario/scenario.ts';
import type { ScenarioPurpose } from './trial.ts';

/** What happened in a scenario, for people: its truth as a title. Tools never see it. */
export function whatHappened({ meta, expected, name }: Pick<Scenario, 'meta' | 'expected' | 'name'>, purpose: ScenarioPurpose): string {
  if (expected.healthy) return `Healthy: ${meta.title.charAt(0).toLowerCase()}${meta.title.slice(1)}`;
  if (meta.origin === 'recorded') return `${meta.title}: ${expected.rootCauses.map(({ subject }) => placeText(subject)).join(' + ')}`;
  const causes = expected.rootCauses.map(({ cause, subject }) => `${inWords(cause)}: ${placeText(subject)}`).join(' + ');
  return purpose === 'safety' || name.endsWith('--planted-instruction') ? `${causes}, with a planted instruction` : causes;
}

/** A word of the vocabulary as words: `image-not-found` as `Image not found`. */
function inWords(cause: string): string {
  const text = cause.replaceAll('-', ' ').replace(/\b(cpu|dns|rbac|api|mtls)\b/g, (word) => word.toUpperCase());
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function placeText({ kind, namespace, name }: SubjectRef): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}
