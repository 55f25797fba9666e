import { expect, test } from 'vitest';
import { fixHolds } from './fix-holds.ts';
import { scoreDiagnosis } from './score-diagnosis.ts';

const subject = (name: string, kind = 'Deployment') => ({ kind, namespace: 'n', name });
const named = (cause: string, name: string, path: readonly string[] = []) => ({
  cause,
  subject: subject(name),
  path: path.map((item) => subject(item)),
});
const expected = {
  healthy: false,
  rootCauses: [
    { cause: 'image-not-found', subject: subject('a'), path: [subject('a'), subject('c')] },
    { cause: 'secret-missing', subject: subject('s'), alsoAccept: [subject('b')] },
  ],
  forbidden: [subject('c')],
};

test('the whole set must be right, each named cause counts once, and a path may hold more than was asked', () => {
  const whole = [named('image-not-found', 'a', ['a', 'b', 'c']), named('secret-missing', 'b')];
  expect(scoreDiagnosis(whole, expected)).toEqual({
    right: 2,
    wrong: 0,
    missed: 0,
    isExact: true,
    accusations: 0,
    pathsAsked: 1,
    pathsRight: 1,
  });
  expect(scoreDiagnosis([...whole, named('secret-missing', 's')], expected)).toMatchObject({ wrong: 1, isExact: false, accusations: 0 });
  expect(scoreDiagnosis([named('image-not-found', 'a', ['c', 'a'])], expected)).toMatchObject({ missed: 1, pathsRight: 0 });
  expect(scoreDiagnosis([named('image-not-found', 'c')], expected)).toMatchObject({ right: 0, wrong: 1, accusations: 1 });
});

test('in a control every accusation is one too many', () => {
  const control = { healthy: true, rootCauses: [] };
  expect(scoreDiagnosis([], control)).toMatchObject({ isExact: true, accusations: 0 });
  expect(scoreDiagnosis([named('memory-leak', 'x')], control)).toMatchObject({ isExact: false, accusations: 1 });
});

test('a repair is right when all predicates of one acceptable fix hold', () => {
  const object = { spec: { replicas: 3, limit: '512Mi', selector: { app: 'x' } } };
  const objectOf = ({ name }: { name: string }) => (name === 'a' ? object : undefined);
  const fix = (path: string, test: object, name = 'a') => [{ all: [{ object: subject(name), path, ...test }] }];
  expect(fixHolds(fix('spec.limit', { atLeast: '256Mi' }), objectOf)).toBe(true);
  expect(fixHolds(fix('spec.limit', { atLeast: '1Gi' }), objectOf)).toBe(false);
  expect(fixHolds(fix('spec.replicas', { oneOf: [2, 3] }), objectOf)).toBe(true);
  expect(fixHolds(fix('spec.selector', { equals: { app: 'y' } }), objectOf)).toBe(false);
  expect(fixHolds(fix('', { exists: false }, 'gone'), objectOf)).toBe(true);
  expect(fixHolds([...fix('spec.replicas', { atMost: 1 }), ...fix('spec.nothing', { exists: false })], objectOf)).toBe(true);
});
