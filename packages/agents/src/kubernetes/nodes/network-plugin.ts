import { type CmdbReader, readField } from '@tier0/core';
import { indexed } from '../objects/indexed.ts';
import { podIndex } from '../objects/pod-index.ts';
import { listAt, textAt } from '../objects/read-object.ts';
import { type IndexedWorkload, ownerOf, workloadsByNamespace } from '../objects/workload-index.ts';

/** How kubelets say that the network of their pods is not set up. */
export const NETWORK_PLUGIN = /network plugin|cni (?:plugin|config)|NetworkPluginNotReady|networkReady=false/i;

/** Where a network plugin puts its configuration or its programs on a node. */
const PLUGIN_PATHS = /^\/(?:etc|opt|var\/lib)\/cni(?:\/|$)/;

const plugins = indexed(
  (reader) =>
    new Map(
      [...workloadsByNamespace(reader).values()]
        .flat()
        .filter(isPlugin)
        .map((workload): [string, IndexedWorkload] => [workload.id, workload]),
    ),
);

/** A part of a name that is `cni`: `install-cni`, `calico/cni:v3`. */
const CALLED_CNI = /(?:^|[-_/])cni(?:$|[-_/:@])/;

/** Network plugins by the names of their agents, where a recording leaves out what they mount: each of them is on the network of the node. */
const AGENTS =
  /(?:^|[-_/])(?:flannel|calico(?:-node)?|canal|cilium(?:-agent)?|weave(?:-net|-kube)?|kindnetd?|kube-router|antrea-agent|kube-ovn(?:-cni)?|aws-node|ovnkube-node)(?:$|[-_:@])/;

/**
 * A DaemonSet that writes into the folders of network plugins, or whose container or image is called after them, or after the agent of one
 * that has the network of the node.
 */
function isPlugin({ kind, podSpec }: IndexedWorkload): boolean {
  const parts = ['containers', 'initContainers'].flatMap((list) => listAt(podSpec, list));
  const names = parts.flatMap((part) => [textAt(part, 'name') ?? '', textAt(part, 'image') ?? '']);
  const paths = listAt(podSpec, 'volumes').map((volume) => textAt(volume, 'hostPath', 'path') ?? '');
  const isCalled = (name: string) => CALLED_CNI.test(name) || (AGENTS.test(name) && readField(podSpec, ['hostNetwork']) === true);
  return kind === 'DaemonSet' && (paths.some((path) => PLUGIN_PATHS.test(path)) || names.some(isCalled));
}

/** Item ids of network plugins whose pod on a node is not ready, sorted. */
export function failingPlugins(reader: CmdbReader, node: string): readonly string[] {
  const pods = podIndex(reader).byNode.get(node) ?? [];
  const failing = pods.filter((pod) => !pod.ready && !pod.over).map((pod) => ownerOf(reader, pod.id));
  return [...new Set(failing.filter((owner) => plugins(reader).has(owner)))].sort();
}
