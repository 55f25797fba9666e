import { type CmdbReader, parseQuantity, readField } from '@tier0/core';
import { indexed } from './indexed.ts';
import { requestsOf } from './node-fit.ts';
import { livePods } from './pod-view.ts';
import { listAt, textAt } from './read-object.ts';

/** An extended resource of a vendor: `nvidia.com/gpu`. Those of Kubernetes itself have no vendor. */
const DEVICE = /^(?!(?:[\w.-]+\.)?kubernetes\.io\/)([\w-]+)(?:\.[\w-]+)+\/\S+$/;

/** Devices that pods wait for and that no node offers: the plugin that would announce them does not. */
export const devicesNotOffered = indexed((reader: CmdbReader): ReadonlySet<string> => {
  const waiting = livePods(reader).filter(({ object }) => textAt(object, 'spec', 'nodeName') === undefined);
  const asked = new Set(
    waiting.flatMap(({ object }) => [...requestsOf(object)].flatMap(([resource]) => (DEVICE.test(resource) ? [resource] : []))),
  );
  const nodes = reader.items({ kind: 'Node' }).items.map(({ id }) => reader.object(id));
  const isOffered = (resource: string) =>
    nodes.some((node) => (parseQuantity(readField(node, ['status', 'allocatable', resource])) ?? 0) > 0);
  return new Set(nodes.length === 0 ? [] : [...asked].filter((resource) => !isOffered(resource)));
});

/** Item ids of the DaemonSets that by their names and images announce devices of the vendor of a resource to the kubelets. */
export function devicePluginsOf(reader: CmdbReader, resource: string): readonly string[] {
  const vendor = DEVICE.exec(resource)?.[1];
  if (vendor === undefined) return [];
  return reader.items({ kind: 'DaemonSet' }).items.flatMap(({ id, name }) => {
    const images = listAt(reader.object(id), 'spec', 'template', 'spec', 'containers').map((entry) => textAt(entry, 'image') ?? '');
    const words = [name, ...images].join(' ').toLowerCase();
    return /device-?plugin/.test(words) && words.includes(vendor.toLowerCase()) ? [id] : [];
  });
}
