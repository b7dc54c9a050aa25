import { expect, it } from 'vitest'
import { encodeObservation } from '../../../core/cluster/observation.ts'
import { partitionKey } from '../../../core/event/position.ts'
import { InputTopics } from '../input-topics.ts'
import { TrafficView } from './traffic-view.ts'

const marker = {
  source: 'edge',
  partition: 'access.a:0',
  siblings: 1,
  position: 9,
  time: 5000,
  greatest: 5000,
  latenessMs: 0,
  isIdle: false,
  records: 9,
  refused: 0,
  waiting: 0,
}

it('lets a finding wait for the traffic before it, but not for that of a topic that is gone', () => {
  const inputs = new InputTopics([{ name: 'edge', topics: [{ pattern: '^access\\.' }] }], [])
  const view = new TrafficView({} as never, { inputs, layout: 'l' })
  inputs.look(['access.a'])
  const here = partitionKey('edge', 'access.a:0')
  const deleted = partitionKey('edge', 'access.old:0')
  view.take(encodeObservation({ packs: [], layout: 'l', marker }))
  expect(view.hasSeen(new Map([[here, 9]]))).toBe(true)
  expect(view.hasSeen(new Map([[here, 10]]))).toBe(false)
  // Its traffic may still come.
  expect(view.hasSeen(new Map([[deleted, 3]]))).toBe(false)
  inputs.look(['access.a'])
  inputs.look(['access.a'])
  expect(view.hasSeen(new Map([[deleted, 3]]))).toBe(true)
  expect(view.hasSeen(new Map([[here, 10]]))).toBe(false)
})
