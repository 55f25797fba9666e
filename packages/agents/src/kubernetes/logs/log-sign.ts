import { parseKubernetesItemId, readField } from '@tier0/core';
import { hostNamesIn, hostWordsIn } from '../objects/host-name.ts';
import { objectsIn } from '../objects/objects.ts';
import { nameOf, type PodView } from '../objects/pod-view.ts';
import { instantAt, listAt, textAt } from '../objects/read-object.ts';
import { workloadOf } from '../objects/workload.ts';
import { writtenMs } from '../objects/written.ts';
import type { LogSign } from './classify.ts';
import { credentialsRefused } from './credentials.ts';
import { evictionRefused } from './eviction.ts';
import { forbidden } from './log-access.ts';
import { refused, serverNamed, serverRefuses, timedOut, unresolved } from './log-dependency.ts';
import { diskOf, missingFile, permissionDenied, readOnly, unreadableFile } from './log-file.ts';
import { hostOf } from './log-host.ts';
import { type LogReading, type SignDraft, specOf } from './log-reading.ts';
import { badUsage, badValue, invalidValue, missingVariable } from './log-variable.ts';
import { missingObject } from './missing-object.ts';
import { overQuota } from './over-quota.ts';
import { certificateSecrets, rateLimited, serverError, untrusted } from './server-answer.ts';
/** Ties a sign to items of the cluster; nothing when the cluster contradicts it. */
export function signDrafts(reading: LogReading, sign: LogSign): readonly SignDraft[] {
  switch (sign.kind) {
    case 'missing-variable':
      return missingVariable(reading, sign.name);
    case 'invalid-value':
      return invalidValue(reading, sign.name);
    case 'missing-file':
      return missingFile(reading, sign.path);
    case 'read-only':
      return readOnly(reading, sign.path);
    case 'port-denied':
      return [
        {
          code: 'T0-LOG-036',
          key: String(sign.port),
          text: `it may not listen on port ${sign.port} (permission denied): ports below 1024 are privileged, and its user has no right to them`,
        },
      ];
    case 'server-refuses':
      return serverRefuses(reading, sign);
    case 'permission-denied':
      return [permissionDenied(reading, sign.path)];
    case 'disk-full':
      return [diskFull(reading)];
    case 'authentication-failed':
      return [credentialsRefused(reading, sign.user)];
    case 'forbidden-api':
      return forbidden(reading, sign.access);
    case 'connection-refused':
      return sign.host === '' ? unnamed(reading, sign.kind) : refused(reading, sign.host, sign.port);
    case 'timeout':
      return sign.host === '' ? unnamed(reading, sign.kind) : timedOut(reading, sign.host, sign.port);
    case 'bad-usage':
      return badUsage(reading, sign.word);
    case 'unreadable-file':
      return unreadableFile(reading, sign.paths);
    case 'bad-value':
      return sign.values.flatMap((value) => badValue(reading, value)).slice(0, 1);
    case 'dns-failure':
      return unresolved(reading, sign.host);
    case 'address-in-use':
      return [
        {
          code: 'T0-LOG-020',
          key: String(sign.port ?? ''),
          text: `${`port ${sign.port ?? ''} is already taken`.replace('  ', ' ')}${takerOf(reading, sign.port)}`,
        },
      ];
    case 'pool-exhausted':
      return [noConnection(reading)];
    case 'certificate-expired':
      return [expiredCertificate(reading)];
    case 'certificate-untrusted':
      return untrusted(reading);
    case 'rate-limited':
      return [rateLimited(reading)];
    case 'server-error':
      return serverError(reading, sign);
    case 'schema-missing':
      return [schemaMissing(reading)];
    case 'api-unauthorized':
      return [tokenRefused(reading)];
    case 'eviction-refused':
      return evictionRefused(reading, sign.pod);
    case 'version-removed':
      return [
        {
          code: 'T0-LOG-070',
          key: sign.version,
          text: `it asks the API server for ${sign.version}, which no release since 1.${sign.minor} serves (the server could not find the requested resource)`,
        },
      ];
    case 'over-quota':
      return overQuota(reading, sign.quota);
    case 'object-missing':
      return missingObject(reading, sign);
    case 'child-killed':
      return childKilled(reading);
    default:
      return [PLAIN[sign.kind]];
  }
}

