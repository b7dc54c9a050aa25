import type { HistogramCounts } from './duration-histogram.ts'
import { type Metric, type MetricId, metrics } from './metrics.ts'

/** Content type of `exposition`. */
export const expositionType = 'text/plain; version=0.0.4; charset=utf-8'

/** One number of a metric, with a value for each of its labels, or the counts of a histogram. */
export interface Sample {
  readonly metric: MetricId
  readonly labels: readonly string[]
  readonly value: number | HistogramCounts
}

/**
 * Prometheus' text format 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/): every metric with help
 * and type, then its samples. A metric without samples is there too, so that a dashboard finds its name.
 */
export function exposition(samples: readonly Sample[]): string {
  return Object.entries(metrics)
    .map(([id, metric]) =>
      family(
        metric,
        samples.filter((sample) => sample.metric === id),
      ),
    )
    .join('')
}

function family(metric: Metric, samples: readonly Sample[]): string {
  const { name, type, help, labels: names } = metric
  const lines = samples.flatMap(({ labels, value }) => {
    const pairs = names.map((label, place) => [label, labels[place] ?? ''] as const)
    return typeof value === 'number' ? [line(name, pairs, value)] : histogramLines(name, pairs, value)
  })
  return [`# HELP ${name} ${escapeHelp(help)}\n`, `# TYPE ${name} ${type}\n`, ...lines].join('')
}

type Pairs = readonly (readonly [label: string, value: string])[]

function histogramLines(name: string, pairs: Pairs, { buckets, sum, count }: HistogramCounts): string[] {
  const within = buckets.map(([le, upTo]) => line(`${name}_bucket`, [...pairs, ['le', number(le)]], upTo))
  return [
    ...within,
    line(`${name}_bucket`, [...pairs, ['le', '+Inf']], count),
    line(`${name}_sum`, pairs, sum),
    line(`${name}_count`, pairs, count),
  ]
}

function line(name: string, pairs: Pairs, value: number): string {
  const inner = pairs.map(([label, text]) => `${label}="${escapeLabel(text)}"`).join(',')
  return `${name}${inner === '' ? '' : `{${inner}}`} ${number(value)}\n`
}

function number(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (Number.isFinite(value)) return String(value)
  return value > 0 ? '+Inf' : '-Inf'
}

function escapeHelp(text: string): string {
  return text.replace(/\\/g, '\\\\').replace(/\n/g, '\\n')
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replace(/"/g, '\\"')
}
