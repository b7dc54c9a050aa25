import type { DialectValue } from './places.ts'

/**
 * Values of a line that its dialect judges itself; used again for the next line. Whoever judges them takes texts and
 * numbers, and lists where `listedValues` names the value: of other lists and objects only that they are there is told.
 */
export class DialectValues implements Record<DialectValue, unknown> {
  marker: unknown = undefined
  details: unknown = undefined
  flags: unknown = undefined
  request_line: unknown = undefined
  user: unknown = undefined
  proof: unknown = undefined
  target: unknown = undefined
  query: unknown = undefined
  date: unknown = undefined
  clock: unknown = undefined
  agent: unknown = undefined
  operation: unknown = undefined
  decision: unknown = undefined
  class: unknown = undefined
  headers: unknown = undefined
  labels: unknown = undefined
  resources: unknown = undefined
  forwarded: unknown = undefined
  fingerprints: unknown = undefined

  clear(): void {
    this.marker = undefined
    this.details = undefined
    this.flags = undefined
    this.request_line = undefined
    this.user = undefined
    this.proof = undefined
    this.target = undefined
    this.query = undefined
    this.date = undefined
    this.clock = undefined
    this.agent = undefined
    this.operation = undefined
    this.decision = undefined
    this.class = undefined
    this.headers = undefined
    this.labels = undefined
    this.resources = undefined
    this.forwarded = undefined
    this.fingerprints = undefined
  }
}
