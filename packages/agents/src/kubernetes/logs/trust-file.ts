import { earlierCommand } from '../objects/command.ts';
import { siblingId } from '../objects/existence.ts';
import { mountedFiles } from '../objects/mounted-file.ts';
import { listAt, mapAt, textAt } from '../objects/read-object.ts';
import { saidBy, TRUST_FILE_MISSING } from './facts.ts';
import { type LogReading, type SignDraft, specOf } from './log-reading.ts';

/** Variables by which runtimes and clients are told a file of authorities to trust. */
const TRUST =
  /^(?:NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|GIT_SSL_CAINFO|AWS_CA_BUNDLE|PIP_CERT|GRPC_DEFAULT_SSL_ROOTS_FILE_PATH|DENO_CERT)$/;
/** Where images keep the authorities of their system. */
const SYSTEM = /^\/(?:etc\/(?:ssl|pki|ca-certificates)|usr|opt|var\/run\/secrets)\//;

/** A variable that names a file of authorities which nothing puts there: runtimes pass over it with a warning at their start, and trust less. */
export function trustFileMissing(reading: LogReading, server: string): SignDraft | undefined {
  const { pod, container } = reading;
  const spec = specOf(reading);
  const told = listAt(spec, 'env').find((entry) => TRUST.test(textAt(entry, 'name') ?? '') && textAt(entry, 'value') !== undefined);
  const [variable, path] = [textAt(told, 'name'), textAt(told, 'value')];
  const why = path === undefined ? undefined : whyMissing(reading, spec, path);
  if (variable === undefined || path === undefined || why === undefined) return undefined;
  const said = saidBy(TRUST_FILE_MISSING, { server, variable, path, why });
  const before = listAt(earlierCommand({ pod, name: container })?.container, 'env').find((entry) => textAt(entry, 'name') === variable);
  const was = textAt(before, 'value');
  if (was === undefined || was === path) return { code: 'T0-LOG-076', key: variable, ...said };
  return { code: 'T0-LOG-052', key: variable, text: `${said.text}; its revision changed it from ${was}` };
}

function whyMissing({ pod }: LogReading, spec: unknown, path: string): string | undefined {
  const files = mountedFiles(pod.object, spec);
  if (files.some((file) => file.path === path && file.key !== '')) return undefined;
  const folder = files.find((file) => file.folder !== undefined && path.startsWith(`${file.folder}/`));
  if (folder !== undefined) {
    const key = path.slice((folder.folder ?? '').length + 1);
    const held = pod.reader.object(siblingId(pod.id, folder.kind, folder.name));
    const isKnown = folder.kind === 'ConfigMap' && held !== undefined;
    return isKnown && !Object.hasOwn(mapAt(held, 'data'), key) ? `which ${folder.kind} ${folder.name} does not hold` : undefined;
  }
  const isMounted = listAt(spec, 'volumeMounts').some((mount) => path.startsWith(`${textAt(mount, 'mountPath')}`));
  return isMounted || SYSTEM.test(path) ? undefined : 'where no volume is mounted';
}
