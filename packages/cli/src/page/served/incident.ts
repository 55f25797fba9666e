import type { CallContext, PullRequest } from '@tier0/core';
import { pullRequestDigest } from '@tier0/gitops';
import type { ClusterDuty } from '../../duty/cluster-duty.ts';
import { decisionAsked } from '../../duty/decision-asked.ts';
import { tellSeenBefore } from '../../duty/experience.ts';
import { type DutyIncident, whatItWaitsFor } from '../../duty/incidents.ts';
import type { Caller } from '../../http/callers.ts';
import { type Html, html } from '../html.ts';
import { incidentSections } from '../incident-page.ts';
import { incidentPageData } from '../page-of-incident.ts';

/** The page of one incident on duty: the same sections as its file, with the decision on top while a person is asked. */
export async function servedIncident(
  { desk, reader, experience }: ClusterDuty,
  incident: DutyIncident,
  { caller, said }: { readonly caller: Caller; readonly said?: string | undefined },
  context: CallContext,
): Promise<Html> {
  const { state } = incident;
  const asked = decisionAsked(incident);
  const pullRequest = asked && (await desk.forge.read(asked.number, context));
  const isOpen = state.status === undefined;
  const seen = experience.get(state.incident);
  const data = await incidentPageData(
    {
      title: state.incident,
      note: [desk.config.name, ...(isOpen ? [whatItWaitsFor(incident)] : []), ...(seen ? [tellSeenBefore(seen)] : [])].join(' · '),
      state,
      entries: await desk.ports.record.read(state.incident, context),
      clockSpeed: 1,
      evidence: desk.evidence,
      audit: desk.audit,
      reader: reader(),
    },
    context,
  );
  const decision =
    pullRequest?.state.status === 'open'
      ? decisionBox(state.incident, { pullRequest, caller, said, isLocal: desk.people !== undefined })
      : said === undefined
        ? undefined
        : html`<p class="hint" role="status">${said}</p>`;
  return html`<div data-live="incident">${incidentSections(data, decision)}</div>`;
}

interface Asked {
  readonly pullRequest: PullRequest;
  readonly caller: Caller;
  /** What became of the decision that was just handed in. */
  readonly said?: string | undefined;
  readonly isLocal: boolean;
}

function decisionBox(incident: string, { pullRequest, caller, said, isLocal }: Asked): Html {
  const head = html`<h2>Your decision is asked</h2><p class="break">Pull request #${pullRequest.number}: <b>${pullRequest.title}</b>. What it changes and why stands below.</p>${said !== undefined && html`<p class="warn break" role="status">${said}</p>`}`;
  if (!isLocal)
    return html`<section class="ask">${head}<p><a href="${pullRequest.url}" rel="noreferrer">Decide on the forge</a></p></section>`;
  if (!caller.scopes.includes('approve')) {
    return html`<section class="ask">${head}<p class="hint">Deciding needs a token with the scope "approve": <a href="/login?next=/incidents/${incident}">sign in</a>.</p></section>`;
  }
  return html`<section class="ask">${head}<form method="post" action="/incidents/${incident}"><input type="hidden" name="shown" value="${pullRequestDigest(pullRequest)}">
<label for="reason">Reason (needed to reject)</label><textarea id="reason" name="reason" maxlength="2000"></textarea>
<div class="buttons"><button class="good" name="decision" value="approve">Approve as ${caller.name}</button><button class="bad" name="decision" value="reject">Reject</button></div></form></section>`;
}
