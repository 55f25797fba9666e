/** A `tier0.yaml` to begin with. */
export const EXAMPLE_CONFIG = `# yaml-language-server: $schema=./tier0.schema.json
# Secrets are named by reference only: {env: NAME} or {file: PATH}.
author: tier0-bot            # account that proposes; it can never approve
state: ./tier0-state         # records, audit, mirrors

clusters:
  - name: production
    kubeconfig: ./kubeconfig # without it: the service account of the pod tier0 runs in
    repository:
      url: https://git.example.com/shop/infra.git
      branch: main
      path: clusters/production
      authorization: {env: TIER0_GIT_AUTHORIZATION}
    forge:
      kind: github
      project: shop/infra
      token: {env: TIER0_FORGE_TOKEN}
    delivery:
      kind: flux
      kustomization: flux-system/shop
    prometheus:
      url: http://prometheus.monitoring:9090

limits:
  openPullRequests: 10
  changesPerHour: 12

times:
  confirm: 30s               # an alert must last this long
  approval: 24h              # people are waited for
  respect: 24h               # what people closed is left alone

http:
  listen: 127.0.0.1:8300
`;
