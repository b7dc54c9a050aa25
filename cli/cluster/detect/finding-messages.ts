import type { IHeaders, KafkaMessage, Message } from 'kafkajs'
import type { Finding } from '../../../core/detector/finding.ts'
import type { Positions } from '../../../core/event/position.ts'
import { findingCodec } from '../../../storage/sqlite/record-codec.ts'

const observedHeader = 'picket-observed'

/** A finding, and up to where its judge had seen each input partition. */
export interface Found {
  readonly finding: Finding
  readonly observed: Positions
}

/** Findings as JSON. The header tells whoever asks for traffic what must be counted before the answer is right. */
export function findingMessages(findings: readonly Finding[], observed: Positions): Message[] {
  const headers: IHeaders = { [observedHeader]: JSON.stringify([...observed]) }
  return findings.map((finding) => ({
    key: finding.id,
    value: findingCodec.encode(finding, finding.id),
    partition: 0,
    headers,
  }))
}

/** Undoes `findingMessages`; `undefined` for a message without a value. Throws for what is no finding. */
export function readFinding({ key, value, headers }: KafkaMessage): Found | undefined {
  if (!value) return undefined
  const observed = headers?.[observedHeader]
  return {
    finding: findingCodec.decode(value.toString('utf8'), String(key)),
    observed: new Map(observed === undefined ? [] : (JSON.parse(String(observed)) as [string, number][])),
  }
}
