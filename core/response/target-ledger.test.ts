import { expect, it } from 'vitest'
import { TargetLedger } from './target-ledger.ts'

const entry = { at: 5, until: 100, simulated: false }
const inForce = (ledger: TargetLedger, now = 50) => [...ledger.targetsInForce(now, false)]

it('counts nothing where two enforcements on one target failed, in either order', () => {
  for (const order of [
    [0, 1],
    [1, 0],
  ]) {
    const ledger = new TargetLedger()
    const holds = [
      ledger.hold('contain', 'ip:192.0.2.1', entry),
      ledger.hold('contain', 'ip:192.0.2.1', entry),
    ]
    for (const nth of order) {
      expect(inForce(ledger)).toEqual(['ip:192.0.2.1'])
      holds[nth]?.release()
    }
    expect([inForce(ledger), [...ledger.targetsSince('contain', 0, false)]]).toEqual([[], []])
  }
})

it('keeps what came about, whatever failed beside it', () => {
  const ledger = new TargetLedger()
  const first = ledger.hold('contain', 'ip:192.0.2.1', entry)
  const second = ledger.hold('contain', 'ip:192.0.2.1', { ...entry, until: 900 })
  first.keep()
  second.release()
  ledger.prune(50, 40)
  expect([inForce(ledger), inForce(ledger, 100)]).toEqual([['ip:192.0.2.1'], []])
})

it('counts in its hour what was ended while a renewal was under way that failed', () => {
  const ledger = new TargetLedger()
  ledger.hold('contain', 'ip:192.0.2.1', entry).keep()
  const renewal = ledger.hold('contain', 'ip:192.0.2.1', { ...entry, at: 60, until: 160 })
  ledger.end('contain', 'ip:192.0.2.1', 70)
  renewal.release()
  expect(inForce(ledger, 80)).toEqual([])
  expect([...ledger.targetsSince('contain', 4, false)]).toEqual(['ip:192.0.2.1'])
  expect([...ledger.targetsSince('contain', 5, false)]).toEqual([])
})
