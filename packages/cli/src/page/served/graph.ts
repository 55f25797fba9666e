import { type CmdbReader, type ConfigurationItem, formatItemId } from '@tier0/core';
import type { ClusterDuty } from '../../duty/cluster-duty.ts';
import { askGraph } from '../../operations/ask-graph.ts';
import { type Html, html } from '../html.ts';

const SHOWN = 60;

/** What is asked of the graph page. */
export interface GraphQuestion {
  readonly item?: string | undefined;
  readonly query?: string | undefined;
  /** How long ago the graph is looked at, minutes. */
  readonly minutesAgo: number;
}

/** The graph explorer: who owns an item, what depends on it, what it depends on, what changed near it; now, or some time ago. */
export function graphPage({ desk, reader }: ClusterDuty, { item, query, minutesAgo }: GraphQuestion): Html {
  const newest = reader();
  const now = minutesAgo > 0 ? newest.asOf(new Date(Date.parse(newest.at) - minutesAgo * 60_000).toISOString()) : newest;
  const { name } = desk.config;
  return html`<header><h1>${item === undefined ? `Graph of ${name}` : formatItemId(item)}</h1><p class="hint">As it was ${minutesAgo === 0 ? 'read last' : `${minutesAgo} minutes ago`}, ${now.at.slice(0, 19).replace('T', ' ')} UTC.</p></header>
<section><form class="inline" role="search"><label for="query">Find</label><input type="search" id="query" name="query" value="${query ?? ''}" placeholder="name:web, kind:Deployment label:app=shop"><button>Find</button></form>
<form class="inline">${item !== undefined && html`<input type="hidden" name="item" value="${item}">`}${query !== undefined && html`<input type="hidden" name="query" value="${query}">`}<label for="ago">When</label><input type="range" id="ago" name="ago" min="0" max="1440" step="5" value="${minutesAgo}"><output for="ago">${minutesAgo === 0 ? 'now' : `${minutesAgo} min ago`}</output><button>Show</button></form></section>
${query !== undefined && found(now, { name, query, minutesAgo })}${item !== undefined && about(now, { name, item, minutesAgo })}
${item === undefined && query === undefined && overview(now, name)}`;
}

interface Place {
  readonly name: string;
  readonly minutesAgo: number;
}

function found(reader: CmdbReader, { name, query, minutesAgo }: Place & { readonly query: string }): Html {
  let items: readonly ConfigurationItem[];
  try {
    items = askGraph({ reader }, 'items', { query: /[:=]/.test(query) ? query : `name:${query}` }).items;
  } catch (error) {
    return html`<section><p class="fail break">${error instanceof Error ? error.message : String(error)}</p></section>`;
  }
  return html`<section><h2>${items.length} found</h2><ul class="plain">${items.slice(0, SHOWN).map(({ id }) => html`<li class="break">${link(id, { name, minutesAgo })}</li>`)}</ul></section>`;
}

function about(reader: CmdbReader, { name, item, minutesAgo }: Place & { readonly item: string }): Html {
  const known = reader.get(item);
  if (known.state !== 'found')
    return html`<section><p>${known.state === 'absent' ? 'It was not there.' : `Whether it was there is not known: ${known.reason}`}</p></section>`;
  const { owner } = askGraph({ reader }, 'owner', { item });
  const health = reader.health(item);
  const { impact: down } = askGraph({ reader }, 'impact', { item });
  const { impact: up } = askGraph({ reader }, 'impact', { item, direction: 'upstream' });
  const { changes } = askGraph({ reader }, 'changes', { item });
  const list = (items: readonly { readonly item: string; readonly distance: number }[]) =>
    html`<ul class="plain">${items.slice(0, SHOWN).map((one) => html`<li class="break">${link(one.item, { name, minutesAgo })} <span class="soft">${one.distance === 1 ? 'directly' : `over ${one.distance} steps`}</span></li>`)}${items.length > SHOWN && html`<li class="soft">and ${items.length - SHOWN} more</li>`}</ul>`;
  return html`<section><dl><dt>Kind</dt><dd>${known.item.kind}</dd><dt>Owner</dt><dd class="break">${owner ? html`${formatItemId(owner.team)} <span class="soft">${Math.round(owner.confidence * 100)} % sure</span>` : 'nobody is named'}</dd><dt>Health</dt><dd class="break">${health.state}${health.reasons[0] && html` <span class="soft">${health.reasons[0]}</span>`}</dd><dt>Seen</dt><dd>${known.item.observedAt.slice(0, 19).replace('T', ' ')} UTC by ${known.item.sources.map((one) => one.name).join(', ')}</dd></dl></section>
<div class="cols"><section><h2>What its failure reaches <span class="soft">${down.items.length}</span></h2>${list(down.items)}</section><section><h2>What can break it <span class="soft">${up.items.length}</span></h2>${list(up.items)}</section></div>
<section><h2>What changed near it in 24 hours</h2>${changes.length === 0 ? html`<p class="hint">Nothing that tier0 saw.</p>` : html`<div class="wide"><table><tr><th>When</th><th>What</th><th>How near</th></tr>${changes.slice(0, SHOWN).map(({ change, distance }) => html`<tr><td class="num">${change.at.slice(0, 16).replace('T', ' ')}</td><td class="break">${change.summary}</td><td>${distance === 0 ? 'itself' : `${distance} steps`}</td></tr>`)}</table></div>`}</section>`;
}

function overview(reader: CmdbReader, name: string): Html {
  const kinds = new Map<string, number>();
  for (const { kind } of reader.items({}).items) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  const rows = [...kinds].sort(([, a], [, b]) => b - a).slice(0, SHOWN);
  return html`<section><h2>What is there</h2><div class="wide"><table><tr><th>Kind</th><th class="num">Items</th></tr>${rows.map(([kind, count]) => html`<tr><td><a href="/clusters/${name}/graph?query=${encodeURIComponent(`kind:${kind}`)}">${kind}</a></td><td class="num">${count}</td></tr>`)}</table></div></section>`;
}

function link(item: string, { name, minutesAgo }: Place): Html {
  const ago = minutesAgo > 0 ? `&ago=${minutesAgo}` : '';
  return html`<a href="/clusters/${name}/graph?item=${encodeURIComponent(item)}${ago}">${formatItemId(item)}</a>`;
}