/** Shared memory is a disk of its own, of 64 MiB where nobody mounts another. */
function diskFull(reading: LogReading): SignDraft {
  if (/shared memory|\/dev\/shm/i.test(reading.message))
    return {
      code: 'T0-LOG-006',
      key: '/dev/shm',
      text: 'its shared memory (/dev/shm) has no space left; without a volume in memory mounted there it is 64Mi',
    };
  return { code: 'T0-LOG-006', ...diskOf(reading), text: 'there is no space left on its disk' };
}

/** The token that the pod shows the API server is made for somebody else, or is not accepted for another reason. */
function tokenRefused({ pod }: LogReading): SignDraft {
  const sources = listAt(pod.object, 'spec', 'volumes').flatMap((volume) => listAt(volume, 'projected', 'sources'));
  const audience = sources.flatMap((source) => textAt(source, 'serviceAccountToken', 'audience') ?? [])[0];
  const text = 'the API server does not accept its token (Unauthorized)';
  return audience === undefined
    ? { code: 'T0-LOG-007', key: 'api', text }
    : { code: 'T0-LOG-061', key: audience, text: `${text}: the token it mounts is made for the audience ${audience}` };
}

/** A table that is not there is mostly one that a Job was to make: one that failed, or has not ended. */
function schemaMissing({ pod }: LogReading): SignDraft {
  const { namespace = '' } = parseKubernetesItemId(pod.id) ?? {};
  const jobs = objectsIn(pod.reader, 'Job', namespace).filter(
    ({ name, object }) =>
      /migrat|schema|upgrade|alembic|flyway|liquibase|\bdb\b|init/i.test(name) &&
      readField(object, ['status', 'completionTime']) === undefined,
  );
  const told = jobs.length === 0 ? '' : `; Job ${jobs.map(({ name }) => name).join(', ')} has not completed`;
  return { code: 'T0-LOG-062', key: '', text: `a table or column of its database is not there${told}`, suspects: jobs.map(({ id }) => id) };
}

/** A connection that fails, to a Service that the line calls by its bare name. */
function unnamed(reading: LogReading, kind: 'connection-refused' | 'timeout'): readonly SignDraft[] {
  const words = hostWordsIn(reading.message);
  const named = words.filter((word) => word.length > 2 && hostOf(reading.pod, word).kind === 'service');
  const told = named.length === 0 ? serverNamed(reading, []) : undefined;
  // Whoever asks the API server as well is told of it too.
  const only = told === undefined || nameOf(told) === 'kubernetes' ? undefined : told;
  const [host, ...others] = new Set(only === undefined ? named : [nameOf(only)]);
  if (host === undefined || others.length > 0) return [];
  return kind === 'timeout' ? timedOut(reading, host, undefined) : refused(reading, host, undefined);
}

/** The clock stands before the certificate's first day: it was made for later, or the clock is wrong. */
const NOT_YET_VALID = /not[ _]yet[ _]valid|CertificateNotYetValid|notBefore/i;
/** Go names both at once, and then which: `has expired or is not yet valid: current time ... is after ...`. */
const IS_OVER = /current time \S+ is after|(?<!expired or )(?<!not[ _]yet )\bnotAfter\b/i;

/** The certificate is the server's, whoever complains: the one Secret with a certificate that the server mounts, else the server. */
function expiredCertificate(reading: LogReading): SignDraft {
  const { reader } = reading.pod;
  const isEarly = NOT_YET_VALID.test(reading.message) && !IS_OVER.test(reading.message);
  const plain = isEarly ? { ...PLAIN['certificate-expired'], text: 'a certificate is not valid yet' } : PLAIN['certificate-expired'];
  const services = hostNamesIn([reading.message]).map((host) => hostOf(reading.pod, host));
  const service = services.find((target) => target.kind === 'service');
  const pod = service?.kind === 'service' ? reader.relations(service.id, 'out', 'selects')[0]?.to : undefined;
  if (service?.kind !== 'service' || pod === undefined || pod === reading.pod.id) return plain;
  const text = `the certificate of ${nameOf(service.id)} ${isEarly ? 'is not valid yet' : 'has expired'}`;
  const [secret, ...others] = new Set(certificateSecrets(reader, pod));
  if (secret !== undefined && others.length === 0) return { ...plain, subject: secret, text: `${text}; Secret ${nameOf(secret)} holds it` };
  return { ...plain, subject: workloadOf(reader, pod), key: '', text };
}

