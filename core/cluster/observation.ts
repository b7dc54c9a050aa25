import { ByteReader } from '../aggregates/byte-reader.ts'
import { ByteWriter } from '../aggregates/byte-writer.ts'
import { packsOf } from '../engine/entity-pack.ts'
import type { PanePack } from '../engine/pane-pack.ts'
import type { EntityRecord } from '../ports/state-store.ts'

/** How far one input partition was read, and where its time stands. */
export interface SourceMarker {
  readonly source: string
  /** As in positions, such as `gateway:3`. */
  readonly partition: string
  /** How many partitions its topic has: until each was heard of, event time stands still. */
  readonly siblings: number
  /** Everything before this offset was observed. */
  readonly position: number
  /** Where the partition's time stands, epoch milliseconds; −Infinity before its first event. */
  readonly time: number
  /** Greatest accepted event time, which may be ahead of it. */
  readonly greatest: number
  readonly latenessMs: number
  /** It has nothing for now and holds time back no longer. */
  readonly isIdle: boolean
  /** Records read since the marker before, whatever came of them, and how many of them were refused. */
  readonly records: number
  readonly refused: number
  /** Records that wait behind `position`, as far as known. */
  readonly waiting: number
  /** Now and then, for whoever looks for detectors without input. */
  readonly sample?: SourceSample
}

/** What a sample of the events of an input partition had, since its reader began. */
export interface SourceSample {
  readonly byVantage: readonly {
    readonly vantage: string
    readonly events: number
    readonly fields: readonly string[]
  }[]
  /** Ids of detectors for which some entity was collected. */
  readonly worked: readonly string[]
}

/** What `ingest` tells `detect` in one message: panes of entities that belong to one partition, then how far it read. */
export interface Observation {
  readonly packs: readonly PanePack[]
  /** Digest of what collectors and judges must agree in; panes of another layout can't be read. */
  readonly layout: string
  /** Holds after the panes; absent where more of them follow in the same transaction. */
  readonly marker?: SourceMarker
}

/** First byte of every message: the newest is written, older ones are read, others are refused and never misread. */
const formatVersion = 3
/** Those before it hold records, each with the name of its detector. */
const packedSince = 3
/** Its markers tell positions and times alone. */
const uncountedVersion = 1

/** What layout and marker take, about. */
const headBytes = 256
/** What names a pack, about. */
const packHeadBytes = 64

export function encodeObservation({ packs, layout, marker }: Observation): Uint8Array<ArrayBuffer> {
  const room = packs.reduce((sum, { bytes }) => sum + bytes.length + packHeadBytes, headBytes)
  const out = new ByteWriter(room)
  out.uint(formatVersion)
  out.text(layout)
  out.uint(marker ? 1 : 0)
  if (marker) encodeMarker(marker, out)
  for (const { detector, version, records, bytes } of packs) {
    out.text(detector)
    out.uint(version)
    out.uint(records)
    out.bytes(bytes)
  }
  return out.finish()
}

function encodeMarker(marker: SourceMarker, out: ByteWriter): void {
  out.text(marker.source)
  out.text(marker.partition)
  out.uint(marker.siblings)
  out.uint(marker.position)
  out.float(marker.time)
  out.float(marker.greatest)
  out.uint(marker.latenessMs)
  out.uint(marker.isIdle ? 1 : 0)
  out.uint(marker.records)
  out.uint(marker.refused)
  out.uint(marker.waiting)
  out.text(marker.sample ? JSON.stringify(marker.sample) : '')
}

/** Undoes `encodeObservation`; packs are views of the bytes. Throws `RangeError` for other bytes. */
export function decodeObservation(bytes: Uint8Array): Observation {
  const from = new ByteReader(bytes)
  const version = from.uint()
  if (version < uncountedVersion || version > formatVersion) {
    throw new RangeError(
      `an observation has format ${version}, this version of Picket reads ${formatVersion}`,
    )
  }
  const layout = from.text()
  const marker = from.uint() === 1 ? decodeMarker(from, version) : undefined
  const packs = version >= packedSince ? decodePacks(from) : packed(from)
  return { packs, layout, ...(marker && { marker }) }
}

function decodePacks(from: ByteReader): PanePack[] {
  const packs: PanePack[] = []
  while (!from.done) {
    const [detector, version, records] = [from.text(), from.uint(), from.uint()]
    packs.push({ detector, version, records, bytes: from.bytes() })
  }
  return packs
}

/** Records of older versions, each as a pack. */
function packed(from: ByteReader): PanePack[] {
  const records: EntityRecord[] = []
  while (!from.done) {
    const [detector, version, entity] = [from.text(), from.uint(), from.text()]
    records.push({ detector, version, entity, bytes: from.bytes() })
  }
  return records.flatMap((record) => packsOf([record]).map((pack) => ({ ...pack, records: 1 })))
}

function decodeMarker(from: ByteReader, version: number): SourceMarker {
  const place = {
    source: from.text(),
    partition: from.text(),
    siblings: from.uint(),
    position: from.uint(),
    time: from.float(),
    greatest: from.float(),
    latenessMs: from.uint(),
    isIdle: from.uint() === 1,
  }
  if (version === uncountedVersion) return { ...place, records: 0, refused: 0, waiting: 0 }
  const marker = { ...place, records: from.uint(), refused: from.uint(), waiting: from.uint() }
  const sample = from.text()
  return sample === '' ? marker : { ...marker, sample: sampleOf(sample) }
}

function sampleOf(text: string): SourceSample {
  try {
    return JSON.parse(text) as SourceSample
  } catch {
    throw new RangeError('a marker holds a torn sample')
  }
}
