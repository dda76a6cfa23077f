// PromQL, from the family's name up. `variables` are those a dashboard has: a selector is narrowed
// by each of them that is a label of its family.
local families = import 'families.libsonnet';

local matchers = {
  account: 'account=~"$account"',
  group: 'reporting_group=~"$group"',
  instance: 'instance=~"$instance"',
  job: 'job=~"$job"',
  medium: 'medium=~"$medium"',
  queue: 'virtual_queue=~"$queue"',
};

// Labels every target has.
local everywhere = ['job', 'instance'];

// The family of a sample's name: a histogram has three of them.
local family(sample) =
  local bases = [
    std.substr(sample, 0, std.length(sample) - std.length(ending))
    for ending in ['_bucket', '_sum', '_count']
    if std.endsWith(sample, ending)
  ];
  if bases == [] then sample else bases[0];

local over(fn, window, offset='') = { fn: fn, window: window, offset: offset };

{
  // What happened in the whole range that is shown, and how often something happened at each point
  // of a graph: the two ways a counter is looked at.
  whole:: over('increase', '$__range'),
  each:: over('rate', '$__rate_interval'),
  // The same, a week before.
  ago(span):: span { offset: ' offset 1w' },

  new(variables):: {
    local q = self,

    select(sample, matcher='')::
      local narrowing = everywhere + families[family(sample)];
      local chosen = [matchers[v] for v in variables if std.member(narrowing, v)];
      sample + '{' + std.join(', ', chosen + (if matcher == '' then [] else [matcher])) + '}',

    // `sum by (…) (…)` of a counter over a span.
    sum(sample, span, matcher='', by=[])::
      q.aggregate('sum', '%(fn)s(%(selector)s[%(window)s]%(offset)s)' % (
        span { selector: q.select(sample, matcher) }
      ), by),

    // A gauge of the moment, aggregated.
    now(operator, sample, by=[], matcher='')::
      q.aggregate(operator, q.select(sample, matcher), by),

    aggregate(operator, expression, by)::
      operator
      + (if by == [] then '' else ' by (' + std.join(', ', by) + ') ')
      + '(' + expression + ')',

    // Nobody counted where somebody was is 0 and not missing; nobody at all has no ratio.
    ratio(part, whole):: '(%(part)s or 0 * %(whole)s) / (%(whole)s > 0)' % { part: part, whole: whole },

    mean(histogram, span, matcher='', by=[])::
      '%s / (%s > 0)' % [
        q.sum(histogram + '_sum', span, matcher, by),
        q.sum(histogram + '_count', span, matcher, by),
      ],

    // Without observations there is none: `>= 0` drops the NaN.
    quantile(quantile, histogram, span, matcher='', by=[])::
      'histogram_quantile(%g, %s) >= 0' % [
        quantile,
        q.sum(histogram + '_bucket', span, matcher, ['le'] + by),
      ],

    buckets(histogram, matcher='', by=[])::
      q.sum(histogram + '_bucket', over('increase', '$__rate_interval'), matcher, ['le'] + by),

    hourly(rate):: '3600 * ' + rate,

    // Whole things: an increase is extrapolated to the ends of its range.
    count(increase):: 'round(%s)' % increase,

    most(n, expression):: 'topk(%d, %s)' % [n, expression],
  },
}
