import type { Event } from '../../../core/event/event.ts'
import { type EventField, eventFields } from '../../../core/event/event-fields.ts'
import type { RowBytes } from '../row-binary/row-bytes.ts'
import { fieldColumns } from './field-columns.ts'

type WriteFields = (out: RowBytes, event: Event) => void

/**
 * One function that writes these fields in this order, with each name in its code: the runtime then finds a value in a
 * third of the time that a loop over names takes. Most fields are absent, and their bytes are written by the run. The
 * names are our own table's, never input.
 */
export function compileEventFields(fields: readonly EventField[]): WriteFields {
  const columns = fields.map((field) => fieldColumns[eventFields[field].type])
  const absent = Uint8Array.from(columns, (column) => column.absent)
  const lines = fields.map(
    (field, index) => `if ((value = event[${JSON.stringify(field)}]) !== undefined) {
  if (absentFrom < ${index}) out.raw(absent, absentFrom, ${index})
  out.${columns[index]?.method}(value)
  absentFrom = ${index + 1}
}`,
  )
  const body = `return (out, event) => {
let value, absentFrom = 0
${lines.join('\n')}
if (absentFrom < ${fields.length}) out.raw(absent, absentFrom, ${fields.length})
}`
  return new Function('absent', body)(absent) as WriteFields
}
