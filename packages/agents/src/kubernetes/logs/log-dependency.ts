import { type CmdbReader, parseKubernetesItemId, readField } from '@tier0/core';
import { nearNameOf } from '../configuration/configuration.ts';
import { type BlockedFinding, blockedConnection } from '../network/blocked-connection.ts';
import { deadDns, isClusterDns } from '../network/cluster-dns.ts';
import { sayBlocked } from '../network/facts.ts';
import { servesNobody } from '../network/service-selector.ts';
import { commandNames, earlierCommand } from '../objects/command.ts';
import { siblingId } from '../objects/existence.ts';
import { hostNamesIn } from '../objects/host-name.ts';
import { indexed } from '../objects/indexed.ts';
import { ownersByName } from '../objects/makers.ts';
import { objectsOf } from '../objects/objects.ts';
import { isUp, nameOf, type PodView } from '../objects/pod-view.ts';
import { instantAt, listAt, mapAt, numberAt, textAt } from '../objects/read-object.ts';
import { referencesOf } from '../objects/reference.ts';
import { selects } from '../objects/selector-match.ts';
import { SERVING_KINDS } from '../objects/workload.ts';
import { workloadBehind } from '../objects/workload-index.ts';
import { writtenMs } from '../objects/written.ts';
import { changedSources, sayChanged } from './changed-source.ts';
import { goneMember, lostSubdomain } from './gone-member.ts';
import { hostOf, servicesByPodAddress } from './log-host.ts';
import { type LogReading, type SignDraft, specOf } from './log-reading.ts';
import { holderOf, variableValues } from './log-variable.ts';
import { servesItself } from './network-agent.ts';
import { nodeListener } from './node-listener.ts';
import { overriddenHost, sentHome, speaksTls, untranslatedPort } from './server-answer.ts';
import { serviceSpokenOf } from './service-spoken-of.ts';

export function refused(reading: LogReading, host: string, port: number | undefined): readonly SignDraft[] {
  const overridden = overriddenHost(reading, host);
  if (overridden !== undefined) return [overridden];
  const above = nameServerAbove(reading, host, 'refuses its connection');
  if (above !== undefined) return [above];
  const target = hostOf(reading.pod, host);
  const at = port === undefined ? host : `${host}:${port}`;
  const listener = nodeListener(reading.pod, host, port);
  if (listener !== undefined) return [listener];
  if (target.kind === 'outside')
    return [{ code: 'T0-LOG-016', key: host, text: `${at}, which is outside the cluster, refuses its connection` }];
  if (target.kind === 'own') return [sentHome(reading) ?? nobodyBeside(reading, at, port)].flat();
  if (target.kind === 'unknown') return nobodysAddress(reading, host, `${at} refuses its connection`);
  if (target.kind === 'absent') return absent(reading, target.id);
  if (target.kind === 'unread') return [{ code: 'T0-LOG-017', subject: target.id, key: '', text: `${at} refuses its connection` }];
  if (target.kind !== 'service' && target.kind !== 'by-hand') return [];
  const wrong = wrongPort(reading, { service: target.id, host, port }) ?? untranslatedPort(reading, { service: target.id, port });
  if (wrong) return [wrong];
  if (target.kind === 'by-hand') return [byHand(target, `${at} refuses its connection`)];
  const nobody = servesNobody(reading.pod.reader, target.id);
  if (nobody !== undefined) return [{ code: 'T0-SERVICE-001', subject: target.id, text: `${at} refuses its connection: ${nobody}` }];
  return [{ code: 'T0-LOG-017', key: target.id, text: `${at} refuses its connection`, suspects: [target.id] }];
}

