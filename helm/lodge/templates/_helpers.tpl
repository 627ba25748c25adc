{{- define "lodge.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{- else -}}{{ printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" }}{{- end -}}
{{- end -}}

{{- define "lodge.labels" -}}
app.kubernetes.io/name: lodge
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "lodge.selector" -}}
app.kubernetes.io/name: lodge
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- /* image: (list root name tag) */ -}}
{{- define "lodge.image" -}}
{{- $root := index . 0 -}}{{- $name := index . 1 -}}{{- $tag := index . 2 | default $root.Chart.AppVersion -}}
{{- if $root.Values.image.registry -}}{{ $root.Values.image.registry }}/{{- end -}}{{ $name }}:{{ $tag }}
{{- end -}}

{{- define "lodge.operatorUser" -}}
system:serviceaccount:{{ .Release.Namespace }}:{{ include "lodge.fullname" . }}-operator
{{- end -}}

{{- define "lodge.agentUser" -}}
system:serviceaccount:{{ .Release.Namespace }}:{{ include "lodge.fullname" . }}-agent
{{- end -}}
