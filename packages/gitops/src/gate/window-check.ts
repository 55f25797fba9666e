import { type CmdbReader, type GateCheck, parseKubernetesItemId, type Remedy, readField } from '@tier0/core';
import { groupKindOf } from '../kubernetes/group-kind.ts';
import { isMap } from './schema/schema-flaws.ts';
import { judgeSyncWindows, syncWindowsOf, windowSubject } from './sync-windows.ts';

const TRACKING = ['metadata', 'annotations', 'argocd.argoproj.io/tracking-id'];
const INSTANCE = ['metadata', 'labels', 'app.kubernetes.io/instance'];

/** Whether Argo CD would sync the changed items now. Items that no Application tracks have no windows. */
export function windowCheck(remedy: Remedy, reader: CmdbReader, nowMs: number): GateCheck {
  const reasons = new Set<string>();
  let judged = 0;
  for (const item of new Set(remedy.edits.map((edit) => edit.item))) {
    for (const application of applicationsOf(item, reader)) {
      judged += 1;
      const verdict = judgeSyncWindows(projectWindows(application, reader), windowSubject(application), nowMs);
      if (!verdict.open) reasons.add(verdict.reason);
    }
  }
  const good = judged === 0 ? 'no Argo CD Application tracks what is changed' : 'no sync window keeps Argo CD from syncing now';
  return { name: 'windows', passed: reasons.size === 0, detail: reasons.size === 0 ? good : [...reasons].join('; ') };
}

function applicationsOf(item: string, reader: CmdbReader) {
  const object = reader.object(item);
  const tracking = readField(object, TRACKING);
  const instance = readField(object, INSTANCE);
  const name =
    typeof tracking === 'string' ? tracking.split(':')[0]?.replace(/^.*_/, '') : typeof instance === 'string' ? instance : undefined;
  if (name === undefined || !parseKubernetesItemId(item)) return [];
  return reader
    .items({ kind: 'Application', name })
    .items.map((found) => reader.object(found.id))
    .filter(isMap)
    .filter((application) => groupKindOf(application) === 'argoproj.io/Application');
}

function projectWindows(application: Readonly<Record<string, unknown>>, reader: CmdbReader) {
  const name = readField(application, ['spec', 'project']);
  const projects = reader.items({ kind: 'AppProject', name: typeof name === 'string' ? name : 'default' }).items;
  const objects = projects.map((project) => reader.object(project.id)).filter(isMap);
  return objects
    .filter((object) => object.apiVersion === undefined || groupKindOf(object) === 'argoproj.io/AppProject')
    .flatMap(syncWindowsOf);
}
