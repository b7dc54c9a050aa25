import { provideKafka } from '../../test/peers/kafka.ts'
import type { Measure, Outcome } from '../figure.ts'
import { measureRestore, restoreFigures, restoreSizes } from './restore-sizes.ts'

/** What it costs `detect` to take a partition over, by what is alive. */
export const restoreChangelog: Measure = {
  id: 'restore-changelog',
  figures: restoreFigures('restore-changelog', 'the changelog'),
  async run(options) {
    const kafka = await provideKafka()
    const ids = restoreSizes.map(({ size }) => `restore-changelog-${size}`)
    if ('skip' in kafka) return new Map<string, Outcome>(ids.map((id) => [id, { unavailable: kafka.skip }]))
    const outcomes = new Map<string, Outcome>()
    try {
      for (const { size, entities, principals } of restoreSizes) {
        const id = `restore-changelog-${size}`
        if (entities > Math.max(100_000, options.events)) {
          outcomes.set(id, { unavailable: `needs --events ${entities} or more` })
          continue
        }
        options.report(`restore-changelog: the state of ${size} entities`)
        const place = { brokers: kafka.brokers, topic: `bench-${process.pid}-${size}.state` }
        const tasks = { make: 'make-changelog', read: 'restore-changelog', place }
        outcomes.set(id, await measureRestore(principals, tasks, options, () => ''))
      }
      return outcomes
    } finally {
      await kafka.stop()
    }
  },
}
