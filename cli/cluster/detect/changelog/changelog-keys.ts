import type { EntityPack, EntityRecord } from '../../../../core/ports/state-store.ts'

/** Kinds of records in the state topic: what their keys are, or begin with. */
export const keys = { time: 'time', finding: 'finding ', pack: 'pack ', entity: 'entity ' } as const

/** Ends what was committed before: whoever reads it has read all of that. */
export const barrierKey = 'barrier'

/** Names a log of packs. Ids of detectors have no blank. */
export type PackLog = Pick<EntityPack, 'detector' | 'version' | 'part'>

export function logName({ detector, version, part }: PackLog): string {
  return `${detector} ${version} ${part}`
}

/** A message of the changelog: a pack, or the next piece of one that is too long for a message. */
export interface PackPlace extends PackLog {
  readonly number: number
  readonly piece: number
}

export function packKey({ detector, version, part, number, piece }: PackPlace): string {
  return `${keys.pack}${detector} ${version} ${part} ${number} ${piece}`
}

const packPattern = /^pack (\S+) (\d+) (pane|slice) (\d+) (\d+)$/

/** Undoes `packKey`. Throws `RangeError` for the key of another version. */
export function parsePackKey(key: string): PackPlace {
  const [, detector, version, part, number, piece] = packPattern.exec(key) ?? []
  if (detector === undefined) throw otherVersion(key)
  return {
    detector,
    version: Number(version),
    part: part as PackPlace['part'],
    number: Number(number),
    piece: Number(piece),
  }
}

/** Compares places of one log: what comes later counts. */
export function inTheirOrder(left: PackPlace, right: PackPlace): number {
  return left.number - right.number || left.piece - right.piece
}

/** What the message of a place holds. */
export function packOf(place: PackPlace, value: Buffer): EntityPack {
  // What a log begins with is not noted: packs before the oldest that counts are gone. The bytes are kept for long, and a value lies
  // in all that was fetched with it.
  return { ...place, oldest: 0, bytes: new Uint8Array(value) }
}

/** A record of one part of an entity, as older versions wrote them: its key has no blank but in the last part. */
export function readEntity(key: string, bytes: Uint8Array): EntityRecord {
  const text = key.slice(keys.entity.length)
  const first = text.indexOf(' ')
  const second = text.indexOf(' ', first + 1)
  return {
    detector: text.slice(0, first),
    version: Number(text.slice(first + 1, second)),
    entity: text.slice(second + 1),
    bytes,
  }
}

/** Whose state the record of a key holds; `undefined` for another record. */
export function ownerOf(key: string): Pick<PackLog, 'detector' | 'version'> | undefined {
  const [, detector, version] = /^(?:pack|entity) (\S+) (\d+) /.exec(key) ?? []
  return detector === undefined ? undefined : { detector, version: Number(version) }
}

export function otherVersion(key: string): RangeError {
  return new RangeError(`the state topic has a record '${key.slice(0, 80)}' of another version of Picket`)
}