/** The cluster DNS asks a name server outside of the cluster that does not answer: where its address is written, or else at its own workload. */
function nameServerAbove({ pod, message }: LogReading, host: string, how: string): SignDraft | undefined {
  if (!isClusterDns(pod) || !/^\d+(?:\.\d+){3}$/.test(host) || !message.includes(`${host}:53`)) return undefined;
  const [map] = referencesOf(readField(pod.object, ['spec'])).flatMap(({ kind, name }) => {
    const item = siblingId(pod.id, kind, name);
    const texts = kind === 'ConfigMap' ? Object.values(mapAt(pod.reader.object(item), 'data')) : [];
    return texts.some((text) => new RegExp(`(?<![\\d.])${host.replaceAll('.', '\\.')}(?![\\d.])`).test(text)) ? [item] : [];
  });
  const text = `name server ${host}, which the cluster DNS asks for names outside of the cluster, ${how}`;
  return { code: 'T0-LOG-016', ...(map === undefined ? {} : { subject: map }), key: host, text };
}

/** Objects whose addresses are of one range, at least: then an address like theirs is of the cluster. */
const RANGE_OF = 2;

/** Addresses of Services and pods, and the ranges (their first two numbers) that several of them share. */
const clusterAddresses = indexed((reader: CmdbReader) => {
  const services = objectsOf(reader, 'Service', '').flatMap(({ object }) => textAt(object, 'spec', 'clusterIP') ?? []);
  const pods = reader.items({ kind: 'Pod' }).items.flatMap(({ id }) => textAt(reader.object(id), 'status', 'podIP') ?? []);
  const all = [...services, ...pods].filter((address) => /^\d+\.\d+\.\d+\.\d+$/.test(address));
  const ranges = Map.groupBy(all, rangeOf);
  return { all: new Set(all), ranges: new Set([...ranges].filter(([, own]) => own.length >= RANGE_OF).map(([range]) => range)) };
});

function rangeOf(address: string): string {
  return address.split('.').slice(0, 2).join('.');
}

/** An address written down where a name belongs: of the range of the cluster, and nobody has it any more. */
function nobodysAddress(reading: LogReading, host: string, text: string): readonly SignDraft[] {
  const { all, ranges } = clusterAddresses(reading.pod.reader);
  if (!/^\d+\.\d+\.\d+\.\d+$/.test(host) || all.has(host) || !ranges.has(rangeOf(host))) return [];
  const younger = youngerService(reading);
  if (younger !== undefined) {
    const name = nameOf(younger);
    const stale = `${text}: no Service and no pod has this address any more; Service ${name} was made anew after the program was started, which still has the old address of the name`;
    return [{ code: 'T0-LOG-029', key: younger, text: stale }];
  }
  const holder = holderOf(reading, host);
  const told = `${text}: no Service and no pod has this address${holder === undefined ? '' : `, which stands in ${holder.name}`}`;
  return [{ code: 'T0-LOG-047', ...(holder?.item === undefined ? {} : { subject: holder.item }), key: host, text: told }];
}

/** The one Service that the program is told by name and that is younger than the program; names are resolved once by many of them. */
function youngerService(reading: LogReading): string | undefined {
  const { pod, container } = reading;
  const status = listAt(pod.object, 'status', 'containerStatuses').find((entry) => textAt(entry, 'name') === container);
  const startedMs = instantAt(status, 'state', 'running', 'startedAt');
  if (startedMs === undefined) return undefined;
  const maps = referencesOf(readField(pod.object, ['spec'])).filter(({ kind }) => kind === 'ConfigMap');
  const files = maps.flatMap(({ name }) => Object.values(mapAt(pod.reader.object(siblingId(pod.id, 'ConfigMap', name)), 'data')));
  const told = new Set(hostNamesIn([...variableValues(reading), ...files]).flatMap((host) => serviceBehind(pod, host)));
  const [service, ...others] = [...told].filter(
    (id) => (instantAt(pod.reader.object(id), 'metadata', 'creationTimestamp') ?? 0) > startedMs,
  );
  return others.length > 0 ? undefined : service;
}

