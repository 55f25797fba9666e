import { parseFieldPath } from '@tier0/core';
import { describe, expect, test } from 'vitest';
import { findField } from './find-field.ts';

const CONFIG = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: v}\n';
const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  template:
    spec:
      containers:
        - name: web
          image: web:1
        - name: side-car
          image: side:1
          args: [a]
`;
const BOTH = `${CONFIG}---\n${DEPLOYMENT}`;

function find(text: string, path: string, more: { readonly document?: number; readonly create?: boolean } = {}) {
  return findField(text, { path: parseFieldPath(path), ...more });
}

describe('the document', () => {
  test('is the one that has the field', () => {
    expect(find(BOTH, 'spec.replicas')).toMatchObject({ status: 'found', document: 1, value: 2 });
    expect(find(BOTH, 'data.k')).toMatchObject({ status: 'found', document: 0, value: 'v' });
  });

  test.each([
    ['in several', 'metadata.name', '2 documents have metadata.name: 0 (ConfigMap/a), 1 (Deployment/web)'],
    ['in none, but the schema knows it', 'spec.paused', 'may stand in 1 (Deployment/web)'],
    ['in none, and misspelt', 'spec.replica', 'did you mean "replicas"'],
    ['in none, and nothing like it', 'spec.foo.bar.baz', 'none of its 2 documents has spec.foo.bar.baz'],
  ])('a field %s is refused with what is there', (_, path, reason) => {
    expect(find(BOTH, path)).toEqual({ status: 'refused', reason: expect.stringContaining(reason) });
  });

  test('may be said', () => {
    expect(find(BOTH, 'metadata.name', { document: 1 })).toMatchObject({ document: 1, value: 'web' });
    expect(find(BOTH, 'metadata.name', { document: 2 })).toMatchObject({ status: 'refused' });
  });
});

describe('a field that is not there', () => {
  test.each([
    'spec.paused',
    'spec.template.spec.containers[name=web].resources.limits.memory',
    'metadata.labels["app.kubernetes.io/name"]',
    'spec.template.spec.containers[2]',
  ])('%s is known to the schema', (path) => {
    expect(find(DEPLOYMENT, path)).toMatchObject({ status: 'found', value: undefined });
  });

  test('is known where another entry of the list has it', () => {
    expect(find('l: [{name: a, tag: x}, {name: b}]\n', 'l[name=b].tag')).toMatchObject({ status: 'found' });
    expect(find('l: [{name: a}, {name: b}]\n', 'l[name=b].tag')).toMatchObject({ status: 'refused' });
  });

  test.each([
    [DEPLOYMENT, 'spec.replica', '"replicas"'],
    [DEPLOYMENT, 'spec.template.spec.containers[name=wbe].image', '[name=web]'],
    [DEPLOYMENT, 'spec.template.spec.containers[nmae=web].image', '[name=...]'],
    [DEPLOYMENT, 'spec.template.spec.containers[name=sidecar].image', '[name=side-car]'],
    [DEPLOYMENT, 'spec.template.spec.containers[name=web].resource', '"resources"'],
    ['image: {tag: x}\n', 'image.tga', '"tag"'],
    ['apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {}\n', 'metadata.label', '"labels"'],
  ])('is refused with the nearest name: %#', (text, path, near) => {
    expect(find(text, path)).toEqual({ status: 'refused', reason: expect.stringContaining(`did you mean ${near}`) });
    expect(find(text, path, { create: true })).toMatchObject({ status: 'found' });
  });
});

test('how a plain scalar is written is told, and what kubectl reads in it', () => {
  expect(find('mode: 0640\n', 'mode')).toMatchObject({ value: 640, plain: { source: '0640', value: 640, kubectl: 416 } });
  expect(find('mode: "0640"\n', 'mode')).not.toHaveProperty('plain');
});

test('a text that cannot be read is refused', () => {
  expect(find('a: [\n', 'a')).toEqual({ status: 'refused', reason: expect.stringContaining('line') });
});
