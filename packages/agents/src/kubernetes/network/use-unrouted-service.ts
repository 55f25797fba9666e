import { type FieldPath, parseKubernetesItemId, readField } from '@tier0/core';
import type { RemedyCase, RemedyDraft } from '../../findings/remedy-draft.ts';
import { kinship } from '../objects/kinship.ts';
import { objectsIn } from '../objects/objects.ts';
import { listAt, textAt } from '../objects/read-object.ts';
import { editOf, kindOf, nameOf, remedyOf } from '../objects/remedy-edits.ts';

/** Sends a route to the one Service of the namespace that nothing leads to and that has the port which is asked for. */
export function useUnroutedService({ reader, rootCause }: RemedyCase): readonly RemedyDraft[] {
  const missing = rootCause.subject;
  const routes = reader.relations(missing, 'in', 'routesTo').map(({ from }) => from);
  const ingress = routes.find((id) => kindOf(id) === 'Ingress');
  if (kindOf(missing) !== 'Service' || ingress === undefined || reader.get(missing).state === 'found') return [];
  const { namespace = '' } = parseKubernetesItemId(missing) ?? {};
  const places = backendPaths(reader.object(ingress), nameOf(missing));
  const port = readField(reader.object(ingress), [...(places[0] ?? []), 'port']);
  const free = objectsIn(reader, 'Service', namespace).filter(
    (service) =>
      reader.relations(service.id, 'in', 'routesTo').length === 0 &&
      hasPort(service.object, port) &&
      kinship(service.name, nameOf(missing)) > 0,
  );
  const [only] = free;
  if (only === undefined || free.length !== 1) return [];
  return remedyOf(
    places.flatMap((path) => editOf(reader, ingress, [...path, 'name'], only.name) ?? []),
    {
      id: 'use-unrouted-service',
      title: `Let Ingress ${nameOf(ingress)} send to Service ${only.name}`,
      why: `Service ${nameOf(missing)} does not exist. ${only.name} is the only Service of a like name there that nothing leads to.`,
      precondition: `${only.name} took the place of ${nameOf(missing)}.`,
      risk: 'medium',
      verify: 'The address of the Ingress answers.',
      rollback: `Send to ${nameOf(missing)} again.`,
    },
  );
}

function backendPaths(ingress: unknown, service: string): readonly FieldPath[] {
  const rules = listAt(ingress, 'spec', 'rules').flatMap((rule, at) =>
    listAt(rule, 'http', 'paths').map((_, index): FieldPath => ['spec', 'rules', at, 'http', 'paths', index, 'backend', 'service']),
  );
  return [...rules, ['spec', 'defaultBackend', 'service']].filter((path) => textAt(ingress, ...path, 'name') === service);
}

function hasPort(service: unknown, wanted: unknown): boolean {
  const [number, name] = [readField(wanted, ['number']), readField(wanted, ['name'])];
  return listAt(service, 'spec', 'ports').some((port) =>
    number === undefined ? readField(port, ['name']) === name : readField(port, ['port']) === number,
  );
}
