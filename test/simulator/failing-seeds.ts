/** A run that once broke a promise; it is run again with every test. */
export interface FailingSeed {
  readonly seed: number
  readonly killsPerMinute: number
  readonly found: string
}

export const failingSeeds: readonly FailingSeed[] = [
  {
    seed: 186,
    killsPerMinute: 2,
    found: 'the clock jumped in a silence, and took event time an hour ahead of all events',
  },
]
