import type { Matter } from '../../findings/matter.ts';
import { apiServiceRule } from './apiservice.ts';
import { CONTROL_PLANE_CODES } from './codes.ts';
import { deprecatedApiRule } from './deprecated-api.ts';
import { finalizerRule } from './finalizer.ts';
import { ignoreWebhook } from './ignore-webhook.ts';
import { CONTROL_PLANE_LEVERS } from './levers.ts';
import { releaseObject } from './remedy.ts';
import { webhookRule } from './webhook.ts';

/** What the API server depends on: webhooks, API services, finalizers, versions. */
export const controlPlaneMatter: Matter = {
  name: 'control-plane',
  codes: CONTROL_PLANE_CODES,
  rules: [webhookRule, apiServiceRule, finalizerRule, deprecatedApiRule],
  levers: CONTROL_PLANE_LEVERS,
  remedies: {
    'admission-webhook-down': [ignoreWebhook],
    'finalizer-stuck': [releaseObject],
  },
};
