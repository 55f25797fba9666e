import { expect, test } from 'vitest';
import { faultsIn, node, object, ownedBy, pod, waiting, web } from '../../fixtures/made-cluster.ts';

const WEB = 'Deployment ns/web';
const pulling = (message: string) => pod('p', waiting('ErrImagePull', message));

test.each([
  ['manifest unknown', [`T0-POD-001 ${WEB}`]],
  ['write /var/lib/containerd/tmp: no space left on device', ['T0-POD-045 Node node-a']],
  ['tls: failed to verify certificate: x509: certificate signed by unknown authority', [`T0-POD-047 ${WEB}`]],
  ['toomanyrequests: You have reached your pull rate limit', [`T0-POD-026 ${WEB}`]],
  ['no match for platform in manifest', [`T0-POD-013 ${WEB}`]],
  ['pull access denied', [`T0-POD-002 ${WEB}`]],
  ['the moon is in the wrong house', [`T0-POD-046 ${WEB}`]],
  ['Back-off pulling image "registry.example/web:1"', [`T0-POD-001 ${WEB}`]],
])('the pull error "%s"', async (message, expected) => {
  expect(await faultsIn([node('node-a'), ...web(), pulling(message)])).toEqual(expected);
});

const SET = (image: string) =>
  object('StatefulSet', 'web', {
    spec: { replicas: 1, template: { spec: { containers: [{ name: 'app', image }] } } },
    status: { replicas: 1, readyReplicas: 0, updateRevision: 'web-2', currentRevision: 'web-1' },
  });
const member = (revision: string) =>
  pod('web-0', {
    ...waiting('ImagePullBackOff', 'manifest unknown'),
    metadata: { ...ownedBy('StatefulSet', 'web'), labels: { 'controller-revision-hash': revision } },
  });

test('a pod that an older template made is what is stuck, not the template that was corrected', async () => {
  expect(await faultsIn([node('node-a'), SET('registry.example/web:2'), member('web-1')])).toContain('T0-STATEFULSET-003 Pod ns/web-0');
  expect(await faultsIn([node('node-a'), SET('registry.example/web:1'), member('web-2')])).toContain('T0-POD-001 StatefulSet ns/web');
});
