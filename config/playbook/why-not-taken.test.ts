import { describe, expect, it } from 'vitest'
import type { Finding } from '../../core/detector/finding.ts'
import type { Playbook } from '../../core/response/playbook.ts'
import { conditionOf, expressionEnvironment } from './expression.ts'
import { whyNotTaken } from './why-not-taken.ts'

const finding = {
  detector: 'jti-reuse',
  severity: 'info',
  state: 'final',
  score: 0.4,
  entity: { kind: 'token', id: 't' },
  evidence: {},
} as unknown as Finding

const why = (on: string, of: Partial<Finding> = {}) =>
  whyNotTaken(
    {
      accepts: 'final',
      on: conditionOf(on, expressionEnvironment(undefined).parse(on)),
    } as unknown as Playbook,
    { ...finding, ...of },
  )

describe('the condition that a finding does not meet', () => {
  it.each([
    [
      "finding.detector == 'jti-reuse' && finding.severity != 'info' && finding.score >= 0.7",
      "it asks for finding.severity != 'info'",
    ],
    [
      "finding.detector == 'jti-reuse' && (finding.score > 0.5 ||\n  finding.severity == 'high')",
      "it asks for finding.score > 0.5 || finding.severity == 'high'",
    ],
    ['finding.score > 0.5', 'it asks for finding.score > 0.5'],
    ['finding.evidence.gone == 1 && finding.score > 0.5', 'it asks for finding.score > 0.5'],
    ['finding.evidence.gone == 1', 'finding.evidence.gone == 1: No such key: gone'],
  ])('%s', (on, expected) => {
    expect(why(on)).toEqual({ why: expected, isForOthers: false })
  })

  it('is that of the detector for others', () => {
    expect(why("finding.score > 0.5 && finding.detector == 'webhook-skew'")).toMatchObject({
      isForOthers: true,
    })
  })

  it('is its state while a playbook wants final ones', () => {
    expect(why('true', { state: 'provisional' })?.why).toContain('final findings only')
  })

  it('is none when it meets all', () => {
    expect(why("finding.detector == 'jti-reuse'")).toBeUndefined()
  })
})
