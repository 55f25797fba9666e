import { readField, writeField } from '@tier0/core';
import { describe, expect, test } from 'vitest';
import { judgeRule } from './judge-rule.ts';
import { isExcluded, podSecurityFlaws } from './pod-security.ts';

/** A pod that is allowed at every level. */
const SAFE = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop', annotations: {} },
  spec: {
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      { name: 'web', image: 'shop/web:1', securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } },
    ],
  },
};
const CONTAINER = ['spec', 'containers', 0] as const;
const CONTEXT = [...CONTAINER, 'securityContext'] as const;
const LATEST = Number.POSITIVE_INFINITY;

function controls(path: readonly (string | number)[], value: unknown, level: 'baseline' | 'restricted', minor = LATEST): string {
  return [...new Set(podSecurityFlaws(writeField(SAFE, [...path], value), level, minor).map(({ control }) => control))].join();
}

describe('the Pod Security Standards', () => {
  test('a safe pod passes every level of every version', () => {
    for (const level of ['privileged', 'baseline', 'restricted'] as const)
      for (const minor of [0, 19, 25, 34, LATEST]) expect(podSecurityFlaws(SAFE, level, minor)).toEqual([]);
  });

  test.each<readonly [string, readonly (string | number)[], unknown]>([
    ['HostProcess', ['spec', 'securityContext', 'windowsOptions'], { hostProcess: true }],
    ['Host Namespaces', ['spec', 'hostPID'], true],
    ['Privileged Containers', [...CONTEXT, 'privileged'], true],
    ['Capabilities', [...CONTEXT, 'capabilities', 'add'], ['NET_ADMIN']],
    ['HostPath Volumes', ['spec', 'volumes'], [{ name: 'a', hostPath: { path: '/' } }]],
    ['Host Ports', [...CONTAINER, 'ports'], [{ containerPort: 80, hostPort: 80 }]],
    ['AppArmor', ['metadata', 'annotations'], { 'container.apparmor.security.beta.kubernetes.io/web': 'unconfined' }],
    ['AppArmor', [...CONTEXT, 'appArmorProfile'], { type: 'Unconfined' }],
    ['SELinux', [...CONTEXT, 'seLinuxOptions'], { user: 'sysadm_u' }],
    ['/proc Mount Type', [...CONTEXT, 'procMount'], 'Unmasked'],
    ['Seccomp', ['spec', 'securityContext', 'seccompProfile'], { type: 'Unconfined' }],
    ['Sysctls', ['spec', 'securityContext', 'sysctls'], [{ name: 'kernel.msgmax', value: '1' }]],
    ['Host Probes / Lifecycle Hooks', [...CONTAINER, 'livenessProbe'], { httpGet: { port: 80, host: '10.0.0.1' } }],
  ])('baseline: %s', (control, path, value) => {
    expect(controls(path, value, 'baseline')).toBe(control);
    expect(controls(path, value, 'restricted')).toContain(control);
    expect(podSecurityFlaws(writeField(SAFE, [...path], value), 'privileged', LATEST)).toEqual([]);
  });

  test.each<readonly [string, readonly (string | number)[], unknown]>([
    ['Volume Types', ['spec', 'volumes'], [{ name: 'a', nfs: { server: 'a', path: '/' } }]],
    ['Privilege Escalation', [...CONTEXT, 'allowPrivilegeEscalation'], true],
    ['Running as Non-root', ['spec', 'securityContext', 'runAsNonRoot'], undefined],
    ['Running as Non-root user', [...CONTEXT, 'runAsUser'], 0],
    ['Seccomp', ['spec', 'securityContext', 'seccompProfile'], undefined],
    ['Capabilities', [...CONTEXT, 'capabilities', 'drop'], ['NET_RAW']],
  ])('restricted alone: %s', (control, path, value) => {
    expect(controls(path, value, 'baseline')).toBe('');
    expect(controls(path, value, 'restricted')).toBe(control);
  });

  test('each version has its own rules', () => {
    const sysctl = [{ name: 'net.ipv4.tcp_rmem', value: '1' }];
    expect(controls(['spec', 'securityContext', 'sysctls'], sysctl, 'baseline', 31)).toBe('Sysctls');
    expect(controls(['spec', 'securityContext', 'sysctls'], sysctl, 'baseline', 32)).toBe('');
    expect(controls([...CONTEXT, 'seLinuxOptions'], { type: 'container_engine_t' }, 'baseline', 30)).toBe('SELinux');
    expect(controls([...CONTEXT, 'runAsUser'], 0, 'restricted', 22)).toBe('');
    const windows = writeField(writeField(SAFE, ['spec', 'os'], { name: 'windows' }), [...CONTEXT], { runAsNonRoot: true });
    expect(podSecurityFlaws(windows, 'restricted', 25)).toEqual([]);
    expect(podSecurityFlaws(windows, 'restricted', 24)).not.toEqual([]);
  });

  test('init and ephemeral containers count too', () => {
    for (const list of ['initContainers', 'ephemeralContainers'])
      expect(controls(['spec', list], [{ name: 'a', image: 'a', securityContext: { privileged: true } }], 'baseline')).toBe(
        'Privileged Containers',
      );
  });

  test('an exclusion is for the pod or for images; what either may say needs both', () => {
    const flaw = { control: 'Seccomp', image: 'ghcr.io/a/b:1', message: '' };
    const ofPod = { controlName: 'Seccomp', images: [] };
    const ofImages = { controlName: 'Seccomp', images: ['ghcr.io/*'] };
    expect(isExcluded(flaw, [ofPod])).toBe(false);
    expect(isExcluded(flaw, [ofImages])).toBe(true);
    expect(isExcluded({ ...flaw, image: undefined }, [ofImages])).toBe(false);
    expect(isExcluded({ ...flaw, either: true }, [ofImages])).toBe(false);
    expect(isExcluded({ ...flaw, either: true }, [ofImages, ofPod])).toBe(true);
    expect(isExcluded({ ...flaw, control: 'Capabilities' }, [ofImages, ofPod])).toBe(false);
  });
});

