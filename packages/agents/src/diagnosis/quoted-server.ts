import { type CmdbReader, type Finding, parseKubernetesItemId } from '@tier0/core';

/** Words that two complaints must share in a row before one is taken to quote the other: a phrase, and no habit of speech. */
const SHARED_WORDS = 5;
/** Complaints that no rule knows. */
const COMPLAINS = /^T0-LOG-0(?:33|38|51|52)$/;

/** Complaints whose place is known: what the client reads and was changed. */
const PLACED = /^T0-LOG-0(?:03|24)$/;

/**
 * Findings with a suspect more where a client quotes in its own complaint what a server of its namespace says itself: `canceling statement due to
 * statement timeout`. The server is the one behind a Service, while nobody is told to reach the client's; where both or neither are, nothing is said.
 * Where it is known what of the client's is wrong, the server that says the same of it is the innocent one.
 */
export function withQuotedServers(findings: readonly Finding[], reader: CmdbReader): readonly Finding[] {
  const complaints = findings.filter(({ code, severity }) => COMPLAINS.test(code) && severity === 'fault');
  const placed = findings.filter(({ code, severity }) => PLACED.test(code) && severity === 'fault');
  if (complaints.length + placed.length < 2) return findings;
  const servers = complaints.filter(({ subject }) => isServer(subject, reader));
  return findings.map((finding) => {
    if (!complaints.includes(finding)) return finding;
    const quoted = (servers.includes(finding) ? placed : servers).filter(
      (other) => isNear(other, finding) && sharesPhrase(other.message, finding.message),
    );
    const [one, ...others] = quoted;
    if (one === undefined || others.length > 0) return finding;
    return { ...finding, suspects: [...new Set([...(finding.suspects ?? []), one.subject])].sort() };
  });
}

function isNear(server: Finding, client: Finding): boolean {
  return parseKubernetesItemId(server.subject)?.namespace === parseKubernetesItemId(client.subject)?.namespace;
}

/** A Service leads to it. */
function isServer(subject: string, reader: CmdbReader): boolean {
  return reader.impact(subject, { hops: 3, limit: 50 }).items.some(({ item }) => parseKubernetesItemId(item)?.kind === 'Service');
}

function sharesPhrase(one: string, other: string): boolean {
  const phrases = new Set(phrasesOf(quoteIn(one)));
  return phrasesOf(quoteIn(other)).some((phrase) => phrases.has(phrase));
}

function quoteIn(message: string): string {
  return /"(.*)"/s.exec(message)?.[1] ?? '';
}

function phrasesOf(text: string): readonly string[] {
  const words = text.toLowerCase().match(/[a-z]{2,}/g) ?? [];
  return words.slice(0, Math.max(0, words.length - SHARED_WORDS + 1)).map((_, index) => words.slice(index, index + SHARED_WORDS).join(' '));
}
