import { expect, it } from 'vitest'
import type { Changes } from '../../core/ports/state-store.ts'
import type { Run } from '../../core/response/run.ts'
import { finding } from '../testing/state-records.ts'
import { Commits, type Found } from './commits.ts'
import { Tally } from './tally.ts'

/** What is durable, in order; `hold` keeps findings waiting, as a step of response that commits before them does. */
function open() {
  const durable: string[] = []
  const found: Found[] = []
  let release: (error?: Error) => void = () => {}
  const held = new Promise<void>((resolve, reject) => {
    release = (error) => (error ? reject(error) : resolve())
  })
  held.catch(() => {})
  const store = {
    async commit({ findings = [], positions }: Changes) {
      durable.push(...findings.map(({ id }) => id), ...(positions ? ['positions'] : []))
    },
  }
  const executor = {
    async accept(_: unknown, commit: (runs: readonly Run[]) => Promise<void>) {
      await held
      await commit([])
      return []
    },
  }
  const commits = new Commits({ store, executor, tally: new Tally(), onFound: (one) => found.push(one) })
  return { commits, durable, found, release }
}

const positions = new Map([['s p', 7]])

it('makes no position durable before what was sent ahead of it', async () => {
  const { commits, durable, found, release } = open()
  const ahead = commits.atOnce([finding({ id: 'proven' })])
  const behind = commits.inTurn(() => commits.behind([], { positions }))
  await new Promise((resolve) => setTimeout(resolve, 5))
  expect(durable).toEqual([])
  release()
  await Promise.all([ahead, behind])
  expect(durable).toEqual(['proven', 'positions'])
  expect(found.map(({ findings }) => findings.map(({ id }) => id))).toEqual([['proven']])
})

it('commits nothing behind a failure of what went ahead', async () => {
  const { commits, durable, release } = open()
  const ahead = commits.atOnce([finding({ id: 'proven' })])
  release(new Error('the disk is gone'))
  await expect(ahead).rejects.toThrow('the disk is gone')
  for (let time = 0; time < 2; time++) {
    await expect(commits.inTurn(() => commits.behind([], { positions }))).rejects.toThrow('the disk is gone')
  }
  expect(durable).toEqual([])
})
