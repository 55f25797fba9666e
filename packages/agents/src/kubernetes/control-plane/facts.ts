import { z } from 'zod';

/** The webhook of a configuration that a finding is about, by its name in `webhooks[]`. */
export type CalledWebhook = { readonly webhook: string };

/** Part of the facts of every finding about a webhook; other facts may stand beside it. */
export const CalledWebhookSchema: z.ZodType<CalledWebhook> = z.object({ webhook: z.string() });
