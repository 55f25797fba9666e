import { X509Certificate } from 'node:crypto';

const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** Latest end of validity among the certificates of a base64 bundle in PEM, milliseconds since the epoch; undefined when it holds none. */
export function bundleExpiryMs(base64: string | undefined): number | undefined {
  if (base64 === undefined || base64 === '') return undefined;
  const blocks = Buffer.from(base64, 'base64').toString('utf8').match(BLOCK) ?? [];
  const ends = blocks.flatMap((block) => endOf(block) ?? []);
  return ends.length === 0 ? undefined : Math.max(...ends);
}

function endOf(block: string): number | undefined {
  try {
    const endMs = Date.parse(new X509Certificate(block).validTo);
    return Number.isNaN(endMs) ? undefined : endMs;
  } catch {
    return undefined;
  }
}