/** Nobody listens inside the pod: a container beside it that its revision took out, or one that was never there. One that is there may be starting. */
function nobodyBeside(reading: LogReading, at: string, port: number | undefined): readonly SignDraft[] {
  const { pod, container } = reading;
  const own = ['containers', 'initContainers'].flatMap((list) => listAt(pod.object, 'spec', list));
  const names = new Set(own.map((entry) => textAt(entry, 'name')));
  const before = earlierCommand({ pod, name: container })?.podSpecs.earlier;
  const gone = ['containers', 'initContainers']
    .flatMap((list) => listAt(before, list))
    .flatMap((entry) => textAt(entry, 'name') ?? [])
    .filter((name) => !names.has(name));
  if (gone.length > 0) {
    const text = `${at} refuses its connection, and its revision took out container ${gone.join(', ')}, which ran beside it`;
    return [{ code: 'T0-LOG-042', key: gone.join(), text }];
  }
  if (port === undefined || own.length > 1) return [];
  return [
    {
      code: 'T0-LOG-043',
      key: String(port),
      text: `${at} refuses its connection: it is the only container of its pod, and nobody listens there`,
    },
  ];
}

/** Nothing but the person who wrote it says that there is somebody at this address. */
function byHand(target: { readonly id: string; readonly holder: string }, text: string): SignDraft {
  return {
    code: 'T0-LOG-028',
    subject: target.holder,
    key: '',
    text: `${text}; the addresses of Service ${nameOf(target.id)} are written by hand`,
  };
}

interface AskedPort {
  readonly service: string;
  readonly host: string;
  readonly port: number | undefined;
}

/** A port that the Service does not have was written somewhere: in a variable, or in a ConfigMap that the pod reads. */
function wrongPort(reading: LogReading, { service, host, port }: AskedPort): SignDraft | undefined {
  const object = reading.pod.reader.object(service);
  const ports = listAt(object, 'spec', 'ports');
  const isDirect = textAt(object, 'spec', 'clusterIP') === 'None' || textAt(object, 'spec', 'type') === 'ExternalName';
  if (port === undefined || isDirect || ports.length === 0 || ports.some((entry) => numberAt(entry, 'port') === port)) return undefined;
  // The address of a pod is asked at the port of the pod.
  if (servicesByPodAddress(reading.pod.reader).has(host)) return undefined;
  const offered = ports.flatMap((entry) => numberAt(entry, 'port') ?? []).join(', ');
  const text = `it cannot reach port ${port} of ${nameOf(service)}, which offers ${offered}`;
  const holder = holderOf(reading, String(port));
  if (holder?.item === undefined)
    return { code: 'T0-LOG-027', key: service, text: holder ? `${text}; the port stands in ${holder.name}` : text };
  return { code: 'T0-LOG-003', subject: holder.item, key: holder.name, text: `${text}; the port stands in key ${holder.name}` };
}

/** Misspelt when a Service of nearly this name is there; else the Service is what is missing. */
function absent(reading: LogReading, service: string): readonly SignDraft[] {
  const outdated = outdatedMap(reading, nameOf(service));
  if (outdated !== undefined) {
    const text = `it looks for ${nameOf(service)}, which nothing names any more: ConfigMap ${nameOf(outdated)} was changed after it was started`;
    return [{ code: 'T0-LOG-029', key: outdated, text }];
  }
  const before = earlierHost(reading, service);
  if (before !== undefined) {
    const text = `it looks for ${nameOf(service)}, which does not exist; the revision before was told ${before}, which does`;
    return [{ code: 'T0-LOG-014', key: nameOf(service), text, facts: { hosts: [nameOf(service)] } }];
  }
  const near = nearNameOf(reading.pod.reader, service);
  const elsewhere = near === undefined ? inOtherNamespaces(reading.pod.reader, service) : [];
  const changed = changedHolder(reading, service);
  if (near === undefined && elsewhere.length === 0 && changed !== undefined) return [changed];
  if (near === undefined && elsewhere.length === 0)
    return [
      {
        code: 'T0-LOG-015',
        subject: service,
        key: '',
        text: `it needs Service ${nameOf(service)}, which does not exist`,
        suspects: ownersByName(reading.pod.reader, service),
      },
    ];
  const text =
    near === undefined
      ? `it looks for ${nameOf(service)}, which does not exist in its own namespace; Service ${nameOf(service)} stands in ${elsewhere.join(', ')}`
      : `it looks for ${nameOf(service)}, which does not exist; Service ${near} does`;
  const holder = holderOf(reading, nameOf(service));
  const secret = holder === undefined ? onlySecretOf(reading, nameOf(service)) : undefined;
  if (secret !== undefined) {
    const told = `${text}; the name can only come from Secret ${nameOf(secret)}`;
    return [{ code: 'T0-LOG-014', subject: secret, key: nameOf(service), text: told }];
  }
  return [{ code: 'T0-LOG-014', ...(holder?.item === undefined ? {} : { subject: holder.item }), key: nameOf(service), text }];
}

