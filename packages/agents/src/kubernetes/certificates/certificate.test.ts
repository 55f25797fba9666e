import { expect, test } from 'vitest';
import { toFinding } from '../../findings/to-finding.ts';
import { describeFinding, LONG_AGO, made, snapshotOf, told } from '../../fixtures/cluster-objects.ts';
import { certificateRule } from './certificate.ts';
import { CERTIFICATES_CODES } from './codes.ts';

const certificate = (status: object) =>
  made('Certificate', 'web', { apiVersion: 'cert-manager.io/v1', spec: { secretName: 'web-tls', issuerRef: { name: 'ca' } }, status });
const secret = (end: string) =>
  made('Secret', 'web-tls', { apiVersion: 'v1', metadata: { annotations: { 'tier0.dev/certificate-not-after': end } } });
const ingress = made('Ingress', 'web', { spec: { tls: [{ secretName: 'web-tls' }] } });
const unready = { conditions: [{ type: 'Ready', status: 'False', reason: 'DoesNotExist', lastTransitionTime: LONG_AGO }] };

const cases: readonly (readonly [string, readonly unknown[], readonly string[]])[] = [
  [
    'a certificate that has ended',
    [certificate({ notAfter: '2026-05-01T00:00:00Z', ...unready })],
    ['T0-CERTIFICATE-001 Certificate shop/web'],
  ],
  ['a certificate that was never issued', [certificate(unready)], ['T0-CERTIFICATE-002 Certificate shop/web']],
  [
    'a renewal that is overdue',
    [certificate({ notAfter: '2026-05-20T00:00:00Z', renewalTime: '2026-05-02T00:00:00Z' })],
    ['T0-CERTIFICATE-003 Certificate shop/web degraded'],
  ],
  ['a certificate of a day', [certificate({ notAfter: '2026-05-05T06:00:00Z', renewalTime: '2026-05-04T22:00:00Z' })], []],
];

test.each(cases)('%s', async (_title, objects, expected) => {
  expect(await told(certificateRule, objects)).toEqual(expected);
});

/** A source leaves out the values of Secrets and writes the end of validity beside them. */
async function toldOfSecret(end: string, others: readonly unknown[]): Promise<readonly string[]> {
  const held = secret(end);
  const reader = await snapshotOf([held, ...others]);
  const withEnd = { ...reader, object: (id: string) => (id.includes('/Secret/') ? held : reader.object(id)) };
  return certificateRule.check(withEnd).map((draft) => describeFinding(toFinding(draft, CERTIFICATES_CODES)));
}

test.each([
  ['in use, and has ended', '2026-05-01T00:00:00Z', [ingress], ['T0-CERTIFICATE-001 Secret shop/web-tls']],
  ['in use, and ends soon', '2026-05-07T00:00:00Z', [ingress], ['T0-CERTIFICATE-003 Secret shop/web-tls degraded']],
  ['in use, and ends next year', '2027-05-07T00:00:00Z', [ingress], []],
  ['used by nobody, and has ended', '2026-05-01T00:00:00Z', [], ['T0-CERTIFICATE-004 Secret shop/web-tls hygiene']],
])('a TLS Secret that is %s', async (_title, end, others, expected) => {
  expect(await toldOfSecret(end, others)).toEqual(expected);
});
