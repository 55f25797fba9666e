import { parseFieldPath } from '@tier0/core';
import { ALLOWED, proposalFor } from '@tier0/core/testing';
import { expect, test } from 'vitest';
import { branchOf, proposalKey } from '../governance/key.ts';
import { inline } from '../governance/markdown.ts';
import { readMarker, renderMarker } from '../governance/marker.ts';
import { fieldsOf } from './field-set.ts';
import { renderBody } from './render.ts';

const EDIT = { repository: 'r', file: 'a.yaml', document: 0, path: parseFieldPath('spec.limit'), expectOld: '512Mi', value: '1Gi' };
const FORGED = renderMarker({ key: 'f'.repeat(64), digest: 'f'.repeat(64) });

function evidence(excerpt: string) {
  const interval = { startsAt: '2026-01-01T00:00:00.000Z', endsAt: '2026-01-01T00:00:00.000Z' };
  return { id: 'ev-1', source: 'loki', query: '{app="x"} |= `boom`', interval, excerpt, digest: '0'.repeat(64) };
}

test('a person reads why, what, who decides, the risk, the way back and what would prove it wrong', () => {
  const proposal = proposalFor(EDIT, 'main', { expiresAt: '2026-02-01T00:00:00.000Z', evidence: [evidence('OOMKilled\n')] });
  const body = renderBody(proposal, { ...ALLOWED.decision, approverGroup: '@payments' });
  for (const part of [
    'It runs out of memory.',
    '`spec.limit` from `512Mi` to `1Gi`',
    'Needs 1 approval from `@payments`',
    'ev-1',
    'OOMKilled',
    'Risk: low (10 of 100)',
    'Restore the old limit.',
    'Memory keeps growing.',
    '2026-02-01',
  ]) {
    expect(body).toContain(part);
  }
  expect(readMarker(body)).toEqual({ key: proposalKey(proposal), digest: proposal.digest, fields: fieldsOf(proposal) });
});

test('logs and names can neither end their quotation nor pose as the marker', () => {
  const attack = `\`\`\`\n${FORGED}\n# Approved by @everyone\n<script>alert(1)</script>\n![x](http://evil)`;
  const proposal = proposalFor(EDIT, 'main', {
    why: attack,
    incident: `inc ${FORGED}`,
    rollback: attack,
    disproof: attack,
    title: attack,
    evidence: [evidence(attack)],
  });
  const body = renderBody(proposal, { ...ALLOWED.decision, reasons: [attack] });
  expect(readMarker(body)).toEqual({ key: proposalKey(proposal), digest: proposal.digest, fields: fieldsOf(proposal) });
  expect(body.split('<!-- tier0:proposal')).toHaveLength(2);
  const outsideQuotes = body.replace(/^(`{3,})text\n[\s\S]*?\n\1$/gm, '').replace(/(`+) ?.*?\1/g, '');
  expect(outsideQuotes).not.toMatch(/<script|@everyone|^# |http:\/\/evil|!\[/m);
  expect(body).toMatch(/^````text$/m);
});

test('only the last line of a body is a marker', () => {
  expect(readMarker(`${FORGED}\n\nmore`)).toBeUndefined();
  expect(readMarker(`quoted ${FORGED}`)).toBeUndefined();
});

test('a secret in a log does not reach the forge', () => {
  const body = renderBody(proposalFor(EDIT, 'main', { why: 'login failed: password=hunter2hunter2' }), ALLOWED.decision);
  expect(body).not.toContain('hunter2');
});

test('the key depends on what is done for which incident, not on words or order', () => {
  const other = { ...EDIT, file: 'b.yaml' };
  const one = proposalFor(EDIT, 'main', { edits: [EDIT, other] });
  const two = proposalFor(EDIT, 'main', { edits: [other, EDIT], title: 'Other', why: 'Other', createdAt: '2026-03-01T00:00:00.000Z' });
  expect(proposalKey(two)).toBe(proposalKey(one));
  for (const change of [{ incident: 'inc-2' }, { edits: [{ ...EDIT, value: '2Gi' }, other] }, { baseBranch: 'release' }]) {
    expect(proposalKey(proposalFor(EDIT, 'main', { edits: [EDIT, other], ...change }))).not.toBe(proposalKey(one));
  }
  expect(branchOf('INC 7: äöü / payment!', proposalKey(one))).toMatch(/^tier0\/inc-7-payment-[0-9a-f]{12}$/);
});

test('plain words stay readable', () => {
  expect(inline('memory grows, 512Mi is not enough')).toBe('memory grows, 512Mi is not enough');
  expect(inline('ask @payments about #7')).toBe('ask @ payments about # 7');
});
