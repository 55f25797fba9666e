/** Why a node was not taken. Several of the scheduler's own reasons are one obstacle here. */
export type Obstacle =
  | 'node-selector'
  | 'node-affinity'
  | 'pod-affinity'
  | 'taint'
  | 'resources'
  | 'device'
  | 'pod-slots'
  | 'host-port'
  | 'topology-spread'
  | 'volume-affinity'
  | 'volume-count'
  | 'claim'
  | 'cordoned'
  | 'node-unready'
  | 'control-plane';

/** One reason of the scheduler's message, and how many nodes it gave it for. */
export interface SchedulerReason {
  readonly obstacle: Obstacle;
  /** 0 when the reason is not about single nodes. */
  readonly nodes: number;
  readonly text: string;
}

/** Reasons of kube-scheduler, from 1.18 to 1.34: the wording changed, the words that matter did not. */
const REASONS: readonly { readonly pattern: RegExp; readonly obstacle: Obstacle }[] = [
  { pattern: /taint[^,]*\{?node-role\.kubernetes\.io\/(?:control-plane|master)/i, obstacle: 'control-plane' },
  { pattern: /taint[^,]*\{?node\.kubernetes\.io\/unschedulable/i, obstacle: 'cordoned' },
  { pattern: /taint[^,]*\{?node\.(?:kubernetes|cloudprovider\.kubernetes)\.io\//i, obstacle: 'node-unready' },
  { pattern: /were unschedulable/i, obstacle: 'cordoned' },
  { pattern: /were not ready|out of disk|memory pressure|disk pressure|network unavailable/i, obstacle: 'node-unready' },
  { pattern: /\btaints?\b/i, obstacle: 'taint' },
  { pattern: /too many pods/i, obstacle: 'pod-slots' },
  { pattern: /insufficient (?:cpu|memory|ephemeral-storage|hugepages-\S+)/i, obstacle: 'resources' },
  { pattern: /insufficient \S+|cannot allocate all claims|resourceclaim/i, obstacle: 'device' },
  { pattern: /volume node affinity conflict|no available volume zone|had no available volume/i, obstacle: 'volume-affinity' },
  { pattern: /exceed max volume count/i, obstacle: 'volume-count' },
  {
    pattern:
      /unbound immediate persistentvolumeclaims|persistentvolumeclaim "[^"]+"|didn't find available persistent volumes|did not have enough free storage/i,
    obstacle: 'claim',
  },
  { pattern: /topology spread/i, obstacle: 'topology-spread' },
  { pattern: /anti-affinity|pod affinity rules|existing pods? anti|match(?: the)? pod affinity/i, obstacle: 'pod-affinity' },
  { pattern: /free (?:host )?ports|have free ports/i, obstacle: 'host-port' },
  {
    pattern:
      /node affinity\/selector|match node selector|match pod's node (?:affinity|selector)|match the requested node name|didn't satisfy plugin/i,
    obstacle: 'node-selector',
  },
  { pattern: /node affinity/i, obstacle: 'node-affinity' },
];

/** Takes the scheduler's message apart. What preemption could not do is left out: it repeats the reasons in other words. */
export function schedulerReasons(message: string): readonly SchedulerReason[] {
  const own = message.split(/\bpreemption: /i, 1)[0] ?? '';
  const list = own.replace(/^\s*\d+\/\d+ nodes are available:?/i, '').replace(/\.\s*$/, '');
  return splitReasons(list).flatMap((text): readonly SchedulerReason[] => {
    const obstacle = REASONS.find(({ pattern }) => pattern.test(text))?.obstacle;
    return obstacle ? [{ obstacle, nodes: Number(/^(\d+)\s/.exec(text)?.[1] ?? 0), text }] : [];
  });
}

/** Commas stand between reasons, and before `that the pod didn't tolerate`, and inside the braces of a taint. */
function splitReasons(list: string): readonly string[] {
  return list
    .replace(/\{[^}]*\}/g, (taint) => taint.replaceAll(',', ';'))
    .split(/,\s*(?=\d+ |pod has|persistentvolumeclaim|node\(s\))|\.\s+/i)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