/** The ConfigMap that names a Service which is not there, where it was changed since it was made: it named another one before. */
function changedHolder(reading: LogReading, service: string): SignDraft | undefined {
  const { pod, container } = reading;
  const source = changedSources(pod, container).find(
    ({ item, kind }) =>
      kind === 'ConfigMap' && Object.values(mapAt(pod.reader.object(item), 'data')).some((text) => speaksOfHost(text, nameOf(service))),
  );
  if (source === undefined) return undefined;
  const text = `it looks for ${nameOf(service)}, which does not exist; ${sayChanged(source)}, which names it, was changed since it was made`;
  return { code: 'T0-LOG-014', subject: source.item, key: nameOf(service), text };
}

function speaksOfHost(text: string, host: string): boolean {
  return new RegExp(`(?<![\\w.-])${host.replaceAll('.', '\\.')}(?![\\w-])`).test(text);
}

/** More namesakes than these say nothing: every namespace has its `db`. */
const NAMESAKES = 2;

/** Namespaces that have a Service of this name, where a short name was asked in the wrong one. */
function inOtherNamespaces(reader: CmdbReader, service: string): readonly string[] {
  const { name } = parseKubernetesItemId(service) ?? {};
  const found = reader.items({ kind: 'Service', name: name ?? '' }).items.flatMap(({ id }) => {
    const other = parseKubernetesItemId(id);
    return other?.name === name && other?.namespace !== undefined ? [other.namespace] : [];
  });
  return found.length > NAMESAKES ? [] : found;
}

/** Variables that by their names hold an address. */
const ADDRESS_NAME = /HOST|UR[IL]|ADDR|ENDPOINT|DSN|SERVER|BROKER|DEPEND|UPSTREAM|BACKEND|DATABASE|SERVICE|TARGET|CONN/i;

/** The one Secret that gives the container an address, where the word stands in nothing that can be read. */
function onlySecretOf(reading: LogReading, word: string): string | undefined {
  const spec = specOf(reading);
  if (commandNames(spec).some((part) => part.includes(word))) return undefined;
  const [name, ...others] = new Set(
    listAt(spec, 'env').flatMap((entry) =>
      ADDRESS_NAME.test(textAt(entry, 'name') ?? '') ? (textAt(entry, 'valueFrom', 'secretKeyRef', 'name') ?? []) : [],
    ),
  );
  return name === undefined || others.length > 0 ? undefined : siblingId(reading.pod.id, 'Secret', name);
}

/** A host whose Service exists and that the revision before named in the place where this one names a Service that does not. */
function earlierHost(reading: LogReading, service: string): string | undefined {
  const { pod, container } = reading;
  const earlier = earlierCommand({ pod, name: container })?.container;
  const texts = (spec: unknown) => [
    ...['command', 'args'].map((field) => listAt(spec, field).map(String).join(' ')),
    ...listAt(spec, 'env').flatMap((entry) => textAt(entry, 'value') ?? []),
  ];
  const now = hostNamesIn(texts(specOf(reading)));
  const isTold = now.some((host) => host.split('.')[0] === nameOf(service));
  if (earlier === undefined || !isTold) return undefined;
  const before = hostNamesIn(texts(earlier)).filter((host) => !now.includes(host));
  return before.find((host) => hostOf(pod, host).kind === 'service');
}

