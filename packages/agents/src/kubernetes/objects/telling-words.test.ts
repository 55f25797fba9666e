import { expect, test } from 'vitest';
import { tellingWords, withoutMiddle } from './telling-words.ts';

const FOLDER =
  '/var/lib/kubelet/pods/0a1b2c3d-0000-4000-8000-00000000abcd/volumes/kubernetes.io~csi/pvc-11111111-2222-4333-8444-555555555555';

test.each([
  ['a short message stays as it is', 'no space left on device', 'no space left on device'],
  [
    'the end of what a mount prints',
    `MountVolume.SetUp failed for volume "files" : rpc error: code = Internal desc = mount failed: exit status 32\nMounting command: mount\nMounting arguments: -t nfs 10.1.2.3:/files ${FOLDER}/mount\nOutput: mount.nfs: access denied by server while mounting 10.1.2.3:/files\n`,
    'volume files: mount failed: exit status 32; Mounting arguments: -t nfs 10.1.2.3:/files …/mount; Output: mount.nfs: access denied by server while mounting 10.1.2.3:/files',
  ],
  [
    'the words for people in the answer of a cloud',
    'Attach volume "/subscriptions/1/groups/a/disks/disk-7" failed with Retriable: false, RetryAfter: 0s, HTTPStatusCode: 409, RawError: {\r\n  "error": {\r\n    "code": "Conflict",\r\n    "message": "Disk is in use by another machine."\r\n  }\r\n}',
    'Attach volume "…/disk-7" failed with HTTPStatusCode: 409, RawError: "Disk is in use by another machine."',
  ],
  [
    'what a probe prints below a line about its own work',
    'Readiness probe failed: 2026-01-02 03:04:05 [INFO][7] health.go 10: peers = 1\nthe router has no session with 10.9.8.7\n',
    'Readiness probe failed: the router has no session with 10.9.8.7',
  ],
  [
    'a table that a probe prints',
    'Readiness probe failed: Key        Value\n---        -----\nLocked     true\nKeys       0/3\n',
    'Readiness probe failed: Key Value; Locked true; Keys 0/3',
  ],
  ['a line about the work where there is no other', 'Liveness probe failed: [INFO] peers = 0', 'Liveness probe failed: [INFO] peers = 0'],
  [
    'numbers of requests name nothing',
    'upload refused: 403 Forbidden, request id: 9f8e7d6c-1111, host id: AbC+/12=',
    'upload refused: 403 Forbidden',
  ],
])('%s', (_title, text, expected) => {
  expect(tellingWords(text)).toBe(expected);
});

test('of a message that is too long both ends are kept', () => {
  const text = `could not make the volume: ${'step after step: '.repeat(40)}quota of disks is used up`;
  const told = tellingWords(text);
  expect(told.length).toBeLessThanOrEqual(360);
  expect(told).toMatch(/^could not make the volume: .* … .*quota of disks is used up$/);
  expect(withoutMiddle('short')).toBe('short');
});
