import { describe, expect, test } from 'vitest';
import { typeAt } from '../gate/schema/type-at.ts';
import { readLikeKubectl } from './kubectl-scalar.ts';
import { meantValue, saysNow, type ValueContext } from './meant-value.ts';

const DEPLOYMENT = { apiVersion: 'apps/v1', kind: 'Deployment' };
function schema(path: readonly string[], object: object = DEPLOYMENT): ValueContext {
  const found = typeAt(object, path);
  if (found.status !== 'known') throw new Error(`no schema for ${path.join('.')}`);
  return { schema: found.type };
}

const CONTAINER = ['spec', 'template', 'spec'];
const SERVICE = { apiVersion: 'v1', kind: 'Service' };

describe('what a text means', () => {
  test.each<[string, ValueContext, unknown]>([
    ['1.10', { now: 1.9 }, '1.10'],
    ['1.11', { now: 1.9 }, 1.11],
    ['1e3', { now: 5 }, '1e3'],
    ['0640', { now: 5 }, '0640'],
    ['1_000', { now: 5 }, '1_000'],
    ['12345678901234567890', { now: 5 }, '12345678901234567890'],
    ['5', { now: 4 }, 5],
    ['5', { now: '4' }, '5'],
    ['5', {}, '5'],
    ['no', { now: 'yes' }, 'no'],
    ['null', { now: 'x' }, 'null'],
    ['false', { now: true }, false],
    ['{"a":1}', { now: {} }, { a: 1 }],
    ['3', schema(['spec', 'replicas']), 3],
    ['true', schema(['spec', 'paused']), true],
    ['8080', { ...schema(['metadata', 'annotations', 'x']), now: 80 }, '8080'],
    ['true', schema([...CONTAINER, 'nodeSelector', 'gpu']), 'true'],
    ['2', schema([...CONTAINER, 'overhead', 'cpu']), '2'],
    ['25%', schema(['spec', 'strategy', 'rollingUpdate', 'maxSurge']), '25%'],
    ['1', schema(['spec', 'strategy', 'rollingUpdate', 'maxSurge']), 1],
    ['1.10', { as: 'number', now: 'x' }, 1.1],
    ['5', { as: 'string', now: 4 }, '5'],
    ['[1]', { as: 'json', now: 4 }, [1]],
  ])('%s with %j', (text, context, value) => {
    expect(meantValue(text, context)).toMatchObject({ status: 'value', value });
  });

  test.each<[string, ValueContext, string]>([
    ['many', { now: 4 }, 'is no number'],
    ['yes', { now: true }, 'is no boolean'],
    ['0644', schema(['spec', 'replicas']), 'is no number'],
    ['x', schema(['spec', 'selector'], SERVICE), 'a list or a map'],
    ['0644', { now: 640, plain: { source: '0640', value: 640, kubectl: 416 } }, 'kubectl and Helm read as 416'],
    ['no', { now: 'yes', plain: { source: 'yes', value: 'yes', kubectl: true } }, 'kubectl and Helm read as true'],
    ['x', { as: 'number' }, 'is no number'],
    ['12345678901234567890', { as: 'number' }, 'more digits'],
  ])('%s with %j is unclear, and the way out is said', (text, context, reason) => {
    expect(meantValue(text, context)).toEqual({
      status: 'unclear',
      reason: expect.stringContaining(reason),
      hint: expect.stringContaining('--string'),
    });
  });

  test('a text in place of a number is told', () => {
    expect(meantValue('1.10', { now: 1.9 })).toHaveProperty('note', expect.stringContaining('the number 1.1 in 1.10'));
    expect(meantValue('0644', schema(['spec', 'replicas']))).toHaveProperty('hint', expect.stringContaining('420'));
  });
});

test('what was expected is compared as it is written', () => {
  const plain = { source: '1.10', value: 1.1, kubectl: 1.1 };
  expect(saysNow('1.10', { now: 1.1, plain })).toBe(true);
  expect(saysNow('1.1', { now: 1.1, plain })).toBe(false);
  expect(saysNow('x y', { now: 'x y' })).toBe(true);
  expect(saysNow('{"a": [1]}', { now: { a: [1] } })).toBe(true);
  expect(saysNow('anything', {})).toBe(false);
});

test.each([
  ['no', false],
  ['on', true],
  ['y', true],
  ['0640', 416],
  ['0o640', 416],
  ['0x1F', 31],
  ['-0b11', -3],
  ['1_000', 1000],
  ['+5', 5],
  ['08', 8],
  ['1e3', 1000],
  ['1.', 1],
  ['.5', 0.5],
  ['~', null],
  ['Null', null],
  ['.inf', Number.POSITIVE_INFINITY],
  ['12:30', '12:30'],
  ['2001-01-01', '2001-01-01'],
  ['1.10.0', '1.10.0'],
  ['yEs', 'yEs'],
  ['0.1e', '0.1e'],
])('kubectl reads %s as %j', (source, value) => expect(readLikeKubectl(source)).toBe(value));