/** The ConfigMap that gave the container its variables and was changed since it was started, when nothing it is given holds the word. */
function outdatedMap(reading: LogReading, word: string): string | undefined {
  const { pod, container } = reading;
  if (holderOf(reading, word) !== undefined || commandNames(specOf(reading)).some((part) => part.includes(word))) return undefined;
  const status = listAt(pod.object, 'status', 'containerStatuses').find((entry) => textAt(entry, 'name') === container);
  const startedMs = instantAt(status, 'state', 'running', 'startedAt') ?? instantAt(status, 'lastState', 'terminated', 'startedAt');
  const sources = referencesOf(readField(pod.object, ['spec'])).filter(
    ({ kind, container: asker }) => kind === 'ConfigMap' && asker === container,
  );
  const items = sources.map(({ name }) => siblingId(pod.id, 'ConfigMap', name));
  return items.find((item) => startedMs !== undefined && writtenMs(pod.reader.object(item)) > startedMs);
}

export function timedOut(reading: LogReading, host: string, port: number | undefined): readonly SignDraft[] {
  const overridden = overriddenHost(reading, host);
  if (overridden !== undefined) return [overridden];
  const above = nameServerAbove(reading, host, 'does not answer in time');
  if (above !== undefined) return [above];
  const target = hostOf(reading.pod, host);
  if (target.kind === 'absent') return absent(reading, target.id);
  if (target.kind === 'outside') {
    const text = `${host}, which is outside the cluster, does not answer in time`;
    return [{ code: 'T0-LOG-016', key: host, text, suspects: policiesAround(reading.pod, undefined) }];
  }
  if (target.kind === 'unread') return [{ code: 'T0-LOG-018', subject: target.id, key: '', text: `${host} does not answer in time` }];
  if (target.kind === 'unknown') return nobodysAddress(reading, host, `${host} does not answer in time`);
  if (target.kind !== 'service' && target.kind !== 'by-hand') return [];
  const wrong = wrongPort(reading, { service: target.id, host, port });
  if (wrong) return [wrong];
  const isName = !/^[\d.]+$/.test(host);
  const blocked = blockedConnection(reading.pod.reader, { pod: reading.pod.id, service: target.id, byName: isName, port });
  if (blocked !== undefined) return [blockedDraft(blocked, `${host} does not answer in time`)];
  const policy = isName ? dnsBypass(reading.pod, host) : undefined;
  if (policy !== undefined) return [notAsked(policy, `${host} does not answer in time`)];
  // A name that is not resolved in time looks like a server that does not answer.
  const dns = isName ? deadDns(reading.pod.reader) : [];
  if (dns.length > 0)
    return [{ code: 'T0-LOG-019', key: '', text: `${host} does not answer in time, and no name can be resolved`, suspects: dns }];
  const plain = speaksTls(reading, target.id);
  if (plain !== undefined) return [plain];
  const agent = servesItself(reading, target.id, host);
  if (agent !== undefined) return [agent];
  const nobody = target.kind === 'service' ? servesNobody(reading.pod.reader, target.id) : undefined;
  if (nobody !== undefined) return [{ code: 'T0-SERVICE-001', subject: target.id, text: `${host} does not answer in time: ${nobody}` }];
  const policies = policiesAround(reading.pod, target.id);
  if (target.kind === 'by-hand') return [{ ...byHand(target, `${host} does not answer`), suspects: policies }];
  return [{ code: 'T0-LOG-018', key: target.id, text: `${host} does not answer in time`, suspects: [target.id, ...policies] }];
}

/** A Service that was not recorded: one with pods of its own name may be headless, whose name leads nowhere while none is ready. */
function unreadName(reading: LogReading, service: string, host: string): readonly SignDraft[] {
  const namesakes = SERVING_KINDS.map((kind) => siblingId(service, kind, nameOf(service), parseKubernetesItemId(service)?.namespace));
  const namesake = namesakes.find((id) => reading.pod.reader.get(id).state === 'found');
  if (namesake === undefined) return absent(reading, service);
  return [{ code: 'T0-LOG-017', subject: namesake, key: service, text: `the name ${host} leads nowhere` }];
}

/** The DNS answered, and said that there is no such name; anything else may be the fault of the DNS. */
const NO_SUCH_NAME = /no such host|NXDOMAIN|ENOTFOUND|name or service not known|UnknownHost|does not exist/i;

