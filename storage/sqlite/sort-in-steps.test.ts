import fc from 'fast-check'
import { expect, it } from 'vitest'
import { sortInSteps } from './sort-in-steps.ts'

it('sorts any number of texts, in steps that are not longer than asked for', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string(), { maxLength: 200 }),
      fc.integer({ min: 1, max: 50 }),
      (texts, stepMax) => {
        const steps = sortInSteps(texts, (text) => text, stepMax)
        let count = 0
        let step = steps.next()
        for (; !step.done; step = steps.next()) count++
        expect(step.value).toEqual([...texts].sort((left, right) => (left < right ? -1 : 1)))
        expect(count).toBeGreaterThanOrEqual(Math.floor(texts.length / stepMax))
      },
    ),
  )
})
