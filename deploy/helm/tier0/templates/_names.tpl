{{- define "tier0.labels" -}}
app.kubernetes.io/name: tier0
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
{{- define "tier0.config" -}}
{{- $http := merge (dict "listen" "0.0.0.0:8300") (.Values.config.http | default dict) (dict "hosts" (list .Release.Name (printf "%s.%s" .Release.Name .Release.Namespace) (printf "%s.%s.svc" .Release.Name .Release.Namespace))) -}}
{{ toYaml (merge (dict "state" "/var/lib/tier0" "http" $http) (omit .Values.config "http")) }}
{{- end }}
