import type { JsonValue } from '@tier0/core';
import { factsOf } from '../../findings/code-entry.ts';
import type { RemedyCase, RemedyDraft } from '../../findings/remedy-draft.ts';
import { mentionsHost } from '../objects/host-text.ts';
import { listAt, textAt } from '../objects/read-object.ts';
import { editOf, editsOf, kindOf, nameOf, remedyOf } from '../objects/remedy-edits.ts';
import { podSpecPath } from '../objects/workload.ts';
import { AwaitedServiceSchema } from './facts.ts';

/** Takes out an init container that only waits for a Service which does not exist, where nothing else of the pod names that Service. */
export function stopWaiting({ reader, rootCause, finding }: RemedyCase): readonly RemedyDraft[] {
  const service = nameOf(rootCause.subject);
  const init = factsOf(finding, AwaitedServiceSchema)?.initContainer;
  const users = reader.relations(rootCause.subject, 'in').map(({ from }) => from);
  const waiting = [...new Set([...users, ...(finding.seenOn ?? [])])]
    .sort()
    .filter((item) => /^(Deployment|StatefulSet|DaemonSet)$/.test(kindOf(item)));
  if (init === undefined) return [];
  return waiting.flatMap((workload) => {
    const path = [...podSpecPath(kindOf(workload)), 'initContainers'];
    const all = listAt(reader.object(workload), ...path);
    const kept = all.filter((entry) => textAt(entry, 'name') !== init);
    const others = [...kept, ...listAt(reader.object(workload), ...podSpecPath(kindOf(workload)), 'containers')];
    if (kept.length === all.length || others.some((entry) => textsOf(entry).some((text) => mentionsHost(text, service)))) return [];
    return remedyOf(editsOf(editOf(reader, workload, path, kept.length > 0 ? (kept as JsonValue) : undefined)), {
      id: 'stop-waiting',
      title: `Let ${nameOf(workload)} start without waiting for ${service}`,
      why: `${init} waits for a Service that does not exist, and no other container names it.`,
      precondition: `The program does not need ${service}; else bring the Service back.`,
      risk: 'medium',
      verify: 'The pods start and become ready.',
      rollback: 'Put the init container back.',
      assumption: `the program runs without ${service}`,
    });
  });
}

function textsOf(container: unknown): readonly string[] {
  const values = listAt(container, 'env').flatMap((variable) => textAt(variable, 'value') ?? []);
  return [...values, ...listAt(container, 'command'), ...listAt(container, 'args')].map(String);
}
