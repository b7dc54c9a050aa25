import { jsonLengthMax, jsonValue } from '../row-binary/column-values.ts'
import { type Column, commonType } from './table-schema.ts'

type Of<Row, Value> = (row: Row) => Value

export function text<Row>(name: string, of: Of<Row, string | undefined>): Column<Row> {
  return { name, type: 'String', write: (out, row) => out.text(of(row)) }
}

/** Text of few distinct values. */
export function keyword<Row>(name: string, of: Of<Row, string>): Column<Row> {
  return { name, type: commonType, write: (out, row) => out.text(of(row)) }
}

/** Any value as JSON text. */
export function json<Row>(name: string, of: Of<Row, unknown>): Column<Row> {
  return {
    name,
    type: 'String',
    codec: 'ZSTD(1)',
    write: (out, row) => out.longText(jsonValue(of(row)), jsonLengthMax),
  }
}

/** Epoch milliseconds that are always there. */
export function instant<Row>(name: string, of: Of<Row, number>, codec?: string): Column<Row> {
  return {
    name,
    type: "DateTime64(3, 'UTC')",
    ...(codec === undefined ? {} : { codec }),
    write: (out, row) => out.instant(of(row)),
  }
}

export function nullableInstant<Row>(name: string, of: Of<Row, number | undefined>): Column<Row> {
  return {
    name,
    type: "Nullable(DateTime64(3, 'UTC'))",
    write: (out, row) => out.nullableInstant(of(row)),
  }
}

export function uint32<Row>(name: string, of: Of<Row, number>): Column<Row> {
  return { name, type: 'UInt32', write: (out, row) => out.uint32(of(row)) }
}
