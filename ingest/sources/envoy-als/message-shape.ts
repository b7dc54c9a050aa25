import type { MessageShape } from '../pushed/message-fields.ts'

const leaf: MessageShape = new Map()
const address: MessageShape = new Map([[1, leaf]])
/** Of texts by text: each entry is a message. */
const texts = leaf

// google.protobuf.Struct: a value may hold values.
const struct = new Map<number, MessageShape>()
const list = new Map<number, MessageShape>()
const value: MessageShape = new Map([
  [5, struct],
  [6, list],
])
struct.set(1, new Map([[2, value]]))
list.set(1, value)

const common: MessageShape = new Map<number, MessageShape>([
  [2, address],
  [4, leaf],
  [5, leaf],
  [12, leaf],
  [16, new Map([[13, leaf]])],
  [17, new Map([[1, new Map([[2, struct]])]])],
  [20, address],
  [22, texts],
  [23, leaf],
])
const entry: MessageShape = new Map<number, MessageShape>([
  [1, common],
  [3, new Map([[13, texts]])],
  [4, new Map([[1, leaf]])],
])

/** What of a `StreamAccessLogsMessage` are messages, as access_log.proto has them. */
export const messageShape: MessageShape = new Map<number, MessageShape>([
  [2, new Map([[1, entry]])],
  [3, leaf],
])
