import type { Alert, CmdbReader, RootCause } from '@tier0/core';
import { kubernetesItemId } from '@tier0/core';
import { describe, expect, test } from 'vitest';
import { causesOf } from './causes-of-alerts.ts';

const item = (kind: string, namespace: string, name: string) =>
  kubernetesItemId({ cluster: 'test', ...(kind === 'Deployment' ? { group: 'apps' } : {}), kind, namespace, name });
const database = item('Deployment', 'shop', 'database');
const web = item('Deployment', 'shop', 'web');
const stranger = item('Deployment', 'blog', 'blog');

/** A failure of the database reaches web; nothing else reaches anything. */
const reader = {
  get: (id: string) => ({ state: id.includes('nowhere') ? 'absent' : 'found' }),
  impact: (id: string) => ({ items: id === database ? [{ item: web, distance: 1 }] : [] }),
} as unknown as CmdbReader;

const alertAbout = (about: string | undefined) => ({ ...(about === undefined ? {} : { item: about }) }) as Alert;
const causeAt = (subject: string, confidence = 0.8): RootCause => ({
  cause: 'image-not-found',
  subject,
  message: '',
  confidence,
  basis: '',
  path: [subject],
  evidenceFor: [],
  evidenceAgainst: [],
});

describe('causes of alerts', () => {
  test('what is at, on the way to or reaching the alerted item is named, the surest first', () => {
    const causes = [causeAt(database, 0.5), causeAt(web, 0.7), causeAt(stranger, 0.9)];
    expect(causesOf([alertAbout(web)], causes, reader).causes.map(({ subject }) => subject)).toEqual([web, database]);
  });

  test('what reaches nothing of it is no cause of it, and is told as a count only', () => {
    expect(causesOf([alertAbout(web)], [causeAt(stranger)], reader)).toEqual({
      causes: [],
      elsewhere: [{ source: 'rules', code: 'elsewhere', message: '1 other cause in the cluster: none reaches what was reported' }],
    });
  });

  test('an alert about a namespace is about what is in it', () => {
    const alerted = kubernetesItemId({ cluster: 'test', kind: 'Namespace', name: 'shop' });
    expect(causesOf([alertAbout(alerted)], [causeAt(web), causeAt(stranger)], reader).causes.map(({ subject }) => subject)).toEqual([web]);
  });

  test('where nobody knows what an alert is about, all are named', () => {
    for (const about of [undefined, item('Deployment', 'nowhere', 'gone')])
      expect(causesOf([alertAbout(about)], [causeAt(web), causeAt(stranger)], reader).causes).toHaveLength(2);
  });
});
