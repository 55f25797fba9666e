import { z } from 'zod';
import { type CodeTable, telling } from '../../findings/code-entry.ts';

/** Codes of the matter "certificates". A code is never given another meaning. */
export const CERTIFICATES_CODES = {
  'T0-CERTIFICATE-001': {
    title: 'Certificate expired',
    severity: 'fault',
    cause: 'certificate-expired',
    depth: 0,
    meaning: 'The certificate is past its end of validity, so clients refuse it.',
    fix: 'Renew it; look at why it was not renewed.',
  },
  'T0-CERTIFICATE-005': {
    title: 'Issuer does not exist',
    severity: 'fault',
    cause: 'dependency-misconfigured',
    depth: 0,
    meaning: 'The certificate names an issuer that is not there, so its Secret is never made.',
    fix: 'Correct issuerRef, or create the issuer.',
  },
  'T0-CERTIFICATE-002': {
    title: 'Certificate not issued',
    severity: 'fault',
    cause: 'needs-investigation',
    depth: 1,
    meaning: 'cert-manager reports that the certificate is not ready.',
    fix: 'Look at its CertificateRequest, Order and Challenge, and at the issuer.',
    telling: telling(
      z.strictObject({ certificate: z.string(), said: z.string() }),
      ({ certificate, said }) => `certificate ${certificate} is not ready: ${said}`,
    ),
  },
  'T0-CERTIFICATE-003': {
    title: 'Certificate expires soon',
    severity: 'degraded',
    cause: 'certificate-expired',
    depth: 0,
    meaning: 'The certificate ends soon and has not been renewed when it should.',
    fix: 'Renew it now.',
  },
  'T0-CERTIFICATE-004': {
    title: 'Unused certificate expired',
    severity: 'hygiene',
    cause: 'certificate-expired',
    depth: 0,
    meaning: 'A TLS Secret that nothing in the snapshot uses has expired.',
    fix: 'Remove it.',
  },
} as const satisfies CodeTable;

export type CertificatesCode = keyof typeof CERTIFICATES_CODES;
