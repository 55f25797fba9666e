import { type CmdbReader, readField } from '@tier0/core';
import { siblingId } from '../objects/existence.ts';
import { hostNamesIn, hostWordsIn } from '../objects/host-name.ts';
import { mountedFiles } from '../objects/mounted-file.ts';
import { nameOf, type PodView, podViews } from '../objects/pod-view.ts';
import { instantAt, listAt, mapAt, numberAt, textAt } from '../objects/read-object.ts';
import { referencesOf } from '../objects/reference.ts';
import { workloadBehind } from '../objects/workload-index.ts';
import { earliestWriteMs } from '../objects/write-time.ts';
import { startedMsOf } from './changed-source.ts';
import { CERTIFICATE_RENEWED, saidBy } from './facts.ts';
import { serverNamed } from './log-dependency.ts';
import { hostOf } from './log-host.ts';
import { type LogReading, type SignDraft, specOf } from './log-reading.ts';
import { variableWith } from './log-variable.ts';
import { trustFileMissing } from './trust-file.ts';

/** The Service that a line means: by a host in it, by its words, or the only one that the container is told. */
export function serverOf(reading: LogReading): string | undefined {
  const named = hostNamesIn([reading.message]).flatMap((host) => {
    const target = hostOf(reading.pod, host);
    return target.kind === 'service' ? [target.id] : [];
  });
  return named[0] ?? serverNamed(reading, hostWordsIn(reading.message));
}

/** A server answered with a status of its own: it is there, and what it needs may not be. */
export function serverError(
  reading: LogReading,
  { host, status }: { readonly host: string; readonly status: number },
): readonly SignDraft[] {
  const target = hostOf(reading.pod, host);
  if (target.kind !== 'service') return [];
  return [{ code: 'T0-LOG-053', key: target.id, text: `${nameOf(target.id)} answers with ${status}`, suspects: [target.id] }];
}

/** Asked too often: the limit is set where it is counted. */
export function rateLimited(reading: LogReading): SignDraft {
  const server = serverOf(reading);
  const plain = { code: 'T0-LOG-013', text: 'it is asked to send fewer requests' };
  return server === undefined ? plain : { ...plain, text: `${nameOf(server)} asks it to send fewer requests`, suspects: [server] };
}

/** What is said of a certificate whose names are not the one that was asked for. */
const OTHER_NAME =
  /altname|certificate is (?:only )?valid for|doesn't match|does not match|hostname mismatch|no alternative certificate|IP SANs|NameMismatch/i;

/** A certificate for another name is the server's; an authority that is not known stands in what the client trusts. */
export function untrusted(reading: LogReading): readonly SignDraft[] {
  const { pod } = reading;
  const server = serverOf(reading);
  const plain: SignDraft = { code: 'T0-LOG-010', text: 'it does not trust a certificate' };
  if (server === undefined) return [plain];
  const suspects = [server];
  if (OTHER_NAME.test(reading.message)) return [otherName(reading, server)];
  const missing = trustFileMissing(reading, nameOf(server));
  if (missing !== undefined) return [missing];
  const [bundle, ...others] = new Set(bundlesOf(reading));
  const text = `it does not trust the certificate of ${nameOf(server)}`;
  if (bundle === undefined || others.length > 0) return [{ ...plain, text, key: server, suspects }];
  const renewed = renewedCertificate(reading, server, bundle);
  if (renewed !== undefined) return [renewed];
  const told = `${text}; what it trusts stands in ConfigMap ${nameOf(bundle)}, whose authority did not sign it`;
  return [{ code: 'T0-LOG-055', subject: siblingId(pod.id, 'ConfigMap', nameOf(bundle)), key: server, text: told }];
}

/** A pod that was made this much later than its workload is not the first of it. */
const FIRST_MS = 20_000;

