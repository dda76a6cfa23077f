# What pint asks of every rule here. It is run without a Prometheus: what needs one is asked of a real
# one elsewhere in the tests.

parser {
  relaxed = []
}

rule {
  match {
    kind = "alerting"
  }

  annotation "summary" {
    severity = "bug"
    # A sentence that is the same for every alert of the name: values belong into the description.
    value    = "[^{}]+\\."
    required = true
  }

  annotation "description" {
    severity = "bug"
    value    = ".+\\."
    required = true
  }

  annotation "runbook_url" {
    severity = "bug"
    value    = "https://.+/docs/runbooks/(exporter|contact-centre)\\.md#vcc[a-z]+"
    required = true
  }

  annotation "dashboard_url" {
    severity = "bug"
    value    = ".*/d/vcc-(overview|queues|handling|self-service|exporter)(\\?.+)?"
    required = true
  }

  label "severity" {
    severity = "bug"
    value    = "(critical|warning|info)"
    required = true
  }

  label "area" {
    severity = "bug"
    value    = "(exporter|contact-centre)"
    required = true
  }

  # Values in labels make a new alert of every value.
  reject ".* +.*|.*\\{\\{.*" {
    label_values = true
    severity     = "bug"
  }
}

# One failed poll or one missed scrape wakes nobody. A new epoch is an event: it lasts as long as its
# expression says, and would be over before a pause ended.
rule {
  match {
    kind = "alerting"
  }

  ignore {
    name = "VccNewEpoch"
  }

  for {
    severity = "bug"
    min      = "2m"
    max      = "30m"
  }
}

# A recorded series belongs to an account and to no target, so that a pod of another name goes on with
# the same series. Thresholds have no labels at all.
rule {
  match {
    kind = "recording"
    path = ".*recording.yml"
  }

  aggregate "account.*" {
    severity = "bug"
    keep     = ["account"]
    strip    = ["instance", "job"]
  }
}
