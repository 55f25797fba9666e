// A small tool of somebody else: it knows nothing of tier0. It reads a kubeconfig and prints what it thinks is wrong.
import { readFileSync } from 'node:fs';

if (process.argv[2] === '--version') {
  console.log('restart-counter 0.1.0');
  process.exit(0);
}

const server = /server: (\S+)/.exec(readFileSync(process.env.KUBECONFIG, 'utf8'))[1];
const list = async (path) => (await (await fetch(`${server}${path}`)).json()).items;
const [pods, replicaSets] = await Promise.all([list('/api/v1/pods'), list('/apis/apps/v1/replicasets')]);

const CAUSES = {
  ErrImagePull: 'image-not-found',
  ImagePullBackOff: 'image-not-found',
  CreateContainerConfigError: 'configmap-key-missing',
};

function ownerOf({ metadata }) {
  const { kind, name } = metadata.ownerReferences?.[0] ?? { kind: 'Pod', name: metadata.name };
  const set =
    kind === 'ReplicaSet' && replicaSets.find((one) => one.metadata.name === name && one.metadata.namespace === metadata.namespace);
  return set?.metadata?.ownerReferences?.[0] ?? { kind, name };
}

const rootCauses = pods.flatMap((pod) =>
  (pod.status.containerStatuses ?? [])
    .filter(({ state }) => CAUSES[state?.waiting?.reason])
    .map(({ state }) => {
      const { kind, name } = ownerOf(pod);
      const { reason, message } = state.waiting;
      return { cause: CAUSES[reason], kind, namespace: pod.metadata.namespace, name, text: `${reason}: ${message}`, confidence: 0.7 };
    }),
);

console.log(`looked at ${pods.length} pods`);
console.log(JSON.stringify({ rootCauses, findings: rootCauses.length }));