export function unresolved(reading: LogReading, host: string): readonly SignDraft[] {
  const { pod } = reading;
  const target = hostOf(pod, host);
  const policy = dnsBypass(pod, host);
  if (policy !== undefined && (target.kind === 'service' || target.kind === 'by-hand')) {
    return [notAsked(policy, `the name ${host} cannot be resolved`)];
  }
  const nameless = target.kind === 'outside' || target.kind === 'absent' ? lostSubdomain(pod, host) : undefined;
  if (nameless !== undefined) return [nameless];
  if (target.kind === 'absent') return absent(reading, target.id);
  if (target.kind === 'outside')
    return [
      {
        code: 'T0-LOG-016',
        key: host,
        text: `the name ${host}, which is outside the cluster, cannot be resolved`,
        // That there is no such name is an answer; every other failure may be that of the DNS which was asked.
        suspects: NO_SUCH_NAME.test(reading.message) ? [] : clusterDnsServices(pod),
      },
    ];
  if (target.kind === 'unread' && NO_SUCH_NAME.test(reading.message)) return unreadName(reading, target.id, host);
  if (target.kind !== 'service' && target.kind !== 'by-hand') return [];
  const written = otherZone(pod, host) ?? rewritten(pod, host);
  if (written !== undefined) return [written];
  const members = ownMembers(pod, { host, service: target.id }) ?? goneMember(pod, { host, service: target.id });
  if (members !== undefined) return [members];
  const blocked = blockedConnection(pod.reader, { pod: pod.id, service: undefined, byName: true });
  if (blocked !== undefined) return [blockedDraft(blocked, `the name ${host} cannot be resolved`)];
  const suspects = [...clusterDnsServices(pod), ...policiesAround(pod, undefined)];
  return [
    { code: 'T0-LOG-019', key: '', text: `the name ${host} cannot be resolved, though Service ${nameOf(target.id)} exists`, suspects },
  ];
}

/** The Service of the cluster DNS, by the names that distributions give it. */
function clusterDnsServices({ id, reader }: PodView): readonly string[] {
  const dns = ['kube-dns', 'coredns', 'rke2-coredns-rke2-coredns'].map((name) => siblingId(id, 'Service', name, 'kube-system'));
  const known = dns.filter((service) => reader.get(service).state === 'found');
  return known.length > 0 ? known : dns.slice(0, 1);
}

