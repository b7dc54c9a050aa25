import { expect, it } from 'vitest'
import { recordBytes } from '../../../core/ports/source.ts'
import { logLines } from './log-lines.ts'
import { toldRecords } from './told-records.ts'

const options = { from: 'attributes', trustsClientAddress: false } as const
const attribute = (key: string, value: string) => ({ key, value: { stringValue: value } })

it('reads the attributes of a resource once, however many records there are', async () => {
  let reads = 0
  const service = {
    get key() {
      reads++
      return 'service.name'
    },
    value: { stringValue: 'shop' },
  }
  const logRecords = [{}, { attributes: [attribute('service.name', 'till')] }, {}]
  const request = { resourceLogs: [{ resource: { attributes: [service] }, scopeLogs: [{ logRecords }] }] }
  const records = await logLines(toldRecords(request), options, 10)
  const lines = records.map((record) => JSON.parse(Buffer.from(recordBytes(record)).toString()) as unknown)
  expect(lines).toEqual([{ service: 'shop' }, { service: 'till' }, { service: 'shop' }])
  const once = reads
  const single = {
    resourceLogs: [{ resource: { attributes: [service] }, scopeLogs: [{ logRecords: [{}] }] }],
  }
  await logLines(toldRecords(single), options, 10)
  expect(reads).toBe(2 * once)
})

it('gives turns to other work while it makes lines', async () => {
  let turns = 0
  let isDone = false
  const count = () => {
    turns++
    if (!isDone) setImmediate(count)
  }
  setImmediate(count)
  const logRecords = Array.from({ length: 40_000 }, () => ({ attributes: [attribute('url.path', '/a')] }))
  await logLines(toldRecords({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] }), options, 40_000)
  isDone = true
  expect(turns).toBeGreaterThan(1)
})
