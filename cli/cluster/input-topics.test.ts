import { expect, it } from 'vitest'
import { InputTopics } from './input-topics.ts'

const access = [{ name: 'edge', topics: [{ pattern: '^access\\.' }, { name: 'legacy' }] }]
const topic = (name: string) => ({ source: 'edge', topic: name })
const own = ['access.findings']

it('reads what is named and what matches and is there, but no topic of the cluster itself', () => {
  const inputs = new InputTopics(access, own)
  expect(inputs.hasPatterns).toBe(true)
  expect(inputs.readBy('edge')).toEqual(['legacy'])
  inputs.look(['access.b', 'access.a', 'access.findings', 'billing', 'legacy'])
  expect(inputs.readBy('edge')).toEqual(['access.a', 'access.b', 'legacy'])
  expect(inputs.topics).toEqual(['access.a', 'access.b', 'legacy'].map(topic))
  expect(['access.a', 'billing', 'access.findings'].map((name) => inputs.heardOf(topic(name)))).toEqual([
    true,
    false,
    false,
  ])
  expect(inputs.heardOf({ source: 'other', topic: 'access.a' })).toBe(false)
  expect(new InputTopics([{ name: 'edge', topics: [{ name: 'a' }] }], []).hasPatterns).toBe(false)
})

it('takes a topic for gone after two looks without it, and back when it is found', () => {
  const inputs = new InputTopics(access, own)
  inputs.look(['access.a'])
  inputs.look([])
  expect(inputs.readBy('edge')).toEqual(['access.a', 'legacy'])
  expect(inputs.isGone(topic('access.a'))).toBe(false)
  inputs.look([])
  expect(inputs.readBy('edge')).toEqual(['legacy'])
  expect(inputs.topics).toEqual([topic('legacy')])
  expect(inputs.isGone(topic('access.a'))).toBe(true)
  // A named one must come again: nobody said that it may go.
  expect(inputs.isGone(topic('legacy'))).toBe(false)
  inputs.look(['access.a'])
  expect(inputs.isGone(topic('access.a'))).toBe(false)
  expect(inputs.readBy('edge')).toEqual(['access.a', 'legacy'])
})

it('waits for a topic that it only heard of, and reads it once it is found', () => {
  const inputs = new InputTopics(access, own)
  inputs.look([])
  expect(inputs.heardOf(topic('access.new'))).toBe(true)
  expect(inputs.topics).toEqual(['access.new', 'legacy'].map(topic))
  expect(inputs.readBy('edge')).toEqual(['legacy'])
  inputs.look([])
  // Somebody's messages of it are still being read.
  inputs.heardOf(topic('access.new'))
  inputs.look([])
  expect(inputs.isGone(topic('access.new'))).toBe(false)
  inputs.look([])
  expect(inputs.isGone(topic('access.new'))).toBe(true)
})

it('says of a topic that nobody has told of yet that it is gone only when it has looked for it', () => {
  const inputs = new InputTopics(access, own)
  expect(inputs.isGone(topic('access.old'))).toBe(false)
  inputs.look([])
  expect(inputs.isGone(topic('access.old'))).toBe(false)
  inputs.look([])
  expect(inputs.isGone(topic('access.old'))).toBe(true)
  expect(inputs.isGone(topic('billing'))).toBe(true)
})

it('tells of each look until it is no longer asked to', () => {
  const inputs = new InputTopics(access, own)
  let looks = 0
  const stop = inputs.onLook(() => looks++)
  inputs.look([])
  stop()
  inputs.look([])
  expect(looks).toBe(1)
})
