import { type CmdbReader, readField } from '@tier0/core';
import { indexed } from './indexed.ts';
import { isNodeChosen, toleratesTaints } from './node-match.ts';
import { objectsOf } from './objects.ts';
import { livePodsByWorkload } from './pod-view.ts';
import { listAt, textAt } from './read-object.ts';

/** The DaemonSet that brings a CSI driver to nodes, and why it has no pod on one of them. */
export interface AbsentDriver {
  /** Item id of the DaemonSet. */
  readonly daemonSet: string;
  readonly why: string;
}

/** Registers a driver with the kubelet of its node. */
const REGISTRAR = /driver-registrar/;

/**
 * The one DaemonSet with pods on each node that has registered a driver (CSINode) and none on the node that has not, where its template keeps it
 * from there; undefined where its pod is there, or nothing keeps it away.
 */
export function absentDriver(reader: CmdbReader, driver: string, node: string): AbsentDriver | undefined {
  const known = absentDrivers(reader);
  const key = `${driver} ${node}`;
  if (!known.has(key)) known.set(key, findAbsent(reader, driver, node));
  return known.get(key);
}

/** Looked for once for each driver and node, however many pods wait there. */
const absentDrivers = indexed(() => new Map<string, AbsentDriver | undefined>());

function findAbsent(reader: CmdbReader, driver: string, node: string): AbsentDriver | undefined {
  const having = objectsOf(reader, 'CSINode').flatMap(({ name, object }) =>
    listAt(object, 'spec', 'drivers').some((entry) => textAt(entry, 'name') === driver) ? [name] : [],
  );
  const missed = objectsOf(reader, 'Node').find(({ name }) => name === node)?.object;
  if (having.length === 0 || having.includes(node) || missed === undefined) return undefined;
  const bringers = objectsOf(reader, 'DaemonSet').filter(({ id, object }) => {
    const nodes = new Set((livePodsByWorkload(reader).get(id) ?? []).map((pod) => textAt(pod.object, 'spec', 'nodeName')));
    return hasRegistrar(object) && having.every((name) => nodes.has(name)) && !nodes.has(node);
  });
  const [bringer, ...others] = bringers.length > 1 ? bringers.filter(({ name }) => speaksOf(name, driver)) : bringers;
  if (bringer === undefined || others.length > 0) return undefined;
  const why = whyNot(readField(bringer.object, ['spec', 'template', 'spec']), missed);
  return why === undefined ? undefined : { daemonSet: bringer.id, why };
}

function hasRegistrar(daemonSet: unknown): boolean {
  const containers = listAt(daemonSet, 'spec', 'template', 'spec', 'containers');
  return containers.some((entry) => REGISTRAR.test(`${textAt(entry, 'name')} ${textAt(entry, 'image')}`));
}

/** A word of the driver's name stands in that of the DaemonSet: `csi-rbdplugin` and `rook-ceph.rbd.csi.ceph.com`. */
function speaksOf(name: string, driver: string): boolean {
  return driver.split(/[^a-z0-9]+/).some((word) => word.length > 2 && word !== 'csi' && word !== 'com' && name.includes(word));
}

function whyNot(podSpec: unknown, node: unknown): string | undefined {
  if (!isNodeChosen(podSpec, node)) return 'its node selector or affinity leaves the node out';
  if (toleratesTaints(podSpec, node)) return undefined;
  const taints = listAt(node, 'spec', 'taints').map((taint) => {
    const value = textAt(taint, 'value');
    return `${textAt(taint, 'key')}${value === undefined ? '' : `=${value}`}:${textAt(taint, 'effect')}`;
  });
  return `it does not tolerate the taint ${taints.join(', ')} of the node`;
}
