import { BASE64, DIGITS, type Draw, HEX, LOWER, UPPER, URL_SAFE, WORD } from './draw.ts';
import { carry, type SecretKind } from './seed.ts';

/** A token of a vendor, met bare in a line of a log: only its own form tells what it is. */
function bare(kind: string, make: (draw: Draw) => string): SecretKind {
  return [
    `bare token: ${kind}`,
    (draw) => {
      const token = make(draw);
      const line = draw.one([
        'client ready with %',
        'retrying request %, attempt 3',
        'got "%" from upstream',
        'using (%)',
        '% rejected by peer',
      ]);
      return carry(line.replace('%', token), token);
    },
  ];
}

const segment = (draw: Draw, value: object) => Buffer.from(JSON.stringify({ ...value, n: draw.name() })).toString('base64url');
const jwt = (draw: Draw) =>
  `${segment(draw, { alg: 'RS256', typ: 'JWT' })}.${segment(draw, { sub: draw.name(), exp: 1_900_000_000 })}.${draw.text(URL_SAFE, 86)}`;

/** The forms that well-known services give to their keys, from the pages where they describe them. */
export const TOKEN_KINDS: readonly SecretKind[] = [
  bare('github personal', (d) => `ghp_${d.text(WORD, 36)}`),
  bare('github app', (d) => `${d.one(['gho', 'ghu', 'ghs', 'ghr'])}_${d.text(WORD, 36)}`),
  bare('github fine-grained', (d) => `github_pat_${d.text(WORD, 22)}_${d.text(WORD, 59)}`),
  bare('gitlab personal', (d) => `glpat-${d.text(URL_SAFE, 20)}`),
  bare('gitlab others', (d) => `${d.one(['gldt', 'glrt', 'glft', 'glsoat', 'glcbt', 'glagent', 'glptt'])}-${d.text(URL_SAFE, 24)}`),
  bare('slack bot', (d) => `xoxb-${d.text(DIGITS, 12)}-${d.text(DIGITS, 13)}-${d.text(WORD, 24)}`),
  bare('slack app level', (d) => `xapp-1-A${d.text(UPPER + DIGITS, 10)}-${d.text(DIGITS, 13)}-${d.text(HEX, 64)}`),
  bare('stripe', (d) => `${d.one(['sk', 'rk'])}_${d.one(['live', 'test'])}_${d.text(WORD, 32)}`),
  bare('stripe webhook', (d) => `whsec_${d.text(WORD, 32)}`),
  bare('aws access key id', (d) => `${d.one(['AKIA', 'ASIA'])}${d.text(`${UPPER}234567`, 16)}`),
  bare('google api key', (d) => `AIza${d.text(URL_SAFE, 35)}`),
  bare('google oauth access', (d) => `ya29.${d.text(URL_SAFE, 120)}`),
  bare('google oauth client', (d) => `GOCSPX-${d.text(URL_SAFE, 28)}`),
  bare('anthropic', (d) => `sk-ant-api03-${d.text(URL_SAFE, 93)}AA`),
  bare('openai project', (d) => `sk-proj-${d.text(URL_SAFE, 48)}T3BlbkFJ${d.text(URL_SAFE, 48)}`),
  bare('openai legacy', (d) => `sk-${d.text(WORD, 20)}T3BlbkFJ${d.text(WORD, 20)}`),
  bare('hugging face', (d) => `hf_${d.text(LOWER + UPPER, 34)}`),
  bare('npm', (d) => `npm_${d.text(WORD, 36)}`),
  bare('pypi', (d) => `pypi-AgEIcHlwaS5vcmc${d.text(URL_SAFE, 150)}`),
  bare('sendgrid', (d) => `SG.${d.text(URL_SAFE, 22)}.${d.text(URL_SAFE, 43)}`),
  bare('mailgun', (d) => `key-${d.text(HEX, 32)}`),
  bare('mailchimp', (d) => `${d.text(HEX, 32)}-us${1 + d.below(20)}`),
  bare('twilio key', (d) => `SK${d.text(HEX, 32)}`),
  bare('digitalocean', (d) => `${d.one(['dop', 'doo', 'dor'])}_v1_${d.text(HEX, 64)}`),
  bare('hashicorp vault', (d) => `${d.one(['hvs', 'hvb', 'hvr'])}.${d.text(URL_SAFE, 95)}`),
  bare('terraform cloud', (d) => `${d.text(WORD, 14)}.atlasv1.${d.text(URL_SAFE, 67)}`),
  bare('databricks', (d) => `dapi${d.text(HEX, 32)}`),
  bare('grafana service account', (d) => `glsa_${d.text(WORD, 32)}_${d.text(HEX, 8)}`),
  bare(
    'grafana cloud',
    (d) => `glc_${Buffer.from(`{"o":"${d.text(DIGITS, 6)}","n":"${d.name()}","k":"${d.text(WORD, 24)}"}`).toString('base64')}`,
  ),
  bare('new relic', (d) => `NRAK-${d.text(UPPER + DIGITS, 27)}`),
  bare('new relic ingest', (d) => `${d.text(HEX, 36)}FFFFNRAL`),
  bare(
    'sentry',
    (d) => `sntrys_${Buffer.from(`{"iat":${d.text(DIGITS, 10)},"url":"https://sentry.io"}`).toString('base64')}_${d.text(BASE64, 43)}`,
  ),
  bare('shopify', (d) => `${d.one(['shpat', 'shpca', 'shppa', 'shpss'])}_${d.text(HEX, 32)}`),
  bare('square', (d) => `EAAA${d.text(URL_SAFE, 60)}`),
  bare('telegram bot', (d) => `${d.text('123456789', 10)}:AA${d.text(URL_SAFE, 33)}`),
  bare('discord bot', (d) => `${d.one(['M', 'N', 'O'])}${d.text(WORD, 25)}.${d.text(URL_SAFE, 6)}.${d.text(URL_SAFE, 38)}`),
  bare('atlassian', (d) => `ATATT3xFfGF0${d.text(URL_SAFE, 160)}=${d.text('0123456789ABCDEF', 8)}`),
  bare('linear', (d) => `lin_api_${d.text(WORD, 40)}`),
  bare('notion', (d) => `${d.one([`secret_${d.text(WORD, 43)}`, `ntn_${d.text(DIGITS, 11)}${d.text(WORD, 35)}`])}`),
  bare('postman', (d) => `PMAK-${d.text(HEX, 24)}-${d.text(HEX, 34)}`),
  bare('pulumi', (d) => `pul-${d.text(HEX, 40)}`),
  bare('planetscale', (d) => `pscale_${d.one(['tkn', 'pw', 'oauth'])}_${d.text(URL_SAFE, 43)}`),
  bare('doppler', (d) => `dp.${d.one(['pt', 'st.prd', 'ct'])}.${d.text(WORD, 43)}`),
  bare('fly.io', (d) => `fo1_${d.text(URL_SAFE, 43)}`),
  bare('rubygems', (d) => `rubygems_${d.text(HEX, 48)}`),
  bare('docker hub', (d) => `dckr_pat_${d.text(URL_SAFE, 27)}`),
  bare('artifactory', (d) => `AKCp${d.text(WORD, 69)}`),
  bare('sonarqube', (d) => `${d.one(['squ', 'sqp', 'sqa'])}_${d.text(HEX, 40)}`),
  bare('dynatrace', (d) => `dt0c01.${d.text(UPPER + DIGITS, 24)}.${d.text(UPPER + DIGITS, 64)}`),
  bare('supabase', (d) => `sbp_${d.text(HEX, 40)}`),
  bare('age identity', (d) => `AGE-SECRET-KEY-1${d.text('QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L', 58)}`),
  bare('bitbucket app', (d) => `ATBB${d.text(WORD, 32)}`),
  bare('clojars', (d) => `CLOJARS_${d.text(LOWER + DIGITS, 60)}`),
  bare('tailscale', (d) => `tskey-${d.one(['auth', 'api'])}-${d.text(WORD, 12)}CNTRL-${d.text(WORD, 32)}`),
  bare('groq', (d) => `gsk_${d.text(WORD, 52)}`),
  bare('replicate', (d) => `r8_${d.text(WORD, 37)}`),
  bare('airtable', (d) => `pat${d.text(WORD, 14)}.${d.text(HEX, 64)}`),
  bare('jwt', jwt),
  [
    'kubeadm join token',
    (d) => {
      const token = `${d.text(LOWER + DIGITS, 6)}.${d.text(LOWER + DIGITS, 16)}`;
      return carry(`kubeadm join 10.3.0.1:6443 --token ${token} --discovery-token-ca-cert-hash sha256:${d.text(HEX, 64)}`, token);
    },
  ],
];