/** A container whose memory is bounded loses its children first: the kernel kills the largest process of it. */
function childKilled(reading: LogReading): readonly SignDraft[] {
  const limit = readField(specOf(reading), ['resources', 'limits', 'memory']);
  if (limit === undefined) return [];
  return [{ code: 'T0-LOG-046', key: '', text: `a process inside it is killed (137), within its memory limit of ${String(limit)}` }];
}

/** How servers say that they take no further connection, not a client that its own pool is empty. */
const SERVER_FULL = /too many (?:connections|clients)|remaining connection slots|max number of clients|max_connections/i;

/** Where a server says it, the server is suspected: one client alone may hold them all, several are merely its clients. */
function noConnection(reading: LogReading): SignDraft {
  const words = hostWordsIn(reading.message);
  const server = SERVER_FULL.test(reading.message) ? serverNamed(reading, words) : undefined;
  return server === undefined
    ? PLAIN['pool-exhausted']
    : {
        ...PLAIN['pool-exhausted'],
        text: `no connection to ${server.slice(server.lastIndexOf('/') + 1)} is left ("${reading.message.slice(0, 120)}")`,
        suspects: [server],
      };
}

const PLAIN: Readonly<Record<'out-of-memory' | 'certificate-expired' | 'exec-format' | 'pool-exhausted', SignDraft>> = {
  'out-of-memory': { code: 'T0-LOG-022', text: 'it has no memory left' },
  'certificate-expired': { code: 'T0-LOG-009', text: 'a certificate has expired' },
  'exec-format': { code: 'T0-LOG-021', text: 'its program is for another processor' },
  'pool-exhausted': { code: 'T0-LOG-012', text: 'no connection is left' },
};

/** Containers of a pod share its ports; on the network of the host those of the node. */
function takerOf({ pod, container }: LogReading, port: number | undefined): string {
  if (port === undefined) return '';
  const others = ['containers', 'initContainers']
    .flatMap((list) => listAt(pod.object, 'spec', list))
    .filter((entry) => textAt(entry, 'name') !== container);
  const word = new RegExp(`(?<![\\d.])${port}(?!\\d)`);
  const taker = others.find((entry) =>
    word.test(JSON.stringify(['ports', 'args', 'command', 'env'].map((field) => readField(entry, [field]) ?? ''))),
  );
  return taker === undefined ? '' : ` inside the pod, by its container ${textAt(taker, 'name')}`;
}

/** Codes that the objects of the cluster bear out by themselves. */
const BORNE_OUT: ReadonlySet<string> = new Set([
  'T0-LOG-008',
  'T0-LOG-014',
  'T0-LOG-015',
  'T0-LOG-027',
  'T0-LOG-029',
  'T0-LOG-068',
  'T0-LOG-069',
  'T0-LOG-070',
  'T0-LOG-071',
  'T0-LOG-072',
  'T0-LOG-073',
  'T0-LOG-074',
  'T0-LOG-075',
  'T0-LOG-076',
  'T0-POD-007',
  'T0-POD-009',
  'T0-PODDISRUPTIONBUDGET-002',
  'T0-RBAC-001',
  'T0-RESOURCEQUOTA-001',
  'T0-SERVICE-001',
]);

/** Whether the cluster shows what a program says: a Service that is not there, a port that it lacks, a policy that blocks, a role without the verb. */
export function isBorneOut({ reader, object }: PodView, drafts: readonly SignDraft[]): boolean {
  return drafts.some(({ code, subject, text }) => {
    // A program that is well and was kept out from the beginning may be meant to be: a guard that tries the fence.
    if (code === 'T0-NETWORKPOLICY-001') {
      const startedMs = instantAt(object, 'status', 'startTime');
      return subject !== undefined && startedMs !== undefined && writtenMs(reader.object(subject)) > startedMs;
    }
    if (code === 'T0-LOG-030') return /mounted read-only|readOnlyRootFilesystem/.test(text);
    if (code === 'T0-LOG-008') return subject !== undefined && reader.items({ kind: 'ClusterRoleBinding' }).items.length > 0;
    return BORNE_OUT.has(code);
  });
}
