import { expect, it } from 'vitest'
import { AnswerCounter } from './answer-counter.ts'

it('counts for everybody who has its memory', () => {
  const here = new AnswerCounter()
  const there = new AnswerCounter(here.memory)
  for (const type of ['deny', 'deny', 'error', 'allow'] as const) there.add(type)
  here.add('deny')
  expect(here.counts()).toEqual({ allow: 1, deny: 3, revoke: 0, throttle: 0, error: 1 })
  expect(there.counts()).toEqual(here.counts())
})
