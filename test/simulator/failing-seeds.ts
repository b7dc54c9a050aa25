/** A run that once broke a promise; it is run again with every test. */
export interface FailingSeed {
  readonly seed: number
  readonly killsPerMinute: number
  readonly found: string
}

const switched = 'a step was done under a kill switch that was pulled while its intent was written'
const setBack =
  'the clock was set back, and a renewed decision that ended before its beginning stopped response'

export const failingSeeds: readonly FailingSeed[] = [
  { seed: 190, killsPerMinute: 2, found: switched },
  { seed: 617, killsPerMinute: 2, found: switched },
  { seed: 787, killsPerMinute: 2, found: setBack },
  { seed: 1036, killsPerMinute: 2, found: setBack },
  {
    seed: 186,
    killsPerMinute: 2,
    found: 'the clock jumped in a silence, and took event time an hour ahead of all events',
  },
  {
    seed: 70334,
    killsPerMinute: 12,
    found: 'a refusal between two attempts did not say that one before the restart may have arrived',
  },
]
