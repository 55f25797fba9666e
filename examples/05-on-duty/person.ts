// A colleague: looks again and again, decides through the API or through the page, and is known to tier0 by a token.
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';

export interface Incident {
  readonly id: string;
  readonly title: string;
  readonly status: string;
  readonly pullRequest?: { readonly number: number; readonly asksForDecision: boolean };
}

export class Person {
  readonly #url: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  async incidents(): Promise<readonly Incident[]> {
    return ((await this.#call('/api/v1/incidents')) as { readonly incidents: readonly Incident[] }).incidents;
  }

  /** Looks for up to three minutes. */
  async waitFor(isMeant: (incident: Incident) => boolean): Promise<Incident> {
    for (let tries = 0; tries < 180; tries++) {
      const found = (await this.incidents()).find(isMeant);
      if (found) return found;
      await delay(1_000);
    }
    throw new Error('It did not happen in three minutes.');
  }

  /** By the API: the decision is about what was shown, and nothing else. */
  async approve({ id }: Incident): Promise<void> {
    const { shown } = (await this.#call(`/api/v1/incidents/${id}`)) as { readonly shown: string };
    const outcome = await this.#call(`/api/v1/incidents/${id}/decision`, { decision: 'approve', reason: 'read and agreed', shown });
    assert.deepEqual(outcome, { status: 'merged', missing: [] });
  }

  /** As a browser does it: signs in, reads the page, and sends its form. */
  async approveOnThePage({ id }: Incident): Promise<void> {
    const post = (path: string, fields: Record<string, string>, headers = {}) =>
      fetch(`${this.#url}${path}`, {
        method: 'POST',
        body: new URLSearchParams(fields),
        headers: { origin: this.#url, ...headers },
        redirect: 'manual',
      });
    const signedIn = await post('/login', { token: this.#token, next: `/incidents/${id}` });
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
    const page = await (await fetch(`${this.#url}/incidents/${id}`, { headers: { cookie } })).text();
    const shown = /name="shown" value="([^"]+)"/.exec(page)?.[1];
    assert.ok(shown, 'the page asks for a decision');
    const decided = await post(`/incidents/${id}`, { decision: 'approve', reason: 'read on the page', shown }, { cookie });
    assert.equal(decided.status, 303, 'the page took the decision');
  }

  async #call(path: string, body?: object): Promise<unknown> {
    const headers = { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' };
    const answer = await fetch(`${this.#url}${path}`, body ? { method: 'POST', headers, body: JSON.stringify(body) } : { headers });
    assert.equal(answer.status, 200, await answer.clone().text());
    return answer.json();
  }
}
