import type { FindingFacts } from '@tier0/core';
import { z } from 'zod';
import { type Telling, telling } from '../../findings/code-entry.ts';

/** What was asked of the API, and by which account. */
const asked = { account: z.string(), verb: z.string(), resource: z.string(), group: z.string() };
type Asked = { readonly account: string; readonly verb: string; readonly resource: string; readonly group: string };

function sayRefused({ account, verb, resource, group }: Asked): string {
  return `it may not ${verb} ${resource}${group === '' ? '' : `.${group}`} as service account ${account}`;
}

export const ACCOUNT_CHANGED: Telling = telling(
  z.strictObject({ ...asked, before: z.string() }),
  (facts) => `${sayRefused(facts)}: its revision changed serviceAccountName (${facts.before} → ${facts.account}), and ${facts.before} may`,
);

export const ACCOUNT_NOT_NAMED: Telling = telling(
  z.strictObject({ ...asked, other: z.string() }),
  (facts) => `${sayRefused(facts)}: it names no service account, and ${facts.other}, which may, is used by no pod`,
);

export const CERTIFICATE_RENEWED: Telling = telling(
  z.strictObject({ server: z.string(), secret: z.string(), isUnsigned: z.boolean() }),
  ({ server, secret, isUnsigned }) =>
    `it does not trust the certificate of ${server}, which was started anew since; Secret ${secret} holds it${isUnsigned ? ', which no authority that it trusts has signed: an intermediate may be missing from its chain' : ''}`,
);

export const ANNOUNCES_NOTHING: Telling = telling(
  z.strictObject({ resource: z.string(), said: z.string() }),
  ({ resource, said }) => `it announces no ${resource} to any node: ${said}`,
);

export const SERVES_ITSELF: Telling = telling(
  z.strictObject({ host: z.string() }),
  ({ host }) =>
    `it does not reach the API at ${host}, the address of Service kubernetes, which leads nowhere before it is up itself: no kube-proxy runs here, so it has to be told the address of the API server`,
);

export const TRUST_FILE_MISSING: Telling = telling(
  z.strictObject({ server: z.string(), variable: z.string(), path: z.string(), why: z.string() }),
  ({ server, variable, path, why }) => `it does not trust the certificate of ${server}: ${variable} names ${path}, ${why}`,
);

export const REMOVES_PODS: Telling = telling(
  z.strictObject({ workload: z.string(), elsewhere: z.string().optional() }),
  ({ workload, elsewhere }) =>
    `it removes pods of ${workload}${elsewhere === undefined ? '' : ` of namespace ${elsewhere}`}, which are made anew each time`,
);

export const INIT_ENDS: Telling = telling(z.strictObject({ said: z.string() }), ({ said }) => `${said}, and ends`);

/** Facts with the sentence that is made of them. */
export function saidBy({ message }: Telling, facts: FindingFacts): { readonly facts: FindingFacts; readonly text: string } {
  return { facts, text: message(facts) };
}
