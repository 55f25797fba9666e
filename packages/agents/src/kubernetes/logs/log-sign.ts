import { forbidden } from './log-access.ts';
import { refused, timedOut, unresolved } from './log-dependency.ts';
import { diskOf, missingFile, secretOf, unreadableFile } from './log-file.ts';
import type { LogReading, SignDraft } from './log-reading.ts';
import { badUsage, badValue, invalidValue, missingVariable } from './log-variable.ts';
/** Ties a sign to items of the cluster; nothing when the cluster contradicts it. */
export function signDrafts(reading: LogReading): readonly SignDraft[] {
  const { sign } = reading;
  switch (sign.kind) {
    case 'missing-variable':
      return missingVariable(reading, sign.name);
    case 'invalid-value':
      return invalidValue(reading, sign.name);
    case 'missing-file':
      return missingFile(reading, sign.path);
    case 'permission-denied':
      return [{ code: 'T0-LOG-005', key: sign.path, text: `it is not allowed to use ${sign.path}` }];
    case 'disk-full':
      return [{ code: 'T0-LOG-006', ...diskOf(reading), text: 'there is no space left on its disk' }];
    case 'authentication-failed':
      return [
        { code: 'T0-LOG-007', ...secretOf(reading), text: `its credentials are refused${sign.user === '' ? '' : ` (user ${sign.user})`}` },
      ];
    case 'forbidden-api':
      return forbidden(reading, sign.access);
    case 'connection-refused':
      return refused(reading, sign.host, sign.port);
    case 'timeout':
      return timedOut(reading, sign.host, sign.port);
    case 'bad-usage':
      return badUsage(reading, sign.word);
    case 'unreadable-file':
      return unreadableFile(reading, sign.paths);
    case 'bad-value':
      return sign.values.flatMap((value) => badValue(reading, value)).slice(0, 1);
    case 'dns-failure':
      return unresolved(reading, sign.host);
    case 'address-in-use':
      return [{ code: 'T0-LOG-020', key: String(sign.port ?? ''), text: `port ${sign.port ?? ''} is already taken`.replace('  ', ' ') }];
    default:
      return [PLAIN[sign.kind]];
  }
}

const PLAIN: Readonly<
  Record<'out-of-memory' | 'certificate-expired' | 'certificate-untrusted' | 'exec-format' | 'pool-exhausted' | 'rate-limited', SignDraft>
> = {
  'out-of-memory': { code: 'T0-LOG-022', text: 'it has no memory left' },
  'certificate-expired': { code: 'T0-LOG-009', text: 'a certificate has expired' },
  'certificate-untrusted': { code: 'T0-LOG-010', text: 'it does not trust a certificate' },
  'exec-format': { code: 'T0-LOG-021', text: 'its program is for another processor' },
  'pool-exhausted': { code: 'T0-LOG-012', text: 'no connection is left' },
  'rate-limited': { code: 'T0-LOG-013', text: 'it is asked to send fewer requests' },
};
