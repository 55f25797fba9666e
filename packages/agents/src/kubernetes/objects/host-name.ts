import { siblingId } from './existence.ts';

/** A word can only be a host of the cluster by its form: `name`, `name.namespace`, `name.namespace.svc`, with the cluster's domain or not. */
const LABEL = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?';
const NAME = `${LABEL}(?:\\.${LABEL})*`;
const AFTER_SCHEME = new RegExp(`\\b[a-z][a-z0-9+.-]*://(?:[^\\s/@]*@)?(${NAME})`, 'g');
const BEFORE_PORT = new RegExp(`(?:^|[\\s,;="'@(/])(${NAME}):\\d{1,5}\\b`, 'g');
const IN_CLUSTER = new RegExp(`\\b(${LABEL}\\.${LABEL}\\.svc(?:\\.${NAME})?)\\b`, 'g');
/** Commands whose argument is a host: the usual ways to wait for something in a shell. */
const AFTER_COMMAND = new RegExp(
  `\\b(?:nslookup|getent (?:hosts|ahosts)|dig(?: \\+\\w+)*|host|ping(?: -\\w+(?: \\d+)?)*|n(?:c|cat|etcat)(?: -\\w+(?: \\d+)?)*|telnet|wait-for(?:-it)?(?:\\.sh)?)\\s+(${NAME})`,
  'g',
);
const AFTER_HOST_FLAG = new RegExp(`(?:\\s-h|\\s--host(?:name)?)[= ](${NAME})`, 'g');
const BASH_TCP = new RegExp(`/dev/tcp/(${NAME})/\\d+`, 'g');
const PATTERNS = [AFTER_SCHEME, BEFORE_PORT, IN_CLUSTER, AFTER_COMMAND, AFTER_HOST_FLAG, BASH_TCP];

/** Host names that texts of a pod's specification name, sorted. */
export function hostNamesIn(texts: readonly string[]): readonly string[] {
  const found = texts.flatMap((text) => PATTERNS.flatMap((pattern) => [...text.matchAll(pattern)].map((match) => match[1] ?? '')));
  return [...new Set(found)].filter((host) => host !== 'localhost' && !/^\d+(?:\.\d+)*$/.test(host)).sort();
}

/** A host with the port at which it is asked. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

const WITH_PORT = new RegExp(`(?:^|[\\s,;="'@(/])(${NAME}):(\\d{1,5})(?![\\w.:])`, 'g');
const COMMAND_WITH_PORT = new RegExp(
  `\\b(?:n(?:c|cat|etcat)|telnet|wait-for(?:-it)?(?:\\.sh)?)(?: -\\w+(?: \\d+)?)* (${NAME}) (\\d{1,5})\\b`,
  'g',
);
const FLAGS_WITH_PORT = new RegExp(
  `(?:\\s-h|\\s--host(?:name)?)[= ](${NAME})\\b[^|;&\\n]{0,120}?(?:\\s-p|\\s-P|\\s--port)[= ]?(\\d{1,5})\\b`,
  'g',
);
const TCP_WITH_PORT = new RegExp(`/dev/tcp/(${NAME})/(\\d{1,5})`, 'g');
const PORT_PATTERNS = [WITH_PORT, COMMAND_WITH_PORT, FLAGS_WITH_PORT, TCP_WITH_PORT];

/** Hosts that texts name together with a port, as commands and messages write them. */
export function hostPortsIn(texts: readonly string[]): readonly HostPort[] {
  const found = texts.flatMap((text) => PORT_PATTERNS.flatMap((pattern) => [...text.matchAll(pattern)]));
  const pairs = found.map(([, host = '', port]): HostPort => ({ host, port: Number(port) }));
  const named = pairs.filter(({ host }) => /[a-z]/.test(host) && host !== 'localhost');
  return [...new Map(named.map((pair) => [`${pair.host}:${pair.port}`, pair])).values()];
}

/** Words of a line that could be a host by their characters, in lower case; most are not. */
export function hostWordsIn(line: string): readonly string[] {
  return line.toLowerCase().match(/[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?/g) ?? [];
}

/**
 * Item id of the Service that a host name means for a pod in the namespace of `item`; undefined when the name is none of the cluster's.
 * A name of two parts is only taken for `service.namespace` when told so, since `example.com` looks the same.
 */
export function serviceIdOf(item: string, host: string): string | undefined {
  const [name = '', namespace, service] = host.toLowerCase().replace(/\.$/, '').split('.');
  if (name === '') return undefined;
  if (namespace === undefined) return siblingId(item, 'Service', name);
  return service === 'svc' ? siblingId(item, 'Service', name, namespace) : undefined;
}