/** The certificate of a server that was started anew, where the client and what it trusts are as they were: the server shows another one since. */
function renewedCertificate({ pod, container, message }: LogReading, server: string, bundle: string): SignDraft | undefined {
  const { reader } = pod;
  const trustedMs = earliestWriteMs(reader, siblingId(pod.id, 'ConfigMap', nameOf(bundle))) ?? 0;
  const clientMs = startedMsOf(pod, container);
  const behind = new Set(reader.relations(server, 'out', 'selects').map(({ to }) => to));
  const servers = podViews(reader).filter(({ id }) => behind.has(id));
  const isRenewed =
    clientMs !== undefined && trustedMs <= clientMs && servers.length > 0 && servers.every((one) => startedAfter(one, clientMs));
  const [secret, ...others] = new Set(isRenewed ? certificateSecrets(reader, servers[0]?.id ?? '') : []);
  if (secret === undefined || others.length > 0) return undefined;
  const said = saidBy(CERTIFICATE_RENEWED, { server: nameOf(server), secret: nameOf(secret), isUnsigned: FIRST_ONLY.test(message) });
  return { code: 'T0-LOG-073', subject: secret, key: server, ...said };
}

/** It was started anew after an instant, and is not of the first pods of its workload. */
function startedAfter({ reader, workload, object }: PodView, ms: number): boolean {
  const madeMs = instantAt(reader.object(workload), 'metadata', 'creationTimestamp') ?? Number.POSITIVE_INFINITY;
  const startedMs = instantAt(object, 'status', 'startTime') ?? 0;
  return startedMs > ms && startedMs > madeMs + FIRST_MS;
}

/** Said where a server shows its own certificate and none of those that lead from it to an authority. */
const FIRST_ONLY =
  /verify the first certificate|UNABLE_TO_VERIFY_LEAF_SIGNATURE|unable to get (?:local )?issuer certificate|unknown authority/i;

function otherName(reading: LogReading, server: string): SignDraft {
  const { reader } = reading.pod;
  const pod = reader.relations(server, 'out', 'selects')[0]?.to;
  const text = `the certificate of ${nameOf(server)} is for other names`;
  const secrets = pod === undefined ? [] : certificateSecrets(reader, pod);
  const [secret, ...others] = new Set(secrets);
  if (secret !== undefined && others.length === 0)
    return { code: 'T0-LOG-054', subject: secret, key: '', text: `${text}; Secret ${nameOf(secret)} holds it` };
  return { code: 'T0-LOG-054', subject: workloadBehind(reader, server) ?? server, key: '', text };
}

/** Secrets with a certificate that a pod mounts; one that was not read may hold one. */
export function certificateSecrets(reader: CmdbReader, pod: string): readonly string[] {
  const secrets = referencesOf(readField(reader.object(pod), ['spec'])).filter(({ kind }) => kind === 'Secret');
  return secrets.map(({ name }) => siblingId(pod, 'Secret', name)).filter((id) => isCertificate(reader, id));
}

function isCertificate(reader: CmdbReader, id: string): boolean {
  const object = reader.object(id);
  if (object === undefined) return /tls|cert|ssl/i.test(nameOf(id));
  return textAt(object, 'type') === 'kubernetes.io/tls' || readField(object, ['data', 'tls.crt']) !== undefined;
}

/** ConfigMaps that are mounted and hold certificates. */
function bundlesOf(reading: LogReading): readonly string[] {
  const { pod } = reading;
  const maps = mountedFiles(pod.object, specOf(reading)).filter(({ kind }) => kind === 'ConfigMap');
  return maps
    .map(({ name }) => siblingId(pod.id, 'ConfigMap', name))
    .filter((id) => Object.values(mapAt(pod.reader.object(id), 'data')).some((text) => text.includes('BEGIN CERTIFICATE')));
}

