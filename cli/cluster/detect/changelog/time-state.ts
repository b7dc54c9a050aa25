import { keys } from './changelog-keys.ts'

/** Up to where was sealed, the snapshot of the sources' times, and up to where observations are in the state. */
export interface TimeState {
  readonly watermark: number
  readonly sources: string
  /** Offset to read on from: the group's own is forgotten when nobody reads for a week, and nothing may be merged twice. */
  readonly next: number
}

/** As text, for JSON has no infinities. */
export function writeTime({ watermark, ...rest }: TimeState): string {
  return JSON.stringify({ watermark: String(watermark), ...rest })
}

/** The record of a changelog that says where its partition stands; `undefined` for another. */
export function readTime(key: string, value: Buffer | null): TimeState | undefined {
  if (key !== keys.time || !value) return undefined
  const { watermark, ...rest } = JSON.parse(value.toString('utf8')) as TimeState
  return { watermark: Number(watermark), ...rest }
}
