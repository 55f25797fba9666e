import type { DiagnosisDocument } from '@tier0/agents';
import { expect, test } from 'vitest';
import { nextCommands } from './next-command.ts';

type Remedy = DiagnosisDocument['rootCauses'][number]['remedies'][number];

const item = { kind: 'Deployment', namespace: 'shop', name: 'web' };

function remedy(title: string, edits: readonly object[]): Remedy {
  return { title, edits } as unknown as Remedy;
}

function diagnosis(...remedies: readonly Remedy[]): DiagnosisDocument {
  return { rootCauses: [{ code: 'T0-POD-001', remedies }] } as unknown as DiagnosisDocument;
}

const one = remedy("Restore the last owner's image", [{ item, path: 'spec.image', value: 'web:1' }]);
const two = remedy('Raise both limits', [
  { item, path: 'spec.a', value: 1 },
  { item, path: 'spec.b', value: 2 },
]);

test('the first fix of the first cause is what is offered, as a shell reads it', () => {
  const [next = ''] = nextCommands(diagnosis(one, two), { snapshot: './monday night' });
  expect(next).toContain("propose Deployment/shop/web spec.image web:1 --repository URL --manifests './monday night'");
  expect(next).toContain(`--why 'Restore the last owner'\\''s image'`);
});

test('a second fix is never offered in place of the first', () => {
  const [next = '', explained = ''] = nextCommands(diagnosis(two, one), { kubeconfig: 'k', context: 'production' });
  expect(next).toMatch(/ run --repository URL --kubeconfig k --context production --dry-run$/);
  expect(explained).toMatch(/ explain T0-POD-001$/);
  // A recording has no cluster to run against, and what is withheld must not be written as it stands.
  expect(nextCommands(diagnosis(two, one), { snapshot: 'x' })).toHaveLength(1);
  const secret = remedy('Put it back', [{ item, path: 'data.a', value: '[withheld: ...]', withheld: true }]);
  expect(nextCommands(diagnosis(secret), { snapshot: 'x' })).toHaveLength(1);
  expect(nextCommands({ rootCauses: [] } as unknown as DiagnosisDocument, {})).toEqual([]);
});
