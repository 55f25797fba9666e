/** What people type by mistake: one command line each. `{recording}`, `{kubeconfig}` and `{repository}` are whole ones, `{dead}` names a server that is not there. */
export const MISTAKES: readonly string[] = `
paly
--vesion
help propse
help a b
diagnoze
dignose --snapshot {recording}
diagnose --snapshoot {recording}
diagnose --snapshot
diagnose --snapshot /no
diagnose --snapshot {kubeconfig}
diagnose --snapshot {empty}
diagnose -o jsn --snapshot {recording}
diagnose --snapshot {recording} --kubeconfig {kubeconfig}
diagnose -A -n shop --snapshot {recording}
diagnose -n shopp --snapshot {recording}
diagnose deploy/shop/paymnet --snapshot {recording}
diagnose deploy/shop/payment deploy/shop/checkout --snapshot {recording}
diagnose --kubeconfig /no
diagnose --kubeconfig {dead}
diagnose --kubeconfig {notyaml}
diagnose --kubeconfig {kubeconfig} --context productoin
diagnose --kubeconfig {dead} --request-timeout soon
diagnose --kubeconfig {dead} --request-timeout 0
diagnose --snapshot {recording} --catalog /no
diagnose
record
record a b
record {empty} --kubeconfig {kubeconfig}
record new --logs al --kubeconfig {kubeconfig}
record new --kubeconfig /no
record new --kubeconfig {dead}
run
run x --repository r
run --repository r --forge githb
run --repository r --forge github
run --repository r --forge gitea --forge-project a/b
run --repository r --every soon
run --repository http://a:b@c/d
run --repository /no --kubeconfig {kubeconfig}
serve now
serve --config /no
serve --config {notyaml}
init x
init --yes
init --yes --kubeconfig {kubeconfig}
init --yes --kubeconfig {kubeconfig} --repository {repository} --delivery flux
init --yes --kubeconfig {kubeconfig} --repository {repository} --context prod
config
config exmaple
config check /no
config check {notyaml}
explain T0-POD-00
explain a b
completion
completion bsh
serve-recording
serve-recording /no
serve-recording {recording} --port y
serve-recording {recording} --port 99999
doctor x
doctor -o xml
doctor --repository /no
locate
locate deploy/shop/payment spec.replicas
locate deploy/payment spec.replicas --repository {repository} --manifests {recording}/cluster
locate deploy/shop/paymnt spec.replicas --repository {repository} --manifests {recording}/cluster
locate deploy/shop/payment spec.replcas --repository {repository} --manifests {recording}/cluster
propose
propose deploy/shop/payment spec.replicas
propose deploy/shop/payment spec.replicas 3
propose deploy/shop/payment spec.replicas 3 --repository {repository} --manifests {recording}/cluster
propose deploy/shop/payment spec.replicas many --repository {repository} --manifests {recording}/cluster --as me --why x --dry-run
propose deploy/shop/payment spec.template.spec.containers[name=app].imag x --repository {repository} --manifests {recording}/cluster --as me --why x --dry-run
edit
edit /no spec.replicas 3
edit {file} spec.replcas 3
edit {file} spec.replicas
pr lst
pr show x
pr show
pr show 99 --repository {repository}
pr list --state opn
pr approve 1
pr list --repository /no
policy
policy tst .
policy test
policy test /no
audit
audit verfy x
audit verify /no
audit verify {file}
owner
owner --snapshot /no
owner deploy/shop/paymnt --snapshot {recording}/cluster
owner x --store /no
owner x --store {file}
owner deploy/shop/payment --snapshot {recording}/cluster --at yestrday
impact deploy/shop/payment --hops 0 --snapshot {recording}/cluster
impact deploy/shop/payment --snapshot {recording}/cluster -o yaml
changes deploy/shop/payment --since lately --snapshot {recording}/cluster
diff --snapshot {recording}/cluster
diff --from x --to y --snapshot {recording}/cluster
ask --snapshot {recording}/cluster
ask what --snapshot {recording}/cluster
play x
play --scenario memory-presure
play --scenario a-quiet-sunday
play --twice --bad-fix x
resume
resume --out /no
tickets
tickets fixd T-1
expire --at soon
patterns
patterns serch x
patterns search
patterns search x --limit no
mcp --prot 1
mcp --snapshot {recording}/cluster --port y
eval --scenario nope
eval --only nobody
eval toolz
eval verify /no
eval diff a
record-model
`
  .trim()
  .split('\n');
