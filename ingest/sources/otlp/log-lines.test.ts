import { expect, it } from 'vitest'
import { recordBytes } from '../../../core/ports/source.ts'
import { logLines } from './log-lines.ts'

const options = { from: 'attributes', trustsClientAddress: false } as const
const attribute = (key: string, value: string) => ({ key, value: { stringValue: value } })

it('reads the attributes of a resource once, however many records there are', () => {
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
  const lines = logLines(request, options, 10).map(
    (record) => JSON.parse(Buffer.from(recordBytes(record)).toString()) as unknown,
  )
  expect(lines).toEqual([{ service: 'shop' }, { service: 'till' }, { service: 'shop' }])
  const once = reads
  logLines(
    { resourceLogs: [{ resource: { attributes: [service] }, scopeLogs: [{ logRecords: [{}] }] }] },
    options,
    10,
  )
  expect(reads).toBe(2 * once)
})
