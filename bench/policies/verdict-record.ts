import { objectsIn, PARAMETER_KIND, type PolicyCase, updated } from './tuples.ts';

/** A verdict of the API server: which case it is about, and whether the object is let in. */
export interface ServerVerdict {
  readonly subject: string;
  readonly server: boolean;
}

/**
 * Verdicts as the tests of `@tier0/gitops` read them: the objects once, and for each case a letter an object, `a` for allowed and `d` for denied,
 * those that are created first, then those that are updated. `NS` stands for the namespace.
 */
export function verdictRecord(
  cases: readonly PolicyCase[],
  verdicts: readonly ServerVerdict[],
  standing: (namespace: string) => readonly object[],
) {
  const [first] = cases;
  const variables = (first?.policy.spec as { readonly variables: unknown } | undefined)?.variables;
  const updates = standing('NS') as readonly Record<string, unknown>[];
  return {
    parameterKind: PARAMETER_KIND,
    variables,
    objects: objectsIn('NS'),
    updates: updates.map((before) => ({ before, after: updated(before) })),
    cases: cases.flatMap((one) => {
      const letters = verdicts.filter(({ subject }) => subject.startsWith(`${one.id} `)).map(({ server }) => (server ? 'a' : 'd'));
      return letters.length === 0 ? [] : [{ ...anonymous(one), verdicts: letters.join('') }];
    }),
  };
}

function anonymous({ id, namespace, policy, binding, params }: PolicyCase): Readonly<Record<string, unknown>> {
  const spec = { ...(policy.spec as object), variables: undefined };
  const text = JSON.stringify({ namespace, policy: spec, binding: binding.spec, params });
  return JSON.parse(text.replace(new RegExp(`${id}(?!\\d)`, 'g'), 'NS')) as Readonly<Record<string, unknown>>;
}
