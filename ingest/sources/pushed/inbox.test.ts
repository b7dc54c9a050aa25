import { expect, it } from 'vitest'
import { partitionKey } from '../../../core/event/position.ts'
import { Inbox, type Outcome } from './inbox.ts'
import { textRecord } from './text-record.ts'

const idleMs = 60_000

/** An inbox whose reader has taken as many of the deliveries, and what the senders of all of them were told. */
async function takenOf(count: number, taken: number) {
  const inbox = new Inbox('http', 'events')
  const batches = inbox.batches(new Map(), new AbortController().signal, idleMs)
  await batches.next()
  const told: (Outcome | undefined)[] = Array.from({ length: count }, () => undefined)
  for (const index of told.keys())
    inbox.offer({
      records: [textRecord(`${index}`, 0)],
      received: 0,
      settle: (outcome) => {
        told[index] = outcome
      },
    })
  for (let index = 0; index < taken; index++) {
    const { value } = await batches.next()
    if (value?.kind === 'records') value.decoded?.({ accepted: 1, refused: 0 })
  }
  return { inbox, batches, told }
}

it('when its reader ends, what nobody read is told apart from what may still be committed', async () => {
  const { inbox, batches, told } = await takenOf(3, 2)
  await batches.return(undefined)
  expect(told).toEqual([undefined, undefined, 'not-read'])
  inbox.committed(new Map([[partitionKey('http', 'events'), 1]]))
  inbox.close()
  expect(told).toEqual([{ accepted: 1, refused: 0 }, 'unknown', 'not-read'])
})

it('what comes when nobody reads is told so at once', async () => {
  const { inbox, batches } = await takenOf(0, 0)
  await batches.return(undefined)
  const told: Outcome[] = []
  inbox.offer({ records: [], received: 0, settle: (outcome) => told.push(outcome) })
  expect(told).toEqual(['not-read'])
})
