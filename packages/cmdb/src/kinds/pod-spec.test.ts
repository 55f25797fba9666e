import { expect, test } from 'vitest';
import { imagesOf, lastImageOf } from './pod-spec.ts';

const pod = (spec: unknown) => ({ kind: 'Pod', metadata: { name: 'web' }, spec });

test.each([
  [undefined],
  [{}],
  [{ containers: 'none' }],
  [{ containers: [] }],
  [{ containers: [null] }],
  [{ containers: [7] }],
  [{ containers: [{ name: 'a' }] }],
  [{ containers: [{ name: 'a', image: 'a:1' }] }],
  [{ containers: [{ name: 'a', image: 7 }] }],
  [{ containers: [{ name: 'a', image: 'a:1' }, null] }],
  [
    {
      containers: [
        { name: 'a', image: 'a:1' },
        { name: 'b', image: 'b:1' },
      ],
    },
  ],
  [
    {
      containers: [
        { name: 'a', image: 'a:1' },
        { name: 'b', image: 'b:1' },
        { name: 'a', image: 'a:2' },
      ],
    },
  ],
  [{ initContainers: [{ name: 'i', image: 'i:1' }] }],
  [{ initContainers: [{ name: 'i', image: 'i:1' }], containers: [{ name: 'a', image: 'a:1' }] }],
  [{ initContainers: [{ name: 'a', image: 'i:1' }], containers: [{ name: 'a', image: 'a:1' }] }],
])('the last image of %j is the last of its images', (spec) => {
  expect(lastImageOf(pod(spec))).toBe([...imagesOf(pod(spec)).values()].at(-1));
});
