// The modules whose schemas the manifests are held to. Nothing in them is built: they are data, so
// `go mod tidy` would drop them.
module vcc-exporter/tests/deploy/schemas

go 1.26.0

require (
	github.com/prometheus-operator/prometheus-operator v0.85.0
	k8s.io/kubernetes v1.37.2
)
