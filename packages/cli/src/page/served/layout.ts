import type { PauseState } from '../../duty/pause-switch.ts';
import { type Html, html } from '../html.ts';

/** What every served page has around it. */
export interface Frame {
  readonly title: string;
  /** Path of the page, to mark where one is. */
  readonly here: 'incidents' | 'graph' | 'audit' | 'login';
  readonly clusters: readonly string[];
  readonly paused?: PauseState | undefined;
  readonly isDraining: boolean;
  /** Who is signed in; undefined: nobody. */
  readonly caller?: string | undefined;
  readonly mayOperate: boolean;
  readonly body: Html;
  /** Id of the incident the page is about. */
  readonly incident?: string | undefined;
}

/** A served page. Style and script come from this server only; nothing stands inline. */
export function layout(frame: Frame): string {
  const link = (name: Frame['here'], href: string, text: string) =>
    html`<a href="${href}"${{ html: frame.here === name ? ' aria-current="page"' : '' }}>${text}</a>`;
  const [cluster] = frame.clusters;
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${frame.title} - tier0</title><link rel="stylesheet" href="/assets/style.css"><script src="/assets/page.js" defer></script></head>
<body${frame.here !== 'login' && frame.here !== 'graph' && html` data-listen="yes"`}${frame.incident !== undefined && html` data-incident="${frame.incident}"`}><a class="skip" href="#main">To the content</a>
<nav class="bar" aria-label="Pages"><strong>tier0</strong>${link('incidents', '/', 'Incidents')}${cluster !== undefined && html`${link('graph', `/clusters/${cluster}/graph`, 'Graph')}${link('audit', `/clusters/${cluster}/audit`, 'Audit')}`}
<span class="grow"></span><span class="soft" data-connection role="status"></span>${frame.caller === undefined ? frame.here !== 'login' && html`<a href="/login">Sign in</a>` : html`<form method="post" action="/logout"><span class="soft">${frame.caller}</span> <button class="link">Sign out</button></form>`}</nav>
<div data-live="pause">${pauseBar(frame)}</div>
<main id="main">${frame.body}</main></body></html>`;
  return page.html;
}

function pauseBar({ paused, isDraining, mayOperate }: Frame): Html {
  if (paused) {
    return html`<div class="banner warn" role="alert"><p><b>Everything stands still.</b> ${paused.by}: ${paused.reason}${paused.at && html` <span class="soft">since ${paused.at.slice(0, 16).replace('T', ' ')} UTC</span>`}</p>${mayOperate && html`<form method="post" action="/resume"><button>Go on</button></form>`}</div>`;
  }
  if (isDraining) return html`<div class="banner warn" role="alert"><p>tier0 is being stopped: no incident is opened any more.</p></div>`;
  return html``;
}
