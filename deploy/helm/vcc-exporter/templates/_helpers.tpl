{{- define "vcc-exporter.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* 52 characters leave room for what a StatefulSet appends. */}}
{{- define "vcc-exporter.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" }}
{{- else if contains (include "vcc-exporter.name" .) .Release.Name }}
{{- .Release.Name | trunc 52 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "vcc-exporter.name" .) | trunc 52 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "vcc-exporter.selectorLabels" -}}
app.kubernetes.io/name: {{ include "vcc-exporter.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "vcc-exporter.labels" -}}
{{ include "vcc-exporter.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "vcc-exporter.image" -}}
{{- if .Values.image.digest }}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) }}
{{- end }}
{{- end }}

{{- define "vcc-exporter.secretName" -}}
{{- if .Values.secret.create }}
{{- include "vcc-exporter.fullname" . }}
{{- else }}
{{- .Values.secret.existingSecret }}
{{- end }}
{{- end }}

{{/* What a probe asks, from the chart's top and a path. */}}
{{- define "vcc-exporter.probe" -}}
{{- $tls := (index . 0).Values.tls -}}
{{- if and $tls.verifyClients (not $tls.secretName) }}
{{- fail "tls.verifyClients needs tls.secretName: without TLS nobody shows a certificate" }}
{{- end }}
{{- if and $tls.secretName $tls.verifyClients -}}
tcpSocket:
  port: metrics
{{- else -}}
httpGet:
  path: {{ index . 1 }}
  port: metrics
  {{- if $tls.secretName }}
  scheme: HTTPS
  {{- end }}
{{- end }}
{{- end }}
