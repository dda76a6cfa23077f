// The figures a contact centre is measured by, each written once. Overall ones come from the
// families of ACD queues, which count a wait once; a queue's own from those of virtual queues, which
// are never summed over queues. `docs/service-level.md` says what each of them means.
local breakouts = '(AgentDecline|NoAgents|QueueCapacity|QueueTime|Voluntary)Breakout|MaxEstimatedWaitTime';

function(config, q) {
  local exits(by) =
    if std.member(by, 'virtual_queue') then 'vcc_queue_exits_total' else 'vcc_acd_queue_exits_total',
  local waits(by) =
    if std.member(by, 'virtual_queue') then 'vcc_queue_wait_seconds' else 'vcc_acd_queue_wait_seconds',
  local counted = 'result=~"Delivered|HangUp' + (if config.countBreakouts then '|' + breakouts else '') + '"',

  objective:: q.now('max', 'vcc_service_level_objective_ratio'),

  offered(span, by=[]):: q.sum(exits(by), span, 'timing!="short"', by),
  answered(span, by=[]):: q.sum(exits(by), span, 'result="Delivered"', by),
  abandoned(span, by=[]):: q.sum(exits(by), span, 'result="HangUp", timing!="short"', by),
  brokenOut(span, by=[]):: q.sum(exits(by), span, 'result=~"' + breakouts + '"', by),
  short(span, by=[]):: q.sum(exits(by), span, 'timing="short"', by),
  late(span, by=[]):: q.sum(exits(by), span, 'result="Delivered", timing="late"', by),
  within(span, by=[]):: q.sum(exits(by), span, 'result="Delivered", timing="within"', by),

  // Vonage's formula. The exporter counts it itself for each queue, as it is configured.
  serviceLevel(span, by=[])::
    if std.member(by, 'virtual_queue')
    then q.ratio(
      q.sum('vcc_service_level_met_total', span, by=by),
      q.sum('vcc_service_level_eligible_total', span, by=by)
    )
    else q.ratio(self.within(span, by), q.sum(exits(by), span, counted + ', timing=~"within|late"', by)),

  // 0 while nobody was missed, 1 when as many were as the objective allows, more beyond.
  budgetSpent(serviceLevel)::
    '(1 - (%s)) / on () group_left () (1 - %s)' % [serviceLevel, self.objective],

  abandonment(span, by=[]):: q.ratio(self.abandoned(span, by), self.offered(span, by)),

  answerTime(span, by=[]):: q.mean(waits(by), span, 'category="answered"', by),
  answerTimeQuantile(quantile, span, by=[])::
    q.quantile(quantile, waits(by), span, 'category="answered"', by),
  pendingFor(quantile, span, by=[])::
    q.quantile(quantile, waits(by), span, 'category="abandoned"', by),
  waitBuckets(by=[]):: q.buckets(waits(by), by=by),

  longestWait(by):: 'time() - ' + q.now('min', 'vcc_queue_oldest_entry_timestamp_seconds', by),

  age:: 'time() - ' + q.now('min', 'vcc_cursor_timestamp_seconds'),
}