/** The cluster DNS answers for other zones than the one that the name ends in. */
function otherZone({ reader, id }: PodView, host: string): SignDraft | undefined {
  const domain = /\.svc\.([a-z0-9.-]+)$/.exec(host)?.[1];
  const item = siblingId(id, 'ConfigMap', 'coredns', 'kube-system');
  const corefile = mapAt(reader.object(item), 'data').Corefile;
  const zones = [...(corefile ?? '').matchAll(/^\s*kubernetes\s+([^{\n]+)/gm)].flatMap(([, list = '']) => list.trim().split(/\s+/));
  if (domain === undefined || zones.length === 0 || zones.includes(domain)) return undefined;
  const own = zones.filter((zone) => !zone.endsWith('.arpa'));
  const text = `the name ${host} cannot be resolved: the cluster DNS answers for the zone ${own.join(', ')}, and not for ${domain}`;
  return { code: 'T0-LOG-026', subject: item, key: domain, text };
}

/** A line of the cluster DNS turns the name into another one. */
function rewritten({ id, reader }: PodView, host: string): SignDraft | undefined {
  const item = siblingId(id, 'ConfigMap', 'coredns', 'kube-system');
  const lines = (mapAt(reader.object(item), 'data').Corefile ?? '').split('\n').filter((line) => /^\s*rewrite\b/.test(line));
  const { namespace = '' } = parseKubernetesItemId(id) ?? {};
  const full = host.includes('.svc')
    ? host.replace(/\.svc(?:\.cluster\.local)?$/, '.svc.cluster.local')
    : `${host}.${namespace}.svc.cluster.local`;
  const line = lines.find((candidate) =>
    [host, full].some((name) => candidate.split(/\s+/).some((word) => word.replace(/\.$/, '') === name)),
  );
  if (line === undefined) return undefined;
  const text = `the name ${host} cannot be resolved: the cluster DNS turns it into another one ("${line.trim()}")`;
  return { code: 'T0-LOG-026', subject: item, key: line.trim(), text };
}

/** A name of its own set that exists for ready members only, while the member it means is not ready or not even made. */
function ownMembers(pod: PodView, { host, service }: { readonly host: string; readonly service: string }): SignDraft | undefined {
  const { reader } = pod;
  const object = reader.object(service);
  const isOwn = reader.relations(service, 'out', 'selects').some(({ to }) => to === pod.id);
  const isHeadless = textAt(object, 'spec', 'clusterIP') === 'None';
  if (!isOwn || !isHeadless || pod.workloadKind !== 'StatefulSet') return undefined;
  const named = /^[a-z0-9-]+-\d+$/.exec(host.split('.')[0] ?? '')?.[0];
  const member = named === undefined ? undefined : siblingId(pod.id, 'Pod', named);
  if (member !== undefined && reader.get(member).state === 'absent') {
    const isInTurn = (textAt(reader.object(pod.workload), 'spec', 'podManagementPolicy') ?? 'OrderedReady') === 'OrderedReady';
    if (!isInTurn) return undefined;
    const text = `it looks for ${host}, a member of its own set that is made only when the ones before it are ready (podManagementPolicy OrderedReady)`;
    return { code: 'T0-LOG-050', key: 'order', text };
  }
  const isReady = member !== undefined && isUp(reader.object(member));
  if (isReady || readField(object, ['spec', 'publishNotReadyAddresses']) === true) return undefined;
  const text = `it looks for ${host}, a member of its own set: Service ${nameOf(service)} gives names to ready pods only, and publishNotReadyAddresses is not set`;
  return { code: 'T0-LOG-050', subject: service, key: '', text };
}

/** The pod asks other name servers than the cluster's, which alone know its Services. */
function notAsked({ policy, servers, lacks }: DnsBypass, text: string): SignDraft {
  if (lacks !== undefined)
    return {
      code: 'T0-LOG-023',
      key: 'searches',
      text: `${text}; with dnsPolicy ${policy} its search list lacks ${lacks}, so short names lead nowhere`,
    };
  const whom = servers.length === 0 ? 'its pods do not ask the cluster' : `its pods ask ${servers.join(', ')}, not the cluster`;
  return { code: 'T0-LOG-023', key: policy, text: `${text}; with dnsPolicy ${policy} ${whom}` };
}

function blockedDraft({ subject, facts, key }: BlockedFinding, text: string): SignDraft {
  return { code: 'T0-NETWORKPOLICY-001', subject, key, facts, text: `${text}: ${sayBlocked(facts)}` };
}

/**
 * Another program says that it will not do what it is asked: the workload behind the Service that the line names, or behind the only one
 * that the container is told.
 */
export function serverRefuses(
  reading: LogReading,
  { why, words }: { readonly why: string; readonly words: readonly string[] },
): readonly SignDraft[] {
  const { pod } = reading;
  const service = serverNamed(reading, words);
  if (service === undefined) return [{ code: 'T0-LOG-037', key: why, text: `a server it uses refuses what it asks, because ${why}` }];
  const target = workloadBehind(pod.reader, service);
  const stranger = why === READ_ONLY_REPLICA && target !== undefined ? strangerBehind(pod, service, target) : undefined;
  if (stranger !== undefined) return [stranger];
  return [{ code: 'T0-LOG-032', subject: target ?? service, key: why, text: `${nameOf(service)} refuses what it asks, because ${why}` }];
}

/** As `classify.ts` says it. */
const READ_ONLY_REPLICA = 'it is a read-only replica';

/** The Service is called after one workload and selects another one. */
function strangerBehind({ reader }: PodView, service: string, target: string): SignDraft | undefined {
  const namesake = SERVING_KINDS.map((kind) => siblingId(service, kind, nameOf(service))).find((id) => reader.get(id).state === 'found');
  if (namesake === undefined || namesake === target) return undefined;
  const text = `${nameOf(service)} refuses what it asks, because ${READ_ONLY_REPLICA}: the selector of Service ${nameOf(service)} leads to ${nameOf(target)}, and not to ${nameOf(namesake)}`;
  return { code: 'T0-SERVICE-016', subject: service, key: target, text };
}

/** The one Service that words of a line name, else the only one that the container is told; undefined where there are several or none. */
export function serverNamed(reading: LogReading, words: readonly string[]): string | undefined {
  const { pod } = reading;
  const spec = specOf(reading);
  const texts = [...['command', 'args'].map((field) => listAt(spec, field).map(String).join(' ')), ...variableValues(reading)];
  const isTold = (word: string) => {
    const pattern = new RegExp(`(?:^|[^\\w.-])${word.replace(/[.]/g, '\\.')}(?![\\w-])`);
    return texts.some((text) => pattern.test(text));
  };
  const told = [...hostNamesIn(texts), ...words.filter(isTold)];
  const named = words.filter((word) => word.length > 1).flatMap((word) => serviceBehind(pod, word));
  const used = [
    ...told.flatMap((host) => serviceBehind(pod, host)),
    ...pod.reader.relations(pod.workload, 'out', 'dependsOn').map(({ to }) => to),
  ];
  const [service, ...others] = new Set(named.length > 0 ? named : used);
  return service === undefined || others.length > 0 ? serviceSpokenOf(reading) : service;
}

function serviceBehind(pod: PodView, host: string): readonly string[] {
  const target = hostOf(pod, host);
  return target.kind === 'service' ? [target.id] : [];
}

/** Addresses of the cluster's own DNS. */
const clusterDnsAddresses = indexed(
  (reader: CmdbReader) =>
    new Set(
      objectsOf(reader, 'Service', '')
        .filter(({ namespace, object }) => namespace === 'kube-system' && /dns/.test(textAt(object, 'metadata', 'name') ?? ''))
        .flatMap(({ object }) => [textAt(object, 'spec', 'clusterIP') ?? [], listAt(object, 'spec', 'clusterIPs').map(String)].flat()),
    ),
);

interface DnsBypass {
  readonly policy: string;
  /** Name servers that the pod names itself. */
  readonly servers: readonly string[];
  /** The suffix that its search list lacks, where it asks the cluster all the same. */
  readonly lacks?: string | undefined;
}

/** The DNS policy of a pod whose names are not looked up in the cluster; on the network of the host the default is such a one. */
function dnsBypass({ object: pod, reader, id }: PodView, host: string): DnsBypass | undefined {
  const policy = textAt(pod, 'spec', 'dnsPolicy') ?? 'ClusterFirst';
  const servers = listAt(pod, 'spec', 'dnsConfig', 'nameservers').map(String);
  if (policy === 'None' && servers.some((server) => clusterDnsAddresses(reader).has(server))) {
    const suffix = `${parseKubernetesItemId(id)?.namespace ?? ''}.svc.`;
    const searches = listAt(pod, 'spec', 'dnsConfig', 'searches').map(String);
    const isShort = !host.includes('.') && !searches.some((search) => search.startsWith(suffix));
    return isShort ? { policy, servers, lacks: `${suffix}cluster.local` } : undefined;
  }
  if (policy === 'Default' || (policy === 'None' && servers.length > 0)) return { policy, servers };
  return policy === 'ClusterFirst' && readField(pod, ['spec', 'hostNetwork']) === true ? { policy, servers } : undefined;
}

/** Network policies that speak for the pod itself, or for the pods of the Service it calls. */
function policiesAround(pod: PodView, service: string | undefined): readonly string[] {
  const behind = service === undefined ? [] : pod.reader.relations(service, 'out', 'selects').map(({ to }) => to);
  const pods = [pod.id, ...behind.slice(0, 1)];
  const policies = objectsOf(pod.reader, 'NetworkPolicy', 'networking.k8s.io');
  return policies.flatMap(({ id }) => (pods.some((item) => governs(pod.reader, id, item)) ? [id] : []));
}

function governs(reader: CmdbReader, policy: string, pod: string): boolean {
  if (parseKubernetesItemId(policy)?.namespace !== parseKubernetesItemId(pod)?.namespace) return false;
  return selects(readField(reader.object(policy), ['spec', 'podSelector']), mapAt(reader.object(pod), 'metadata', 'labels'));
}
