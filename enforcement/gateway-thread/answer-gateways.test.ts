import { once } from 'node:events'
import { MessageChannel } from 'node:worker_threads'
import { expect, it } from 'vitest'
import type { Decision } from '../../core/decision/decision.ts'
import { askAuthz } from '../../test/gateway-thread/authz-client.ts'
import { AnswerCounter } from '../answer-counter.ts'
import { answerGateways } from './answer-gateways.ts'
import type { FromThread, ToThread } from './thread-messages.ts'

const deny: Decision = {
  id: 'd-1',
  scope: 'route',
  value: '/orders',
  type: 'deny',
  from: 0,
  until: 1000,
  reason: 'test',
  by: 'person:ada',
}

/** Both ends in this thread, so that nothing is delivered while a request is being answered. */
async function start(routeOf: (tell: (message: ToThread) => void) => void) {
  const { port1: here, port2: there } = new MessageChannel()
  const tell = (message: ToThread) => here.postMessage(message)
  const counter = new AnswerCounter()
  const [first] = await Promise.all([
    once(here, 'message'),
    answerGateways(there, {
      host: '127.0.0.1',
      port: 0,
      counts: counter.memory,
      clock: { now: () => 500 },
      identity: {
        routeOf: () => {
          routeOf(tell)
          return '/orders'
        },
      },
    }),
  ])
  const listening = first[0] as FromThread
  if (listening.kind !== 'listening') throw new Error('it does not listen')
  return { port: listening.port, here, counter, tell }
}

it('reads what was decided before each lookup, though no message was delivered yet', async () => {
  const { port, here, counter, tell } = await start((tell) => tell({ kind: 'apply', decision: deny }))
  expect(await askAuthz(port, {})).toBe(403)
  expect(counter.counts()).toMatchObject({ deny: 1, allow: 0 })
  tell({ kind: 'close' })
  await once(here, 'close')
})

it('survives a change that can not be made, reports it and takes the next', async () => {
  const { port, here, tell } = await start(() => {})
  const reported = once(here, 'message')
  tell({ kind: 'apply', decision: { ...deny, value: '' } })
  tell({ kind: 'apply', decision: deny })
  expect(await reported).toMatchObject([
    { kind: 'errors', count: 1, place: expect.stringMatching(/^RangeError at /) },
  ])
  expect(await askAuthz(port, {})).toBe(403)
  tell({ kind: 'close' })
  await once(here, 'close')
})
