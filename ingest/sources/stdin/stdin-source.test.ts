import { PassThrough, Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { partitionKey } from '../../../core/event/position.ts'
import { readLines, runSourceContract } from '../../../test/contracts/source-contract.ts'
import { StdinSource } from './stdin-source.ts'

runSourceContract({
  name: 'StdinSource',
  partitions: 1,
  provide: async ([lines = []]) => ({
    open: ({ isLive }) => {
      const bytes = Buffer.from(`${lines.join('\n')}\n`)
      if (!isLive) return new StdinSource({ id: 'in', input: Readable.from([bytes]) })
      const input = new PassThrough()
      input.write(bytes)
      return new StdinSource({ id: 'in', input })
    },
  }),
})

describe('StdinSource', () => {
  test('says idle once in each quiet time', async () => {
    const input = new PassThrough()
    const source = new StdinSource({ id: 'in', input, idleMs: 30 })
    const reading = readLines(source)
    await sleep(100)
    input.write('one\n')
    await sleep(100)
    input.end('two')
    const { batches } = await reading
    expect(batches.map((batch) => batch.kind)).toEqual([
      'opened',
      'idle',
      'records',
      'idle',
      'records',
      'records',
      'ended',
    ])
  })

  test('goes on counting in the next stream of a pipe, and skips nothing there', async () => {
    const from = new Map([[partitionKey('in', 'stdin'), 100]])
    const source = new StdinSource({ id: 'in', input: Readable.from(['a\nb\n']), resumed: 'next' })
    expect((await readLines(source, from)).lines.get('stdin')).toEqual([
      { text: 'a', offset: 100 },
      { text: 'b', offset: 102 },
    ])
  })

  test('an input shorter than the stored position is another one', async () => {
    const from = new Map([[partitionKey('in', 'stdin'), 100]])
    const source = new StdinSource({ id: 'in', input: Readable.from(['a\nb\n']) })
    await expect(readLines(source, from)).rejects.toThrow('96 bytes before the stored position 100')
  })
})
