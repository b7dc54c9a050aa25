import type { PicketConfig } from '../../config/picket-config.ts'
import type { Decode } from '../../core/event/decoder.ts'
import type { EventField } from '../../core/event/event-fields.ts'
import { partitionKey } from '../../core/event/position.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Restored } from '../../core/ports/state-store.ts'
import { openFormat } from '../../ingest/formats/format-options.ts'
import type { FormatId } from '../../ingest/formats/formats.ts'
import { pseudonymiser } from '../../ingest/privacy/pseudonym.ts'
import { readFormat, readGate } from '../pipeline/marks.ts'
import { type LaneOptions, PartitionLane } from '../pipeline/partition-lane.ts'

/** What a source says about its records. */
export interface SourceTraits {
  readonly source: string
  readonly latenessMs: number
  /** By partition, for topics differ. */
  readonly formatOf: (partition: string) => FormatId | undefined
  readonly vantageOf: (partition: string) => 'edge' | 'service' | undefined
  readonly trustsMarksOf: (partition: string) => boolean
}

export interface LaneOpenerOptions {
  readonly config: Pick<PicketConfig, 'ingest' | 'routes' | 'privacy'>
  /** The space's key. */
  readonly key: Uint8Array
  readonly restored: Pick<Restored, 'positions' | 'marks'>
  /** Fields that anybody reads. */
  readonly wanted: ReadonlySet<EventField>
  /** Live, it says when records are received; recordings have none. */
  readonly clock?: Clock
}

/** Opens the lane of each partition once, where the last commit left it. */
export function laneOpener(
  options: LaneOpenerOptions,
): (traits: SourceTraits) => (partition: string) => PartitionLane {
  const { restored } = options
  const open = laneFactory(options)
  return (traits) => {
    const lanes = new Map<string, PartitionLane>()
    return function laneOf(partition) {
      const known = lanes.get(partition)
      if (known) return known
      const { source } = traits
      const gate = readGate(restored.marks, source, partition)
      const formatBefore = readFormat(restored.marks, source, partition)
      const lane = open(traits, partition, {
        from: restored.positions.get(partitionKey(source, partition)) ?? 0,
        ...(formatBefore === undefined ? {} : { formatBefore }),
        ...(gate === undefined ? {} : { gate }),
      })
      lanes.set(partition, lane)
      return lane
    }
  }
}

/** Opens lanes of partitions where something left them. */
export function laneFactory({ config, key, wanted, clock }: Omit<LaneOpenerOptions, 'restored'>) {
  const pseudonymise = pseudonymiser(key)
  const decoderOf = decoderOpener(config, wanted)
  return (
    traits: SourceTraits,
    partition: string,
    left: Pick<LaneOptions, 'from' | 'formatBefore' | 'gate'>,
  ): PartitionLane => {
    const { source, latenessMs } = traits
    const format = traits.formatOf(partition)
    const vantage = traits.vantageOf(partition)
    return new PartitionLane({
      source,
      partition,
      latenessMs,
      open: decoderOf,
      pseudonymise,
      pseudonymisePrincipals: config.privacy.principals,
      // Envoy writes its own metadata, which no client can reach; but a format told from lines proves no Envoy.
      trustsMarks: (id) => (id === 'envoy' && format === 'envoy') || traits.trustsMarksOf(partition),
      ...left,
      ...(format === undefined ? {} : { format }),
      ...(vantage === undefined ? {} : { vantage }),
      ...(clock === undefined ? {} : { clock }),
    })
  }
}

/** One decoder for all lanes of a format: what it remembers is large, and the lanes see the same clients. */
export function decoderOpener(
  config: Pick<PicketConfig, 'ingest' | 'routes'>,
  wanted: ReadonlySet<EventField>,
): (format: FormatId) => Decode {
  const decoders = new Map<FormatId, Decode>()
  return (format) => {
    const decode = decoders.get(format) ?? openDecoder(format, config, wanted)
    decoders.set(format, decode)
    return decode
  }
}

function openDecoder(
  id: FormatId,
  { ingest, routes }: Pick<PicketConfig, 'ingest' | 'routes'>,
  wanted: ReadonlySet<EventField>,
): Decode {
  const own = id === 'canonical' ? {} : ingest[id]
  return openFormat(id, { ...own, routes, query_names: ingest.query_allowlist }, wanted)
}
