import { bucketCeiling, bucketDroppedBits, bucketEpsilon } from '../../core/baseline/bucket.ts'
import { epochHourOfWeek, hourMs, hoursPerWeek } from '../../core/baseline/hour-of-week.ts'
import type { MeasureBucket, PaneQuery } from '../../core/ports/analytics-store.ts'

/**
 * Baselines hold so many entities of a detector, those with the most panes: their number is the attacker's to choose
 * (addresses), the size of the answer must not be. The rest fall back to their group.
 */
export const baselineEntitiesMax = 2_000

/** `bucketFloor` in SQL, to the last bit. */
export function bucketSql(value: string): string {
  const mask = `bitShiftLeft(toUInt64(${2 ** (64 - bucketDroppedBits) - 1}), ${bucketDroppedBits})`
  const bounded = `toFloat64(sign(${value}) * least(abs(${value}), ${bucketCeiling}.))`
  return `if(abs(${value}) < ${bucketEpsilon}, 0., reinterpretAsFloat64(bitAnd(reinterpretAsUInt64(${bounded}), ${mask})))`
}

/** Values reach the query as parameters, so that no space name can be read as SQL. */
export const paneQueryParameters = ({ space, lane, from, to }: PaneQuery) => ({ space, lane, from, to })

const chosenPanes = `space = {space:String} AND lane = {lane:String}
      AND start >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')
      AND start < fromUnixTimestamp64Milli({to:Int64}, 'UTC') AND flagged = 0`

/** Distributions of all measures: `sumMap` adds exact counts, where ClickHouse's own quantiles differ from run to run. */
export function measureBucketsSql(database: string): string {
  const panes = `${database}.panes FINAL`
  return `SELECT detector, version, measure, entity, hour, distribution.1 AS edges, distribution.2 AS counts
FROM (
  SELECT detector, version, measure, entity, hour, sumMap([edge], [toUInt64(1)]) AS distribution
  FROM (
    SELECT detector, version, entity, measure, ${bucketSql('value')} AS edge,
      modulo(intDiv(toUnixTimestamp64Milli(start), ${hourMs}) + ${epochHourOfWeek}, ${hoursPerWeek}) AS hour
    FROM ${panes}
    ARRAY JOIN mapKeys(measures) AS measure, mapValues(measures) AS value
    WHERE ${chosenPanes} AND (detector, version, entity) IN (
      SELECT detector, version, entity FROM ${panes} WHERE ${chosenPanes}
      GROUP BY detector, version, entity ORDER BY count() DESC, entity
      LIMIT ${baselineEntitiesMax} BY detector, version
    )
  )
  GROUP BY detector, version, measure, entity, hour
)
ORDER BY detector, version, measure, entity, hour`
}

/** One row of `measureBucketsSql`. */
export interface DistributionRow {
  readonly detector: string
  readonly version: number
  readonly measure: string
  readonly entity: string
  readonly hour: number | string
  readonly edges: readonly number[]
  readonly counts: readonly (number | string)[]
}

export function bucketsOf(row: DistributionRow): MeasureBucket[] {
  const { detector, version, measure, entity } = row
  return row.edges.map((value, index) => ({
    detector,
    version,
    measure,
    entity,
    hourOfWeek: Number(row.hour),
    value,
    count: Number(row.counts[index] ?? 0),
  }))
}