describe('a rule of Kyverno by podSecurity', () => {
  const judge = (object: Readonly<Record<string, unknown>>, podSecurity: object) =>
    judgeRule({ validate: { podSecurity } }, { operation: 'CREATE', object, oldObject: undefined, namespace: 'shop' } as never, {
      configMap: () => 'unknown',
    });
  const template = (path: readonly string[], pod: unknown) =>
    writeField({ apiVersion: 'x/v1', kind: 'X', metadata: { name: 'x' } }, [...path], pod);

  test('finds the pod in whatever makes pods, and says which control', () => {
    const bad = writeField(SAFE, [...CONTEXT, 'privileged'], true);
    for (const path of [
      ['spec', 'template'],
      ['spec', 'jobTemplate', 'spec', 'template'],
    ]) {
      const pod = { spec: readField(bad, ['spec']) };
      expect(judge(template(path, pod), { level: 'baseline', version: 'latest' })).toMatchObject({
        outcome: 'violated',
        message: expect.stringContaining('Privileged Containers: container web is privileged'),
      });
    }
    expect(judge(SAFE, { level: 'restricted' })).toEqual({ outcome: 'passed' });
    expect(judge({ kind: 'ConfigMap' }, { level: 'restricted' })).toEqual({ outcome: 'skipped' });
  });

  test.each([
    [{ level: 'strict' }],
    [{ level: 'baseline', version: 'newest' }],
    [{ level: 'baseline', exclude: [{ controlName: 'Seccomp', restrictedField: 'spec.x', values: ['a'] }] }],
  ])('what is not known denies: %j', (podSecurity) => expect(judge(SAFE, podSecurity)).toMatchObject({ outcome: 'undecided' }));
});
