{{- define "leadmeter.name" -}}
{{- printf "%s" .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "leadmeter.selector" -}}
app.kubernetes.io/name: leadmeter
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "leadmeter.labels" -}}
{{ include "leadmeter.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}
