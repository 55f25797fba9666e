import { type AuditRecord, type CallContext, formatItemId } from '@tier0/core';
import type { ClusterDuty } from '../../duty/cluster-duty.ts';
import { type Html, html } from '../html.ts';

const SHOWN = 300;

/** The audit chain of a cluster: every effect, by whom, and whether a link is broken. */
export async function auditPage({ desk }: ClusterDuty, context: CallContext): Promise<Html> {
  const verdict = await desk.audit.verify(context);
  const records: AuditRecord[] = [];
  if (verdict.sound) for await (const record of desk.audit.read(context)) records.push(record);
  return html`<div data-live="audit"><header><h1>Audit of ${desk.config.name}</h1><p class="hint">${
    verdict.sound
      ? html`<span class="pass">The chain is sound</span>: ${records.length} records, each holds the hash of the one before.`
      : html`<span class="fail">The chain is broken</span> at record ${verdict.sequence}: ${verdict.reason}`
  }</p></header>
<section><div class="wide"><table><tr><th class="num">#</th><th>Time (UTC)</th><th>Who</th><th>Did</th><th>To what</th></tr>
${records
  .slice(-SHOWN)
  .reverse()
  .map(
    (record) =>
      html`<tr><td class="num">${record.sequence}</td><td class="num">${record.at.slice(0, 19).replace('T', ' ')}</td><td class="break">${record.actor}</td><td>${record.action.replaceAll('-', ' ')}</td><td class="break">${subject(record.subject)}</td></tr>`,
  )}</table></div></section></div>`;
}

function subject(text: string): Html {
  if (/^inc-[0-9a-f]+$/.test(text)) return html`<a href="/incidents/${text}">${text}</a>`;
  return html`${/^[0-9a-f]{40,64}$/.test(text) ? text.slice(0, 12) : formatItemId(text)}`;
}
