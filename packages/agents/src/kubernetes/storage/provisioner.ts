import { type CmdbReader, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import { indexed } from '../objects/indexed.ts';
import { listAt, numberAt, textAt } from '../objects/read-object.ts';
import { type IndexedWorkload, workloadsByNamespace } from '../objects/workload-index.ts';

/** Workloads that could make volumes: a container of theirs is called a provisioner, or they are themselves. */
const makers = indexed((reader) =>
  [...workloadsByNamespace(reader).values()].flat().filter((workload) => {
    const names = listAt(workload.podSpec, 'containers').map((container) => textAt(container, 'name') ?? '');
    return [workload.name, ...names].some((name) => name.includes('provisioner'));
  }),
);

/** Parts of a provisioner's name that many share. */
const COMMON = /^(?:csi|com|io|k8s|net|org|sigs|storage|cluster|local|driver|kubernetes|cloud|dev|plugin)$/;

/** Workloads that make volumes for a provisioner such as `ebs.csi.example.com`, by its name in their arguments or in their own name. */
export function provisionersOf(reader: CmdbReader, provisioner: string): readonly IndexedWorkload[] {
  const words = provisioner.split(/[./]/).filter((word) => word.length > 2 && !COMMON.test(word));
  const told = makers(reader).filter((workload) => textsOf(workload).some((text) => text.includes(provisioner)));
  return told.length > 0 ? told : makers(reader).filter((workload) => words.some((word) => workload.name.includes(word)));
}

function textsOf(workload: IndexedWorkload): readonly string[] {
  return listAt(workload.podSpec, 'containers').flatMap((container) => {
    const values = listAt(container, 'env').map((entry) => readField(entry, ['value']));
    return [...listAt(container, 'args'), ...listAt(container, 'command'), ...values].filter((text) => typeof text === 'string');
  });
}

/** A provisioner that is down while a claim waits for it. */
export function provisionerDown(reader: CmdbReader, provisioner: string): readonly FindingDraft[] {
  return provisionersOf(reader, provisioner).flatMap((workload): readonly FindingDraft[] => {
    const ready = numberAt(workload.object, 'status', 'readyReplicas') ?? numberAt(workload.object, 'status', 'numberReady') ?? 0;
    if (ready > 0 || readField(workload.object, ['status']) === undefined) return [];
    const isOff = workload.wanted === 0;
    const message = `${workload.kind} ${workload.name}, which makes volumes for ${provisioner}, ${isOff ? 'is scaled to zero' : 'has no ready pod'}`;
    const code = isOff ? 'T0-STORAGECLASS-003' : 'T0-STORAGECLASS-002';
    return [{ code, subject: workload.id, message, evidence: [quote(reader, workload.id, ['status'])] }];
  });
}
