import type { Matter } from '../../findings/matter.ts';
import { certificateRule } from './certificate.ts';
import { CERTIFICATES_CODES } from './codes.ts';
import { CERTIFICATES_LEVERS } from './levers.ts';

/** Certificates and who issues them. */
export const certificatesMatter: Matter = {
  name: 'certificates',
  codes: CERTIFICATES_CODES,
  rules: [certificateRule],
  levers: CERTIFICATES_LEVERS,
  remedies: {},
};
