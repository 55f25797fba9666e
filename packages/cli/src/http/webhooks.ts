import { parseAlertmanagerNotification } from '@tier0/agents';
import { Tier0Error } from '@tier0/core';
import { isFromForge } from '@tier0/gitops';
import type { ClusterDuty } from '../duty/cluster-duty.ts';

/** Takes in what Alertmanager posts. Throws INVALID_INPUT for anything else, UNAVAILABLE when it cannot be kept; nothing of it is taken then. */
export async function takeAlertmanager(cluster: ClusterDuty, text: string): Promise<object> {
  const alerts = parseAlertmanagerNotification(text);
  await cluster.takeIn(alerts);
  const firing = alerts.filter(({ endsAt }) => endsAt === undefined).length;
  return { firing, resolved: alerts.length - firing };
}

/**
 * A forge's webhook: it only makes tier0 look at the forge now. What it says is not believed, so that one that is replayed or forged does
 * nothing a look would not do. Throws PERMISSION_DENIED unless it proves that it knows the secret.
 */
export function takeForgeWebhook({ desk }: ClusterDuty, request: Request, body: Uint8Array): object {
  const { forge } = desk.config;
  const headers = Object.fromEntries(request.headers.entries());
  const isProven =
    forge.kind !== 'local' && desk.webhookSecret !== undefined && isFromForge(forge.kind, { headers, body }, desk.webhookSecret);
  if (!isProven) {
    throw new Tier0Error({
      code: 'PERMISSION_DENIED',
      message: 'The webhook does not prove that it comes from the forge.',
      hint: 'Give the forge and "forge.webhookSecret" of the cluster the same secret.',
    });
  }
  desk.ring();
  return { looked: true };
}
