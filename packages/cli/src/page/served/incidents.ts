import { formatItemId } from '@tier0/core';
import type { ClusterDuty } from '../../duty/cluster-duty.ts';
import type { Duty } from '../../duty/duty.ts';
import { allIncidents, type IncidentView, incidentView } from '../../http/incident-view.ts';
import { type Html, html } from '../html.ts';

const EARLIER = 100;

/** The first page: what is open now, what is seen and left alone, what is not known, and what was. */
export function incidentsPage(duty: Duty, { nowMs, mayOperate }: { readonly nowMs: number; readonly mayOperate: boolean }): Html {
  const views = allIncidents(duty).map(({ cluster, incident }) => incidentView(cluster, incident));
  const open = views.filter(({ status }) => status === 'open');
  const ended = views.filter(({ status }) => status !== 'open');
  const asked = open.filter(({ pullRequest }) => pullRequest?.asksForDecision).length;
  return html`<div data-live="incidents"><header><h1>${open.length === 0 ? 'Nothing is wrong that tier0 knows of' : `${open.length} open ${open.length === 1 ? 'incident' : 'incidents'}`}</h1>
<p class="hint">${duty.clusters.map((cluster) => lookLine(cluster, nowMs))}${!duty.isReady && 'Not every cluster was looked at yet. '}${asked > 0 && `${asked} ${asked === 1 ? 'waits' : 'wait'} for a person.`}</p></header>
${open.map((view) => card(view, nowMs))}
${open.length === 0 && duty.isReady && html`<section class="quiet"><b>All quiet</b><p class="hint">What is seen is listed below, with why nothing is done about it.</p></section>`}
${seen(duty)}${notKnown(duty)}
${
  ended.length > 0 &&
  html`<section><h2>Earlier</h2><div class="wide"><table><tr><th>Opened</th><th>Cluster</th><th>What</th><th>End</th></tr>
${ended.slice(0, EARLIER).map((view) => html`<tr><td class="num">${day(view.openedAt)}</td><td>${view.cluster}</td><td class="break"><a href="/incidents/${view.id}">${view.title}</a><br><span class="soft">${view.now}</span></td><td class="${view.status}">${view.status.replace('-', ' ')}</td></tr>`)}</table></div></section>`
}</div>
${mayOperate && !duty.paused && html`<section><h2>Stop everything</h2><form method="post" action="/pause" class="inline"><label for="reason">Why</label><input type="text" id="reason" name="reason" required maxlength="500"><button class="bad">Pause tier0</button></form></section>`}`;
}

function lookLine({ desk, look }: ClusterDuty, nowMs: number): string {
  return look === undefined
    ? `${desk.config.name}: not looked at yet. `
    : `${desk.config.name}: looked at ${Math.max(0, Math.round((nowMs - look.atMs) / 1000))} s ago. `;
}

function card(view: IncidentView, nowMs: number): Html {
  const { pullRequest } = view;
  return html`<a class="card ${view.severity ?? ''}" href="/incidents/${view.id}"><h3 class="break">${view.title}</h3>
${view.cause && html`<p class="break">${view.cause.code.replaceAll('-', ' ')} at ${formatItemId(view.cause.subject)}</p>`}
${view.seenBefore !== undefined && html`<p class="soft break">${view.seenBefore}</p>`}
<p class="${pullRequest?.asksForDecision ? 'asks' : 'soft'} break">${view.now}</p>
<div class="meta"><span>${view.cluster}</span><span>for ${age(nowMs - Date.parse(view.openedAt))}</span>${view.owner !== undefined && html`<span>${formatItemId(view.owner)}</span>`}${view.reach !== undefined && html`<span>${view.reach} other workload${view.reach !== 1 && 's'}</span>`}</div></a>`;
}

const KINDS = {
  opens: 'about to be opened',
  joins: 'part of another incident',
  waits: 'waited for',
  'left-to-people': 'left to people',
} as const;

function seen(duty: Duty): Html {
  const rows = duty.clusters.flatMap(({ desk, look, incidents }) => {
    const own = new Set(incidents.open().flatMap(({ state }) => state.results.open?.alerts.map(({ fingerprint }) => fingerprint) ?? []));
    const others = (look?.verdicts ?? []).filter(({ alerts }) => !alerts.every(({ fingerprint }) => own.has(fingerprint)));
    return others.map((verdict) => ({ cluster: desk.config.name, verdict }));
  });
  if (rows.length === 0) return html``;
  return html`<section><h2>Seen, and why nothing new is done</h2><div class="wide"><table><tr><th>Cluster</th><th>What</th><th>So</th></tr>
${rows.slice(0, 200).map(({ cluster, verdict }) => html`<tr><td>${cluster}</td><td class="break">${verdict.alerts[0]?.summary ?? ''}</td><td>${KINDS[verdict.kind]}: ${verdict.why}${'incident' in verdict && html` (<a href="/incidents/${verdict.incident}">${verdict.incident}</a>)`}</td></tr>`)}</table></div></section>`;
}

function notKnown(duty: Duty): Html {
  const unknowns = duty.clusters.flatMap(({ desk, look }) =>
    (look?.unknowns ?? []).map(({ message }) => `${desk.config.name}: ${message}`),
  );
  if (unknowns.length === 0) return html``;
  return html`<section><h2>Not known</h2><details><summary>${unknowns.length} ${unknowns.length === 1 ? 'thing' : 'things'} could not be looked at</summary><ul class="plain">${unknowns.slice(0, 200).map((line) => html`<li class="break">${line}</li>`)}</ul></details></section>`;
}

/** `3 min`, `2 h 5 min`, `4 d`. */
export function age(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  if (minutes < 60) return minutes === 0 ? 'less than a minute' : `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h${minutes % 60 > 0 ? ` ${minutes % 60} min` : ''}` : `${Math.floor(hours / 24)} d`;
}

function day(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ');
}