const LOCAL = /(?:\/\/|^|[\s,=@"'])(?:localhost|127\.0\.0\.1)(?::\d+)?/;

/** A client that is told no local address goes to one all the same: the server that it first asked sends it there. */
export function sentHome(reading: LogReading): SignDraft | undefined {
  const { pod } = reading;
  if (textsOf(reading.pod.reader, pod.id).some(({ text }) => LOCAL.test(text))) return undefined;
  const server = serverNamed(reading, []);
  const target = server === undefined ? undefined : workloadBehind(pod.reader, server);
  if (server === undefined || target === undefined || target === pod.workload) return undefined;
  const behind = pod.reader.relations(server, 'out', 'selects')[0]?.to ?? '';
  const told = textsOf(pod.reader, behind).find(
    ({ text, name }) => LOCAL.test(text) && /ADVERT|ANNOUNCE|PUBLISH|EXTERNAL|HOSTNAME|LISTENER|_URL|_ADDR/i.test(name),
  );
  if (told === undefined) return undefined;
  const text = `it is sent to localhost by ${nameOf(server)}, which tells its clients the address in ${told.name}`;
  return { code: 'T0-LOG-057', subject: target, key: told.name, text };
}

/** What a pod is told: variables by their names, and words of its command. */
function textsOf(reader: CmdbReader, pod: string): readonly { readonly name: string; readonly text: string }[] {
  const view = podViews(reader).find(({ id }) => id === pod);
  return listAt(view?.object, 'spec', 'containers').flatMap((container) => [
    ...listAt(container, 'env').map((entry) => ({ name: textAt(entry, 'name') ?? '', text: textAt(entry, 'value') ?? '' })),
    ...['command', 'args'].flatMap((field) =>
      listAt(container, field).map((word) => ({ name: String(word).split('=')[0] ?? '', text: String(word) })),
    ),
    ...listAt(container, 'envFrom').flatMap((source) => {
      const map = textAt(source, 'configMapRef', 'name');
      const data = map === undefined ? {} : mapAt(reader.object(siblingId(pod, 'ConfigMap', map)), 'data');
      return Object.entries(data).map(([name, text]) => ({ name, text }));
    }),
  ]);
}

/** The address that the pod itself writes over a name. */
export function overriddenHost(reading: LogReading, host: string): SignDraft | undefined {
  const line = listAt(reading.pod.object, 'spec', 'hostAliases').find((entry) => listAt(entry, 'hostnames').map(String).includes(host));
  if (line === undefined) return undefined;
  const text = `${host} does not answer: hostAliases of its pod give it the address ${textAt(line, 'ip')}, whatever the cluster says`;
  return { code: 'T0-LOG-056', key: host, text };
}

/** A headless Service leads to the pods themselves: its ports are not turned into theirs. */
export function untranslatedPort(
  reading: LogReading,
  { service, port }: { readonly service: string; readonly port: number | undefined },
): SignDraft | undefined {
  const object = reading.pod.reader.object(service);
  if (textAt(object, 'spec', 'clusterIP') !== 'None' || port === undefined) return undefined;
  const entry = listAt(object, 'spec', 'ports').find((candidate) => numberAt(candidate, 'port') === port);
  const target = readField(entry, ['targetPort']) ?? port;
  if (entry === undefined || target === port) return undefined;
  const text = `${nameOf(service)} refuses its connection at port ${port}: the Service is headless (clusterIP None), so nothing turns its port ${port} into targetPort ${String(target)} of its pods`;
  return { code: 'T0-SERVICE-015', subject: service, key: String(port), text };
}

/** Schemes by which a client begins with TLS. */
const TLS_SCHEME = /\b(?:rediss|amqps|mqtts|ldaps|https|wss|nats\+tls|tls|smtps|mysqls):\/\//i;
const TLS_WORDS = /tls|ssl|cert|\.pem\b|\.crt\b/i;

/** A client that begins with TLS at a server that has nothing of it: no certificate mounted, no word of it in what it is told. */
export function speaksTls(reading: LogReading, service: string): SignDraft | undefined {
  const { reader } = reading.pod;
  const told = variableWith(reading, TLS_SCHEME);
  const pod = reader.relations(service, 'out', 'selects')[0]?.to;
  if (told === undefined || pod === undefined || !(told.value ?? '').includes(nameOf(service))) return undefined;
  const object = reader.object(pod);
  const mounts = JSON.stringify(
    [readField(object, ['spec', 'volumes']), readField(object, ['spec', 'containers'])].map((part) => part ?? ''),
  );
  const own = mounts.replace(/kube-root-ca\.crt|"(?:key|path)":"ca\.crt"/g, '');
  if (TLS_WORDS.test(own) || textsOf(reader, pod).some(({ text }) => TLS_WORDS.test(text))) return undefined;
  const scheme = TLS_SCHEME.exec(told.value ?? '')?.[0] ?? '';
  const text = `${nameOf(service)} does not answer: variable ${told.name} begins with TLS (${scheme}), and nothing says that ${nameOf(service)} speaks TLS`;
  return { code: 'T0-LOG-060', ...(told.kind === 'ConfigMap' ? { subject: told.item } : {}), key: told.name, text };
}
