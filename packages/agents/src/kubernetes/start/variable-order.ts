import type { FindingDraft } from '../../findings/finding-draft.ts';
import type { Rule } from '../../findings/rule.ts';
import { type ContainerView, containerFinding, containersOf, isUp, livePods } from '../objects/pod-view.ts';
import { listAt, textAt } from '../objects/read-object.ts';

/**
 * Variables that name another one which stands below them: the kubelet puts in only what was defined before, and leaves `$(NAME)` as it is
 * else (Kubernetes documentation, "Define dependent environment variables").
 */
export const variableOrderRule: Rule = {
  name: 'variable-order',
  check: (reader) =>
    livePods(reader)
      .filter(({ object }) => mayReference(object))
      .flatMap((pod) => containersOf(pod).flatMap(outOfOrder)),
};

/** Hardly any pod has a value that can name another variable. */
function mayReference(pod: unknown): boolean {
  return [...listAt(pod, 'spec', 'containers'), ...listAt(pod, 'spec', 'initContainers')].some((container) =>
    listAt(container, 'env').some((entry) => textAt(entry, 'value')?.includes('$(') === true),
  );
}

/** `$$(NAME)` is meant as text. */
const REFERENCE = /(?<!\$)\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)/g;

function outOfOrder(view: ContainerView): readonly FindingDraft[] {
  const names = listAt(view.spec, 'env').map((entry) => textAt(entry, 'name') ?? '');
  return listAt(view.spec, 'env').flatMap((entry, index): readonly FindingDraft[] => {
    const used = [...(textAt(entry, 'value') ?? '').matchAll(REFERENCE)].flatMap(([, name]) => name ?? []);
    const late = used.find((name) => names.indexOf(name) >= index);
    if (late === undefined) return [];
    return [
      containerFinding(view, {
        code: 'T0-POD-078',
        key: names[index],
        facts: { variable: names[index], container: view.name, late },
        // A program that is ready does well without it.
        severity: isUp(view.pod.object) ? 'degraded' : undefined,
        paths: [[...view.specPath, 'env']],
      }),
    ];
  });
}
