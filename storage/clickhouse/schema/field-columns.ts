import type { FieldType } from '../../../core/event/event-fields.ts'
import type { RowBytes } from '../row-binary/row-bytes.ts'

/** How a field of each type is stored: the column's type, what writes a value, and the one byte of an absent one. */
export const fieldColumns = {
  text: { type: 'String', codec: 'ZSTD(1)', method: 'text', absent: 0 },
  texts: { type: 'Array(String)', method: 'texts', absent: 0 },
  number: { type: 'Nullable(Float64)', method: 'nullableNumber', absent: 1 },
  instant: { type: "Nullable(DateTime64(3, 'UTC'))", method: 'nullableInstant', absent: 1 },
  boolean: { type: 'Nullable(Bool)', method: 'nullableBoolean', absent: 1 },
} as const satisfies Record<
  FieldType,
  { type: string; codec?: string; method: keyof RowBytes; absent: number }
>
