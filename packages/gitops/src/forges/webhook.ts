import { createHmac, timingSafeEqual } from 'node:crypto';

/** A webhook as it arrived: headers with lower-case names, the body's bytes before anything parsed them. */
export interface WebhookDelivery {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Uint8Array | string;
}

/**
 * Whether a webhook comes from a forge that knows the secret: `X-Hub-Signature-256` (GitHub), `X-Gitea-Signature` (Gitea, Forgejo),
 * `X-Gitlab-Token` (GitLab, which signs nothing and sends the secret itself: over TLS only). Anything else is false, as is an empty secret.
 */
export function isFromForge(forge: 'github' | 'gitlab' | 'gitea', delivery: WebhookDelivery, secret: string): boolean {
  if (secret === '') return false;
  const given = (name: string) => {
    const value = delivery.headers[name];
    return typeof value === 'string' ? value : '';
  };
  if (forge === 'gitlab') return isSame(given('x-gitlab-token'), secret);
  const signature = createHmac('sha256', secret).update(delivery.body).digest('hex');
  return forge === 'github' ? isSame(given('x-hub-signature-256'), `sha256=${signature}`) : isSame(given('x-gitea-signature'), signature);
}

/** Compares in a time that does not depend on where two values differ. */
function isSame(given: string, wanted: string): boolean {
  const digest = (text: string) => createHmac('sha256', 'compare').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
